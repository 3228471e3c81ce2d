// The journal of a run: one JSON line per fact, on the disk before the thing it tells of exists. It is written to
// several places (output folder, memmap directory, register of the machine), each complete in itself, so that
// whoever looks at any of these folders later, even after the system emptied its temporary directory, finds the owner.
import { constants, type Stats } from 'node:fs';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactKind } from '../artifact-kinds.js';
import { isMissing } from '../paths.js';
import type { ProcessIdentity } from './process-identity.js';
import type { TeardownPolicy } from '../teardown-policy.js';

/** First line of a journal. */
export interface RunHeader extends ProcessIdentity {
  readonly record: 'run';
  readonly version: 1;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Real paths. */
  readonly outputDir: string;
  readonly memmapDir: string | null;
  readonly runtimeTempDir: string;
  readonly inputPaths: readonly string[];
  /** Folders that the run makes around its artefacts; they go when they are empty. */
  readonly createdDirs: readonly string[];
  readonly policy: TeardownPolicy;
  /** A later run may go on where this one stopped or was killed. */
  readonly resume?: boolean;
}

/** An artefact, written before it is created. `adopted`: a folder that stood there already. */
export interface ArtifactRecord {
  readonly record: 'artifact';
  readonly path: string;
  readonly kind: ArtifactKind;
  /** Locale key: what it is. */
  readonly meaning: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly adopted: boolean;
  /** A resume of this run would need it. */
  readonly neededForResume: boolean;
}

/** Later facts: an artefact is gone (or never was), a final output stands, the run has ended. */
export type LaterRecord =
  | { readonly record: 'removed'; readonly path: string }
  | { readonly record: 'output'; readonly path: string }
  | {
      readonly record: 'ended';
      readonly outcome: RunOutcome;
      /** What stays on purpose; whatever else is still there failed to go. */
      readonly kept: readonly string[];
      /** The kept ones wait for a resume. */
      readonly resumable: boolean;
    };

/** How a run's body ended. */
export type RunOutcome = 'success' | 'error' | 'interrupted';

/** A line of a journal. */
export type JournalRecord = RunHeader | ArtifactRecord | LaterRecord;

/** Path of a run's journal inside a folder that it uses. */
export function journalPathIn(dir: string, runId: string): string {
  return path.join(dir, `.zemosaic-run-${runId}.journal`);
}

/** Folder of the register of this machine's runs inside the runtime temp directory. */
export function registerDirOf(runtimeTempDir: string): string {
  return path.join(runtimeTempDir, 'runs');
}

/** Path of a run's journal in the register. */
export function registerPathOf(runtimeTempDir: string, runId: string): string {
  return path.join(registerDirOf(runtimeTempDir), `${runId}.journal`);
}

/** Every copy that a run's journal has, by what its header says. */
export function journalCopiesOf(header: RunHeader): string[] {
  const { runId, outputDir, memmapDir, runtimeTempDir } = header;
  const folders = memmapDir === null ? [outputDir] : [outputDir, memmapDir];
  return [...folders.map((dir) => journalPathIn(dir, runId)), registerPathOf(runtimeTempDir, runId)];
}

/** The open journal of this run. */
export class RunJournal {
  readonly #copies: { readonly file: string; readonly handle: FileHandle }[] = [];
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(readonly header: RunHeader) {}

  /** Creates the first copy of the journal; throws the system's error. */
  static async create(file: string, header: RunHeader): Promise<RunJournal> {
    const journal = new RunJournal(header);
    await journal.addCopy(file);
    return journal;
  }

  /** Creates a further copy; all copies must exist before the first artefact is told of. */
  async addCopy(file: string): Promise<void> {
    if (this.#copies.some((copy) => copy.file === file)) return;
    const handle = await createJournalFile(file);
    try {
      await writeLine(handle, this.header);
      await syncDirectory(path.dirname(file));
    } catch (error) {
      await handle.close();
      await unlinkIfThere(file);
      throw error;
    }
    this.#copies.push({ file, handle });
  }

  /** Adds a line to every copy; resolved only when each is on the disk. */
  append(record: JournalRecord): Promise<void> {
    const written = this.#queue.then(async () => {
      for (const { handle } of this.#copies) await writeLine(handle, record);
    });
    // A failed line is its caller's to handle; the lines after it still have their turn.
    this.#queue = written.catch(() => undefined);
    return written;
  }

  /** The files of all copies. */
  get files(): readonly string[] {
    return this.#copies.map(({ file }) => file);
  }

  /** Closes the files and leaves them. */
  async close(): Promise<void> {
    await this.#queue;
    if (this.#closed) return;
    this.#closed = true;
    for (const { handle } of this.#copies) await handle.close();
  }

  /**
   * Closes and deletes every copy: nothing of the run is left to be found. The first goes last, after `clearFolders`: whoever is killed in between
   * leaves one that tells the next run of the folders.
   */
  async remove(clearFolders: () => Promise<void>): Promise<void> {
    await this.close();
    const [first, ...others] = this.files;
    for (const file of others) await unlinkIfThere(file);
    await clearFolders();
    await unlinkIfThere(first);
  }
}

/** Deletes a file; that it is gone already is no fault. */
export async function unlinkIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function writeLine(handle: FileHandle, record: JournalRecord): Promise<void> {
  await handle.appendFile(`${JSON.stringify(record)}\n`);
  await handle.datasync();
}

/** A journal is read by other people's runs (whose is this file?) and written by its owner only. */
const JOURNAL_MODE = 0o644;

async function createJournalFile(file: string): Promise<FileHandle> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await open(file, 'ax', JOURNAL_MODE);
    } catch (error) {
      // Another run that ends just now may have removed the empty register between our mkdir and this open.
      if (!isMissing(error) || attempt === 3) throw error;
      await mkdir(path.dirname(file), { recursive: true });
    }
  }
}

/** Makes the names in a directory durable, where the system can. */
export async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === 'win32') return; // a directory cannot be opened there
  const handle = await open(dir, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether a journal may be acted upon: our own file, that nobody else could have written. */
export function isTrustedOwner(stats: Stats): boolean {
  if (process.getuid === undefined) return true;
  return stats.uid === process.getuid() && (stats.mode & 0o022) === 0;
}

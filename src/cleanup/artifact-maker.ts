// Makes what the journal must know of before it exists, and takes back from it what could not be made.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { CodedError, isDiskFull } from '../errors.js';
import { kindRow, type ArtifactKind } from './artifact-kinds.js';
import { diskSpaceError, freeBytesOf } from './disk-space.js';
import type { ArtifactRecord } from './journal/journal.js';
import { MemmapError } from './memmap-spec.js';
import { identify, realPathOf, systemCode } from './paths.js';
import type { RunState } from './run-state.js';

/** A name is taken, does not belong to its kind, or the workspace is closed. */
export class WorkspaceError extends CodedError {}

/** How to make an artefact. */
export interface ArtifactOptions {
  /** The folder to make it in; where the caller makes such things, when omitted. */
  readonly dir?: string;
  /** Locale key of what it is; the kind's own when omitted. */
  readonly meaning?: string;
  /** A resume of this run would need it. */
  readonly neededForResume?: boolean;
}

/** With the folder it is made in. */
type PlacedOptions = ArtifactOptions & { readonly dir: string };

/** The side of a workspace that makes things; closed when the run has ended. */
export class ArtifactMaker {
  readonly #shells = new Map<string, Promise<string>>();
  #isClosed = false;

  constructor(private readonly state: RunState) {}

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** From now on nothing is made any more: whoever tries meets a WorkspaceError. */
  close(): void {
    this.#isClosed = true;
  }

  /** An empty file in a folder that is there. */
  async file(kind: ArtifactKind, name: string, options: PlacedOptions): Promise<string> {
    if (!kindRow(kind).name.test(name)) throw new WorkspaceError('cleanup_name_not_of_kind', { name, kind });
    return this.create(kind, path.join(realPathOf(options.dir), name), options, async (at) => {
      await (await open(at, 'wx')).close();
    });
  }

  /** A folder that goes with all that is in it. */
  async tree(kind: ArtifactKind, name: string, options: PlacedOptions): Promise<string> {
    return this.create(kind, path.join(realPathOf(options.dir), name), options, (at) => mkdir(at));
  }

  /** A folder that goes when it is empty, made if need be; one a run, however often it is asked for. */
  shell(kind: ArtifactKind, dir: string): Promise<string> {
    let made = this.#shells.get(dir);
    if (made === undefined) this.#shells.set(dir, (made = this.#makeOrAdopt(kind, dir)));
    return made;
  }

  async #makeOrAdopt(kind: ArtifactKind, dir: string): Promise<string> {
    if (identify(dir) === null) {
      return this.create(kind, dir, {}, async (at) => {
        await mkdir(at, { recursive: true });
      });
    }
    await this.tell(kind, dir, {}, true);
    return dir;
  }

  /** Journal first, then the thing itself; what could not be made is taken back from the journal. */
  async create(
    kind: ArtifactKind,
    at: string,
    options: ArtifactOptions,
    make: (at: string) => Promise<void>,
  ): Promise<string> {
    if (identify(at) !== null) throw new WorkspaceError('cleanup_name_taken', { path: at });
    await this.tell(kind, at, options, false);
    try {
      await make(at);
    } catch (error) {
      await this.forget(at);
      if (systemCode(error) === 'EEXIST') {
        throw new WorkspaceError('cleanup_name_taken', { path: at }, { cause: error });
      }
      throw await this.diskError(error, path.dirname(at), 0);
    }
    return at;
  }

  /** Tells the journal of it; `adopted` where it was there before. */
  async tell(kind: ArtifactKind, at: string, options: ArtifactOptions, adopted: boolean): Promise<void> {
    if (this.#isClosed) throw new WorkspaceError('cleanup_workspace_closed', { path: at });
    const record: ArtifactRecord = {
      record: 'artifact',
      path: at,
      kind,
      meaning: options.meaning ?? kindRow(kind).meaning,
      createdAt: new Date().toISOString(),
      adopted,
      neededForResume: options.neededForResume ?? false,
    };
    this.state.artifacts.set(at, record);
    try {
      await this.state.journal.append(record);
    } catch (error) {
      this.state.artifacts.delete(at);
      throw await this.diskError(error, this.state.places.outputDir, 0);
    }
  }

  /** It is gone. */
  async forget(at: string): Promise<void> {
    this.state.artifacts.delete(at);
    await this.state.journal.append({ record: 'removed', path: at });
  }

  /** What a full disk, or one that takes no file so large, is told as; other errors are as they were. */
  async diskError(error: unknown, dir: string, neededBytes: number): Promise<unknown> {
    if (isDiskFull(error)) return diskSpaceError(dir, neededBytes, await freeBytesOf(dir), error);
    if (systemCode(error) === 'EFBIG') {
      const neededMib = Math.ceil(neededBytes / 2 ** 20);
      return new MemmapError('cleanup_file_too_large', { directory: dir, neededMib }, { cause: error });
    }
    return error;
  }
}

// One run at a time in an output folder. The lock names its holder; the lock of a dead run is taken over.
import { open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../errors.js';
import { unlinkIfThere } from './journal.js';
import { isMissing, systemCode } from '../paths.js';
import { isProcessLive, type ProcessIdentity } from './process-identity.js';
import { setTimeout as sleep } from 'node:timers/promises';

/** Another run works in this output folder. */
export class OutputFolderInUseError extends CodedError {}

/** What a lock file says. */
export interface LockHolder extends ProcessIdentity {
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** Path of the lock of an output folder. */
export function lockPathOf(outputDir: string): string {
  return path.join(outputDir, '.zemosaic-lock');
}

/** The lock of this run on its output folder. */
export class OutputLock {
  private constructor(readonly path: string) {}

  /** Takes the lock; throws `OutputFolderInUseError` with the live holder's process and start. */
  static async acquire(outputDir: string, holder: LockHolder): Promise<OutputLock> {
    const lockPath = lockPathOf(outputDir);
    // Each turn either creates the lock, meets a live holder, or sets one dead lock aside; two dead locks in a row
    // would need two runs that died within these few milliseconds.
    for (let turn = 0; turn < 4; turn++) {
      if (await createLock(lockPath, holder)) return new OutputLock(lockPath);
      const found = await readLock(lockPath);
      if (found === null) continue;
      if (found.live) throw inUse(outputDir, found.holder);
      await setAside(lockPath, found.text, holder.runId);
    }
    throw inUse(outputDir, (await readLock(lockPath))?.holder ?? null);
  }

  /** Gives the folder free. */
  release(): Promise<void> {
    return unlinkIfThere(this.path);
  }
}

/** Removes the lock of a dead run; true when there was one. A live run's lock stays. */
export async function removeDeadLock(outputDir: string): Promise<boolean> {
  const found = await readLock(lockPathOf(outputDir));
  if (found === null || found.live) return false;
  await unlinkIfThere(lockPathOf(outputDir));
  return true;
}

function inUse(outputDir: string, holder: LockHolder | null): OutputFolderInUseError {
  return new OutputFolderInUseError('cleanup_output_folder_in_use', {
    outputDir,
    pid: holder?.pid ?? 0,
    startedAt: holder?.startedAt ?? '',
    machine: holder?.machine.split(' ')[0] ?? '',
  });
}

async function createLock(lockPath: string, holder: LockHolder): Promise<boolean> {
  let handle;
  try {
    handle = await open(lockPath, 'wx', 0o644);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await handle.writeFile(JSON.stringify(holder));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

interface FoundLock {
  readonly text: string;
  readonly holder: LockHolder | null;
  readonly live: boolean;
}

async function readLock(lockPath: string): Promise<FoundLock | null> {
  // The holder creates the file and then fills it: an unreadable text is given a moment.
  for (let patience = 20; ; patience--) {
    try {
      const text = await readFile(lockPath, 'utf8');
      const ageMs = Date.now() - (await stat(lockPath)).mtimeMs;
      const holder = parseHolder(text);
      if (holder !== null) return { text, holder, live: isProcessLive(holder, ageMs) };
      if (patience === 0) return { text, holder: null, live: false };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    await sleep(25);
  }
}

function parseHolder(text: string): LockHolder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const holder = value as LockHolder | null;
  const complete =
    typeof holder?.pid === 'number' &&
    typeof holder.machine === 'string' &&
    typeof holder.startedAt === 'string';
  return complete ? holder : null;
}

/** Moves a dead lock out of the way; if what was moved turns out to be another's fresh lock, it is put back. */
async function setAside(lockPath: string, deadText: string, runId: string): Promise<void> {
  const aside = `${lockPath}-${runId}`;
  try {
    await rename(lockPath, aside);
    if ((await readFile(aside, 'utf8')) !== deadText) {
      await rename(aside, lockPath);
      return;
    }
    await unlinkIfThere(aside);
  } catch (error) {
    if (!isMissing(error)) throw error; // somebody else set it aside first
  }
}

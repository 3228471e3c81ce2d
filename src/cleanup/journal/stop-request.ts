// How another process asks a run to stop: a file beside the run's journal in the register. No process number is signalled, so nobody else
// can be hit by it, and it is the same on every system.
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isTrustedOwner, registerDirOf, unlinkIfThere } from './journal.js';

/** `stop` ends the run as Ctrl-C does; `keep` also turns the removal of temporary files off. */
export type StopRequest = 'stop' | 'keep';

/** How often a run looks: a person's patience, and next to no work. */
const LOOK_MS = 300;

/** Path of the request to a run. */
export function stopRequestPathOf(run: { readonly runtimeTempDir: string; readonly runId: string }): string {
  return path.join(registerDirOf(run.runtimeTempDir), `${run.runId}.stop`);
}

/** Asks; heard within a second by a run that lives. @throws the system's error */
export async function requestStop(file: string, request: StopRequest): Promise<void> {
  // Whole or not at all: the run may look at any time.
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(request);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Calls `heard` once a request is there; the result ends the looking and takes an unheard request away. */
export function watchStopRequest(file: string, heard: (request: StopRequest) => void): () => Promise<void> {
  let over = false;
  const look = async (): Promise<void> => {
    const request = await readRequest(file);
    if (over || request === undefined) return;
    over = true;
    clearInterval(timer);
    await unlinkIfThere(file);
    heard(request);
  };
  // A request that cannot be read now is looked for again.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  timer.unref();
  return async () => {
    over = true;
    clearInterval(timer);
    await unlinkIfThere(file).catch(() => undefined);
  };
}

/** What stands in the file, of ours alone: the register may lie where others can write. */
async function readRequest(file: string): Promise<StopRequest | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > 16 || !isTrustedOwner(stats)) return undefined;
    const text = await handle.readFile('utf8');
    return text === 'stop' || text === 'keep' ? text : undefined;
  } finally {
    await handle.close();
  }
}

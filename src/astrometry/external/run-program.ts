// A program of somebody else, run to its end or to ours: whatever it starts ends with it.
import type { ChildProcess } from 'node:child_process';

export interface ProgramOptions {
  /** Working directory. */
  readonly folder: string;
  /** Wall clock. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Loaded late, for few runs start a program. */
const childProcess = () => process.getBuiltinModule('node:child_process');

/** A killed process is gone within this time, or is left to the system. */
const DEATH_MS = 5000;

/** How it ended, or the system's code for why it was not started. Exit codes are not told: these programs' codes do not say whether they have succeeded. */
export type ProgramEnd = 'exited' | 'timeout' | { readonly notStarted: string };

/**
 * Starts `file` in a process group of its own, without input and with its output dropped, and waits. At the time limit, at the signal and when this
 * process ends the whole group is killed; after an ordinary end too, for what it may have left running.
 * @throws the signal's reason, after the kill.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { folder, timeoutMs, signal }: ProgramOptions,
): Promise<ProgramEnd> {
  signal?.throwIfAborted();
  const child = start(file, args, folder);
  if ('notStarted' in child) return child;
  let stopWaiting: () => void = () => undefined;
  const kill = () => {
    killTree(child);
    // what hangs in the system itself (a dead network disk) does not even die
    setTimeout(() => stopWaiting(), DEATH_MS).unref();
  };
  process.once('exit', kill);
  signal?.addEventListener('abort', kill);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  try {
    const refusal = await new Promise<unknown>((resolve) => {
      child.once('error', resolve);
      child.once('exit', () => resolve(undefined));
      stopWaiting = () => resolve(undefined);
    });
    signal?.throwIfAborted();
    if (refusal !== undefined) return notStarted(refusal);
    return timedOut ? 'timeout' : 'exited';
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    process.removeListener('exit', kill);
    killTree(child);
  }
}

/** Some refusals come at once, as that of a path through a file; others as an event. */
function start(
  file: string,
  args: readonly string[],
  folder: string,
): ChildProcess | { readonly notStarted: string } {
  try {
    return childProcess().spawn(file, args, {
      cwd: folder,
      stdio: 'ignore',
      windowsHide: true,
      // a group of its own, which can be killed as a whole; Windows knows process trees instead
      detached: process.platform !== 'win32',
    });
  } catch (error) {
    return notStarted(error);
  }
}

function notStarted(error: unknown): { readonly notStarted: string } {
  if (error instanceof Error && 'syscall' in error)
    return { notStarted: String((error as NodeJS.ErrnoException).code) };
  throw error;
}

/** The program and words that end a process of Windows with all that it has started. By its full path: a folder on the search path, or the one that we are in, may hold another. */
export function killTreeOnWindows(
  pid: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): [file: string, args: string[]] {
  const system = env.SystemRoot ?? env.windir ?? 'C:\\Windows';
  return [`${system}\\System32\\taskkill.exe`, ['/pid', String(pid), '/T', '/F']];
}

function killTree({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    // a tree is found through its root, which must still be there
    if (exitCode === null && signalCode === null)
      childProcess()
        .spawn(...killTreeOnWindows(pid), { stdio: 'ignore', windowsHide: true })
        .once('error', () => undefined);
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // nobody of the group is left; macOS says EPERM of one that consists of zombies
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

// A thread pool that is busy for as long as a test wants.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, read, writeSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Threads of the pool unless the environment says otherwise. */
const THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

/** What `work` gives while each thread of the pool waits for a byte from a pipe in `dir`. Not on Windows, which has no such pipes. */
export async function whilePoolIsBusy<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const at = path.join(dir, 'busy.pipe');
  execFileSync('mkfifo', [at]);
  // both ways, so that it neither waits to be opened nor ends
  const pipe = openSync(at, constants.O_RDWR);
  const reads = Array.from({ length: THREADS }, () => promisify(read)(pipe, new Uint8Array(1), 0, 1, null));
  try {
    return await work();
  } finally {
    writeSync(pipe, new Uint8Array(THREADS));
    await Promise.all(reads);
    closeSync(pipe);
  }
}

/** Whether something comes to its end while the event loop turns some times, without a wait for another thread. */
export async function endsInPlace(work: Promise<unknown>): Promise<boolean> {
  let ended = false;
  void work.then(() => (ended = true));
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  return ended;
}

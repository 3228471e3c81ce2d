// A thread of the program from a module of its own, whether the program runs built or from its sources.
import { Worker } from 'node:worker_threads';
import { ownFlags } from './v8-flags.js';

const FROM_SOURCE = import.meta.filename.endsWith('.ts');
/** Takes the code that is kept of the joined program for its threads too. */
const LOADER = new URL('../bin/load-thread.cjs', import.meta.url);

/** What a thread loads once it runs is there by then. */
const LOADED_MS = 50;

/** A thread of a built module. Which flags V8 has as it starts is up to the caller (src/v8-flags.ts); none of ours go with it. */
export function builtThread(file: string, workerData: unknown): Worker {
  return new Worker(LOADER, { argv: [file], workerData, execArgv: [] });
}

/** The module whose path but for its extension is `stem`, as a thread loads it. */
export const moduleAt = (stem: string): string => `${stem}${FROM_SOURCE ? '.ts' : '.js'}`;

/** Starts the module whose path but for its extension is `stem`. None of our flags go with it. */
export function startThread(stem: string, workerData: unknown): Worker {
  const started = ownFlags();
  try {
    return builtThread(moduleAt(stem), workerData)
      .once('online', () => setTimeout(started, LOADED_MS).unref())
      .once('exit', started);
  } catch (error) {
    started();
    throw error;
  }
}

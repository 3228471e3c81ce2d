// What is never removed, written as real paths.
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isMissing, realEntryPath, realPathOf } from '../paths.js';
import type { RunRecord } from '../journal/read-journals.js';
import type { Guarded } from './teardown-facts.js';

/** Paths looked at in one go: some milliseconds. */
const BATCH = 256;

/**
 * The guard of a teardown: `inputPaths` (files or folders; of a link both the link and what it leads to), the
 * `outputs` and `folders` given, and the inputs, outputs and output folders of the `others`.
 */
export async function guardOf(
  inputPaths: Iterable<string>,
  outputs: Iterable<string>,
  folders: Iterable<string>,
  others: readonly RunRecord[],
): Promise<Guarded> {
  const inputDirs = new Set<string>();
  const inputFiles = new Set<string>();
  // Most runs were of the same few folders.
  const given = [...new Set([...inputPaths, ...others.flatMap((run) => run.header.inputPaths)])];
  // Asked at once, for inputs stand in few folders; what else waits has its turn between batches.
  const folderOf = memoised(realPathOf);
  for (let at = 0; at < given.length; at += BATCH) {
    if (at > 0) await setImmediate();
    for (const input of given.slice(at, at + BATCH)) {
      const real = realPathOf(input);
      const entry = realEntryPath(input, folderOf);
      (isDirectory(input) ? inputDirs : inputFiles).add(real);
      if (entry !== real) inputFiles.add(entry);
    }
  }
  return {
    inputDirs: [...inputDirs],
    inputFiles: [...inputFiles],
    outputs: [...outputs, ...others.flatMap((run) => [...run.outputs])],
    folders: [...folders, ...others.map((run) => run.header.outputDir)],
  };
}

function isDirectory(given: string): boolean {
  try {
    return statSync(given).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function memoised(ask: (given: string) => string): (given: string) => string {
  const answers = new Map<string, string>();
  return (given) => {
    const known = answers.get(given) ?? ask(given);
    answers.set(given, known);
    return known;
  };
}

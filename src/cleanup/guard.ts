// What is never removed, written as real paths.
import { stat } from 'node:fs/promises';
import { isMissing, realEntryPath, realPathOf } from './paths.js';
import type { RunRecord } from './read-journals.js';
import type { Guarded } from './teardown-facts.js';

/** Paths looked at together: ten thousand frames one after the other would take seconds. */
const BATCH = 64;

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
  for (let at = 0; at < given.length; at += BATCH) {
    await Promise.all(
      given.slice(at, at + BATCH).map(async (input) => {
        const [isDir, real, entry] = await Promise.all([
          isDirectory(input),
          realPathOf(input),
          realEntryPath(input),
        ]);
        (isDir ? inputDirs : inputFiles).add(real);
        if (entry !== real) inputFiles.add(entry);
      }),
    );
  }
  return {
    inputDirs: [...inputDirs],
    inputFiles: [...inputFiles],
    outputs: [...outputs, ...others.flatMap((run) => [...run.outputs])],
    folders: [...folders, ...others.map((run) => run.header.outputDir)],
  };
}

async function isDirectory(given: string): Promise<boolean> {
  try {
    return (await stat(given)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

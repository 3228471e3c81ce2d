// Starts a run: the program itself, in a process of its own that the window neither holds nor ends.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../../cleanup/ensure-dir.js';
import { runDirectories } from '../../config/directories.js';
import type { RunConfig } from '../../config/table.js';
import { CodedError, type ErrorParams } from '../../errors.js';
import { excludedFrames } from '../../frames/excluded-frames.js';
import type { RunEvent } from '../../report/events.js';
import type { FormValues } from '../api.js';
import { commandLine, eachLine, startProgram } from './program.js';
import type { WindowSession } from './session.js';

type Line = RunEvent | { readonly type: 'error'; readonly code: string; readonly params: ErrorParams };

/**
 * @returns the run's id and its output folder once it has begun.
 * @throws CodedError with what it said when it did not begin.
 */
export async function startRun(
  session: WindowSession,
  values: FormValues,
  excluded: readonly string[],
): Promise<{ readonly runId: string; readonly outputDir: string }> {
  // What the form says is judged before anything is written.
  const { config } = await commandLine(session, 'run', values);
  const list = excluded.length === 0 ? {} : { exclude_frames_file: await writeExcluded(config, excluded) };
  const command = await commandLine(session, 'run', values, list);
  const { inputDir } = runDirectories(config);
  const child = startProgram(session, command, true);
  child.stderr?.resume();
  return new Promise((resolve, reject) => {
    let refusal: CodedError | undefined;
    child.once('error', reject);
    const read = async (): Promise<void> => {
      if (!child.stdout) return;
      await eachLine(child.stdout, async (line) => {
        const event = JSON.parse(line) as Line;
        if (event.type === 'error') refusal = new CodedError(event.code, event.params);
        if (event.type !== 'run-started') return;
        const outputDir = await session.chosen.choose(event.outputDir);
        await session.chosen.choose(inputDir).catch(() => undefined); // a single file may be the input
        resolve({ runId: event.runId, outputDir });
      });
      // Only a run that never began is still waited for here.
      reject(refusal ?? new CodedError('gui_error_not_started', { code: child.exitCode ?? 0 }));
    };
    read().catch(reject);
  });
}

/**
 * The list of frames to leave out, beside the mosaic: those of the user's own list and those left out in the window, so that a run without the window can
 * be given the same. Its name tells its content: no list is ever written over.
 */
async function writeExcluded(config: RunConfig, excluded: readonly string[]): Promise<string> {
  const { outputDir, inputDir, excludeFramesFile } = runDirectories(config);
  const own = await excludedFrames(excludeFramesFile, inputDir);
  const text = [...new Set([...own, ...excluded])].map((frame) => `${frame}\n`).join('');
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const file = path.join(outputDir, `${path.basename(config.output_name)}_excluded_${mark}.txt`);
  await makeFolders(outputDir);
  await writeFile(file, text);
  return file;
}

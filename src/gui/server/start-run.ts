// Starts a run: the program itself, in a process of its own that the window neither holds nor ends.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runDirectories } from '../../config/directories.js';
import { CodedError, type ErrorParams } from '../../errors.js';
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
  const list = excluded.length === 0 ? {} : { exclude_frames_file: await writeExcluded(values, excluded) };
  const { argv, config } = await commandLine(session, 'run', values, list);
  const { inputDir } = runDirectories(config);
  const child = startProgram(session, argv, true);
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

/** The list of frames to leave out, beside the mosaic: a run without the window can be given the same. */
async function writeExcluded(values: FormValues, excluded: readonly string[]): Promise<string> {
  const { outputDir } = runDirectories({
    input_dir: '',
    output_dir: '',
    ...values,
  } as Parameters<typeof runDirectories>[0]);
  const file = path.join(outputDir, `${String(values.output_name)}_excluded.txt`);
  await mkdir(outputDir, { recursive: true });
  await writeFile(file, `${excluded.join('\n')}\n`);
  return file;
}

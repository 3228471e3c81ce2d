// A file that goes away while the finished mosaic is measured: the mosaic is saved, and a warning names the file and what to do.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import type * as MeasureHalves from '../../src/pipeline/phases/measure-halves.js';
import { describeEvent } from '../../src/report/describe-event.js';
import { createMessages } from '../../src/report/messages.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, run } from './support.js';

vi.mock('../../src/pipeline/phases/measure-halves.js', async (original) => {
  const { measureHalves, ...others } = await original<typeof MeasureHalves>();
  return {
    ...others,
    async measureHalves(...given: Parameters<typeof measureHalves>) {
      await rm(given[2].frames[0].path);
      return measureHalves(...given);
    },
  };
});

const folder = temporaryFolderForFile();

it('a file that goes away while the mosaic is measured is named, with what to do', async () => {
  const input = path.join(folder(), 'session');
  const output = path.join(folder(), 'out');
  await makeSmallSession(input, { panels: [1, 1], subs: 5, size: [480, 640], extras: false });
  const { report, events } = await run({ input_dir: input, output_dir: output });
  expect(report.outcome).toBe('success');
  expect(await filesBelow(output)).toContain('zemosaic_science.fits');
  const messages = createMessages('en');
  const told = events.filter(({ type }) => type === 'warning').map((event) => describeEvent(event, messages));
  expect(told.slice(-2)).toEqual([
    expect.stringMatching(/^Warning: .*\.fits? cannot be read \(ENOENT\)\. Check that it exists/),
    'Warning: The finished mosaic could not be measured, for the reason just told: it is saved without figures of its quality.',
  ]);
});

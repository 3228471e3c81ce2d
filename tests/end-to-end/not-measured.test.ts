// A product that cannot be measured is a mosaic all the same: it is saved, and the run says what it lacks.
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, run } from './support.js';

vi.mock('../../src/pipeline/phases/measure-product.js', () => ({
  measureProduct: () => Promise.reject(new Error('no stars in this mosaic')),
}));

const folder = temporaryFolderForFile();

it('a mosaic that cannot be measured is saved, and a warning gives the reason', async () => {
  const input = path.join(folder(), 'session');
  const output = path.join(folder(), 'out');
  await makeSmallSession(input, { panels: [1, 1], subs: 3, size: [128, 160], extras: false });
  const { report, events } = await run({ input_dir: input, output_dir: output, save_html_report: true });
  expect(report.outcome).toBe('success');
  expect(report.product).toBeUndefined();
  expect(await filesBelow(output)).toEqual([
    'run-report.json',
    'zemosaic_preview.png',
    'zemosaic_science.fits',
  ]);
  expect(events).toContainEqual({
    type: 'warning',
    message: { code: 'pipeline_product_not_measured', params: { reason: 'no stars in this mosaic' } },
  });
  // the page that there is nothing for counts as done
  const saved = events.filter((event) => event.type === 'phase-progress' && event.phase === 'save');
  expect(saved.at(-1)).toMatchObject({ done: 3, total: 3 });
});

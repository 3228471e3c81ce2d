// What a look at a frame hands on.
import path from 'node:path';
import { expect, it } from 'vitest';
import { DetectionScratch } from '../../src/astrometry/stars/detection-scratch.js';
import { makeSession } from '../../src/demo/make-session.js';
import { openFits } from '../../src/fits/open-fits.js';
import { scanFile } from '../../src/frames/frame-record.js';
import { listFiles } from '../../src/frames/list-files.js';
import { lookAtFrame } from '../../src/frames/look-at-frame.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

function arraysIn(value: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arraysIn) : [];
}

it('owns its memory: a message to another thread would take the whole of what a view looks at', async () => {
  const dir = path.join(folder(), 'session');
  await makeSession(dir, { panels: [1, 1], subs: 1, size: [130, 170], seed: 3, extras: false });
  const { files } = await listFiles(dir);
  const scanned = await scanFile(files[0]);
  if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
  const fits = await openFits(scanned.record.path);
  const { seen } = await lookAtFrame(
    fits,
    scanned.record,
    { seeksStars: true, seeksTrails: true },
    new DetectionScratch(),
  );
  await fits.close();
  const arrays = arraysIn(seen);
  expect(arrays.length).toBeGreaterThan(10);
  for (const { buffer, byteLength } of arrays) expect(buffer.byteLength).toBe(byteLength);
});

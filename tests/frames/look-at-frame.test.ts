// What a look at a frame hands on.
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { DetectionScratch } from '../../src/astrometry/stars/detection-scratch.js';
import { makeSession } from '../../src/demo/make-session.js';
import { openFits } from '../../src/fits/open-fits.js';
import { ReadBuffers } from '../../src/fits/read/read-buffers.js';
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

it('tells levels without the light of the stars that it has found', async () => {
  const dir = path.join(folder(), 'stars');
  await makeSession(dir, { panels: [1, 1], subs: 1, size: [260, 340], seed: 3, extras: false });
  const { files } = await listFiles(dir);
  const scanned = await scanFile(files[0]);
  if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
  const fits = await openFits(scanned.record.path);
  const look = async (seeksStars: boolean) => {
    const { seen } = await lookAtFrame(
      fits,
      scanned.record,
      { seeksStars, seeksTrails: false },
      new DetectionScratch(),
    );
    if ('reason' in seen) throw new Error(seen.reason.code);
    return seen.measure.background;
  };
  const [starless, plain] = [await look(true), await look(false)];
  await fits.close();
  for (let c = 0; c < 3; c++) expect(plain.level[c] - starless.level[c]).toBeGreaterThan(0.5);
  expect(starless.noise).toEqual(plain.noise);
});

it('reads the samples of one frame after another into the same memory', async () => {
  const dir = path.join(folder(), 'buffers');
  await makeSession(dir, { panels: [1, 1], subs: 2, size: [130, 170], seed: 3, extras: false });
  const { files } = await listFiles(dir);
  const buffers = new ReadBuffers();
  const taken = vi.spyOn(buffers, 'take');
  const looks = async (...shared: ReadBuffers[]) => {
    const all = [];
    for (const file of files) {
      const scanned = await scanFile(file);
      if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
      const fits = await openFits(scanned.record.path);
      for (const seeksStars of [true, false]) {
        const options = { seeksStars, seeksTrails: false };
        const { seen } = await lookAtFrame(fits, scanned.record, options, new DetectionScratch(), ...shared);
        all.push(seen);
      }
      await fits.close();
    }
    return all;
  };
  expect(await looks(buffers)).toEqual(await looks());
  const memories = taken.mock.results.map(({ value }) => (value as Uint8Array).buffer);
  expect(memories.length).toBe(4);
  expect(new Set(memories).size).toBe(1);
});

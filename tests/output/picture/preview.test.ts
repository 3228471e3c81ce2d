import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { randomStream } from '../../../src/demo/random.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { writePreview } from '../../../src/output/picture/preview.js';
import { screenRow } from '../../../src/output/orientation.js';
import { screenValues } from '../../../src/output/picture/stretch.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();

/** Noise with one star at 0-based (x, y). */
function starField(nx: number, ny: number, x: number, y: number): Float32Array {
  const random = randomStream(3);
  const plane = Float32Array.from({ length: nx * ny }, () => 100 + random.normal());
  for (let j = -2; j <= 2; j++)
    for (let i = -2; i <= 2; i++) plane[(y + j) * nx + x + i] += 5000 / (1 + i * i + j * j);
  return plane;
}

async function brightest(file: string): Promise<{ x: number; y: number }> {
  const png = decode(await readFile(file));
  let best = 0;
  for (let i = 0; i < png.data.length; i += png.channels) if (png.data[i] > png.data[best]) best = i;
  const pixel = best / png.channels;
  return { x: pixel % png.width, y: Math.floor(pixel / png.width) };
}

test('the first FITS row is the last row of the picture', async () => {
  const file = path.join(folder(), 'p.png');
  const plane = starField(80, 60, 10, 5);
  await writePreview(file, arraySource(80, 60, [plane, plane, plane]));
  expect(await brightest(file)).toEqual({ x: 10, y: 54 });
});

test('a mirrored WCS is turned so that north is up and east left', async () => {
  const file = path.join(folder(), 'p.png');
  // x grows towards the east, y towards the south, and the axes are swapped as well.
  const wcs = makeTanWcs({ crval: [10, 20], crpix: [40, 30], cd: [0, 0.001, -0.001, 0] });
  const star = { x: 10, y: 5 };
  const result = await writePreview(file, arraySource(80, 60, [starField(80, 60, star.x, star.y)]), { wcs });
  expect([result.width, result.height]).toEqual([60, 80]);
  const seen = await brightest(file);
  // -x is north, so the star, far on the -x side, is near the top; +y is east, so its small y puts it to the right.
  expect(seen).toEqual({ x: 54, y: 10 });
});

test('blank pixels are transparent, covered ones opaque, half covered bins half', async () => {
  const file = path.join(folder(), 'p.png');
  const plane = starField(80, 60, 40, 30);
  for (let y = 0; y < 60; y++) for (let x = 0; x < 21; x++) plane[y * 80 + x] = NaN;
  const result = await writePreview(file, arraySource(80, 60, [plane, plane, plane]), { maxDim: 40 });
  expect(result.factor).toBe(2);
  const png = decode(await readFile(file));
  expect(png.channels).toBe(4);
  const alpha = (x: number, y: number) => png.data[(y * png.width + x) * 4 + 3];
  expect([alpha(9, 3), alpha(10, 3), alpha(11, 3)]).toEqual([0, 128, 255]);
});

test('an image that is covered everywhere has no alpha channel, a mono one no colours', async () => {
  const file = path.join(folder(), 'p.png');
  await writePreview(file, arraySource(80, 60, [starField(80, 60, 40, 30)]));
  expect(decode(await readFile(file)).channels).toBe(1);
});

test('is the same picture of values in memory and of those on a disk, ragged where colours end apart', async () => {
  const [nx, ny] = [64, 48];
  const field = starField(nx, ny, 50, 30);
  // brighter towards the edge that two colours do not reach
  const planes = [0, 20, 40].map((edge) =>
    field.map((value, i) => (i % nx < edge ? NaN : value + 3 * Math.max(0, 40 - (i % nx)))),
  );
  const source = arraySource(nx, ny, planes);
  const bytes: Buffer[] = [];
  for (const from of [source, { ...source, view: undefined }]) {
    const file = path.join(folder(), 'p.png');
    await writePreview(file, from);
    bytes.push(await readFile(file));
  }
  expect(bytes[1].equals(bytes[0])).toBe(true);
});

test.each([
  ['as it lies', [1, 0, 0, 1]],
  ['mirrored', [-1, 0, 0, 1]],
  ['turned by half', [1, 0, 0, -1]],
  ['turned by a quarter', [0, 1, -1, 0]],
  ['turned by the other quarter', [0, -1, 1, 0]],
  ['mirrored and turned by a quarter', [0, 1, 1, 0]],
  ['mirrored and turned by the other quarter', [0, -1, -1, 0]],
])('each pixel comes where its orientation says: %s', async (_, cd) => {
  const [nx, ny] = [1201, 130];
  const planes = [3, 5, 7].map((step) =>
    Float32Array.from({ length: nx * ny }, (__, i) => 100 + ((i * step) % 211) + (i % nx)),
  );
  planes[1][40 * nx + 7] = NaN;
  const wcs = makeTanWcs({
    crval: [10, 20],
    crpix: [600, 65],
    cd: cd.map((v) => v / 1000) as [number, number, number, number],
  });
  const file = path.join(folder(), 'p.png');
  const source = { ...arraySource(nx, ny, planes), view: undefined };
  const { orientation, stretch } = await writePreview(file, source, { wcs });
  const png = decode(await readFile(file));
  const [width, height] = orientation.transpose ? [ny, nx] : [nx, ny];
  expect([png.width, png.height, png.channels]).toEqual([width, height, 4]);
  const paint = screenValues({ planes }, stretch);
  const row = new Uint8Array(4 * width);
  const wrongly: number[] = [];
  let furthest = 0;
  for (let y = 0; y < height; y++) {
    const run = screenRow(orientation, nx, ny, y);
    paint(run, row, 4);
    for (let x = 0; x < width; x++) {
      const at = run.start + x * run.step;
      const to = 4 * (y * width + x);
      if (png.data[to + 3] !== (at === 40 * nx + 7 ? 0 : 255)) wrongly.push(at);
      for (let c = 0; c < 3; c++) furthest = Math.max(furthest, Math.abs(png.data[to + c] - row[4 * x + c]));
    }
  }
  expect(wrongly).toEqual([]);
  // the plain twin may round otherwise
  expect(furthest).toBeLessThanOrEqual(1);
});

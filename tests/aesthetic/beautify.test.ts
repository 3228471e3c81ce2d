import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { beautify } from '../../src/aesthetic/beautify.js';
import { correctedSource } from '../../src/output/sources/corrected-source.js';
import { writeAestheticPng } from '../../src/aesthetic/write-aesthetic.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { SUN_BT_VT } from '../../src/aesthetic/solar-white.js';
import { randomStream } from '../../src/demo/random.js';
import { arraySource } from '../../src/output/sources/plane-source.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const [nx, ny] = [220, 160];
const RESPONSE = [0.7, 1, 0.5];

/** Sky of three levels with a slope, stars of the Sun's colour seen through RESPONSE. */
function mosaic() {
  const random = randomStream(21);
  const planes = [700, 900, 500].map((sky, p) =>
    Float32Array.from({ length: nx * ny }, (_, i) => sky + (0.1 + 0.05 * p) * (i % nx) + 5 * random.normal()),
  );
  for (let n = 0; n < 40; n++) {
    const [x, y] = [Math.floor(random.between(5, nx - 5)), Math.floor(random.between(5, ny - 5))];
    const flux = 10 ** random.between(2.5, 3.5);
    for (let j = -3; j <= 3; j++)
      for (let i = -3; i <= 3; i++)
        planes.forEach((plane, p) => {
          plane[(y + j) * nx + x + i] += flux * RESPONSE[p] * Math.exp(-(i * i + j * j) / 3);
        });
  }
  for (let x = 0; x < 20; x++) planes[1][x] = NaN;
  return arraySource(nx, ny, planes);
}

const sunlike = Array.from({ length: 30 }, (_, k) => ({
  colour: SUN_BT_VT + (k % 5) / 10 - 0.2,
  vt: 10,
  flux: RESPONSE,
}));
const all = { background: 'normal', colour: true, blackPoint: true } as const;

test('sky grey and flat, stars of the Sun’s colour white, blanks black, in 16 bits', async () => {
  const made = await beautify(mosaic(), all, () => Promise.resolve(sunlike));
  expect(made.report.colour).toMatchObject({ white: 'catalogue', stars: 30 });
  expect(made.report.colour!.gains[2]).toBeCloseTo(2, 3);
  const wcs = makeTanWcs({ crval: [10, 10], crpix: [1, 1], cd: [-1e-3, 0, 0, 1e-3] });
  const file = path.join(folder(), 'wall.png');
  await writeAestheticPng(file, made.image, { stretch: made.stretch, wcs });
  const png = decode(await readFile(file));
  expect(png.depth).toBe(16);
  // x is east to the left already, row 0 of the mosaic is the last of the picture
  const at = (x: number, y: number) =>
    Array.from({ length: 3 }, (_, p) => png.data[((ny - 1 - y) * nx + x) * 3 + p]);
  expect(at(5, 0)).toEqual([0, 0, 0]);
  const sky = (x0: number) => {
    const sum = [0, 0, 0];
    for (let y = 4; y < ny; y++)
      for (let x = x0; x < x0 + 30; x++)
        at(x, y).forEach((v, p) => (sum[p] += Math.min(v, 20000) / 30 / (ny - 4)));
    return sum;
  };
  const [left, right] = [sky(0), sky(nx - 30)];
  for (const p of [0, 2]) expect(Math.abs(left[p] / left[1] - 1)).toBeLessThan(0.05);
  left.forEach((v, p) => expect(Math.abs(right[p] / v - 1)).toBeLessThan(0.06));
  let brightest = 0;
  for (let i = 1; i < png.data.length; i += 3) if (png.data[i] > png.data[brightest]) brightest = i;
  const [r, g, b] = [-1, 0, 1].map((d) => png.data[brightest + d]);
  expect(Math.abs(r / g - 1)).toBeLessThan(0.03);
  expect(Math.abs(b / g - 1)).toBeLessThan(0.03);
});

test('with every step off the product is the mosaic', async () => {
  const source = mosaic();
  const none = { background: undefined, colour: false, blackPoint: false } as const;
  const { image, report } = await beautify(source, none, () => Promise.reject(new Error('not asked for')));
  expect(report).toEqual({
    blend: null,
    seams: null,
    background: null,
    colour: null,
    black_point: null,
    holes: null,
  });
  const [a, b] = [new Float32Array(nx * ny), new Float32Array(nx * ny)];
  await source.readRows(2, 0, ny, a);
  await image.readRows(2, 0, ny, b);
  expect(b).toEqual(a);
});

test('without catalogue stars the median star of the field is white, and the report says so', async () => {
  const made = await beautify(mosaic(), all, () => Promise.resolve([]));
  expect(made.report.colour).toMatchObject({ white: 'field_stars', stars: 0 });
  expect(made.report.colour!.gains[0]).toBeCloseTo(1 / RESPONSE[0], 1);
});

test('a correction takes its surfaces and level off before it scales', async () => {
  const source = arraySource(2, 2, [Float32Array.of(10, 20, 30, NaN)]);
  const tilt = { row: (y: number, out: Float64Array) => out.set([y, y + 1]) };
  const corrected = correctedSource(source, [{ surfaces: [tilt, tilt], offset: 3, gain: 2, pedestal: 100 }]);
  const out = new Float32Array(4);
  await corrected.readRows(0, 0, 2, out);
  expect(Array.from(out)).toEqual([114, 130, 150, NaN]);
  const last = new Float32Array(2);
  await corrected.readRows(0, 1, 1, last);
  expect(last[0]).toBe(150);
});

test('a plane that is blank, or a mosaic too small on its canvas for a box of sky, leaves the others what they are', async () => {
  const noise = randomStream(5);
  const plane = (level: number) => Float32Array.from({ length: nx * ny }, () => level + noise.normal());
  const blank = new Float32Array(nx * ny).fill(NaN);
  const onePlane = await beautify(arraySource(nx, ny, [plane(700), blank, plane(500)]), all, () =>
    Promise.resolve([]),
  );
  const row = new Float32Array(nx);
  await onePlane.image.readRows(0, 3, 1, row);
  expect(row.every(Number.isFinite)).toBe(true);
  const corner = (level: number) => plane(level).map((v, i) => (i < 5 ? v : NaN));
  const small = await beautify(arraySource(nx, ny, [700, 900, 500].map(corner)), all, () =>
    Promise.resolve([]),
  );
  expect(small.report.black_point!.sky_adu.every(Number.isFinite)).toBe(true);
});

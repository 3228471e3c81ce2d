// One frame in every form that a file may hold it in: the same mosaic, to the last row and column.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import type { CardInput } from '../../src/fits/write/format-card.js';
import type { ImageSpec } from '../../src/fits/write/image-spec.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { readPlane, run } from './support.js';

const folder = temporaryFolder();
const [NX, NY] = [150, 101];
const SCALE = 3.6 / 3600;

/** A TAN WCS, rotated by `rotation` degrees, about the frame's middle. */
function wcsCards(rotation = 0): CardInput[] {
  const [sin, cos] = [Math.sin((rotation * Math.PI) / 180), Math.cos((rotation * Math.PI) / 180)];
  return Object.entries({
    CTYPE1: 'RA---TAN',
    CTYPE2: 'DEC--TAN',
    CRVAL1: 83.6,
    CRVAL2: 22,
    CRPIX1: (NX + 1) / 2,
    CRPIX2: (NY + 1) / 2,
    CD1_1: -SCALE * cos,
    CD1_2: SCALE * sin,
    CD2_1: SCALE * sin,
    CD2_2: SCALE * cos,
  }).map(([key, value]) => ({ key, value }));
}

/** Whole numbers 60..140 that look like noise, another for each plane; the same on every machine. */
function sample(plane: number, x: number, y: number): number {
  let h = Math.imul(x + 1, 374761393) ^ Math.imul(y + 1, 668265263) ^ Math.imul(plane + 1, 2246822519);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return 60 + (((h ^ (h >>> 16)) >>> 0) % 81);
}

const pixels = (planes: number, blank = -1) =>
  Float32Array.from({ length: planes * NY * NX }, (_, i) =>
    i === blank ? NaN : sample(Math.floor(i / (NX * NY)), i % NX, Math.floor(i / NX) % NY),
  );

async function writeFrame(
  name: string,
  spec: Omit<ImageSpec, 'shape'>,
  data: Float32Array,
  options: { extension?: boolean; cards?: CardInput[] } = {},
): Promise<void> {
  await mkdir(path.join(folder(), 'in'), { recursive: true });
  const writer = await createFitsWriter(path.join(folder(), 'in', name));
  if (options.extension) {
    await writer.beginImage({ bitpix: 8, shape: [] });
    await writer.endImage();
  }
  const shape = data.length === NX * NY ? [NY, NX] : [data.length / (NX * NY), NY, NX];
  await writer.beginImage({ ...spec, shape, cards: options.cards ?? wcsCards() });
  await writer.writeRows(data);
  await writer.endImage();
  await writer.commit();
}

async function mosaic(extra: Parameters<typeof run>[0] = {}) {
  const { report } = await run({
    input_dir: path.join(folder(), 'in'),
    output_dir: path.join(folder(), 'out'),
    runtime_temp_dir: path.join(folder(), 'tmp'),
    stacking_normalize_method: 'none',
    warp_kernel: 'bilinear',
    hot_pixel_correction: false,
    global_wcs_padding_percent: '0',
    ...extra,
  });
  const science = path.join(folder(), 'out', 'zemosaic_science.fits');
  return { report, plane: (p: number, hdu?: string) => readPlane(science, p, hdu) };
}

/** The mosaic's plane holds the frame's pixels, each in its place. */
async function expectFrame({ plane }: Awaited<ReturnType<typeof mosaic>>, p: number, blank = -1) {
  const { data, nx, ny } = await plane(p);
  expect([nx, ny]).toEqual([NX, NY]);
  let worst = 0;
  for (let i = 0; i < data.length; i++) {
    if (i === blank) continue;
    worst = Math.max(worst, Math.abs(data[i] - sample(p, i % NX, Math.floor(i / NX))));
  }
  expect(worst).toBeLessThan(0.05);
}

const FORMATS: [string, Omit<ImageSpec, 'shape'>, { extension?: boolean }][] = [
  ['8 bits', { bitpix: 8 }, {}],
  ['16 bits unsigned', { bitpix: 16, bzero: 32768 }, {}],
  ['16 bits scaled', { bitpix: 16, bscale: 0.5, bzero: 20 }, {}],
  ['32 bits', { bitpix: 32 }, {}],
  ['float', { bitpix: -32 }, {}],
  ['double', { bitpix: -64 }, {}],
  ['in an extension', { bitpix: 16 }, { extension: true }],
  ['compressed by tiles', { bitpix: 16, compression: { codec: 'RICE_1' } }, {}],
];

describe('pixel formats', () => {
  it.each(FORMATS)('mono, %s', async (_name, spec, options) => {
    await writeFrame('a.fits', spec, pixels(1), options);
    const result = await mosaic();
    await expectFrame(result, 0);
    const coverage = await result.plane(0, 'COVERAGE');
    expect(coverage.data.every((count) => count === 1)).toBe(true);
  });

  it.each(FORMATS)('three planes in their order, %s', async (_name, spec, options) => {
    await writeFrame('a.fits', spec, pixels(3), options);
    const result = await mosaic();
    for (const p of [0, 1, 2]) await expectFrame(result, p);
  });

  it.each<[string, Omit<ImageSpec, 'shape'>]>([
    ['16 bits', { bitpix: 16, blank: -32768 }],
    ['32 bits', { bitpix: 32, blank: -1 }],
    ['8 bits', { bitpix: 8, blank: 255 }],
    ['float', { bitpix: -32 }],
  ])('a blank of %s stays a hole in its plane alone', async (_name, spec) => {
    const hole = 40 * NX + 70;
    await writeFrame('a.fits', spec, pixels(3, NX * NY + hole));
    const result = await mosaic();
    await expectFrame(result, 0);
    await expectFrame(result, 1, hole);
    expect((await result.plane(1)).data[hole]).toBeNaN();
    expect((await result.plane(1, 'UNCERTAINTY')).data[hole]).toBeNaN();
    expect((await result.plane(0, 'COVERAGE')).data[hole]).toBe(1);
  });
});

describe('borders', () => {
  it('every pixel of the grid whose centre a turned frame covers has a sample, and no other, whatever the cells', async () => {
    await writeFrame('a.fits', { bitpix: -32 }, pixels(1));
    await writeFrame('b.fits', { bitpix: -32 }, pixels(2).subarray(NX * NY), { cards: wcsCards(33) });
    for (const cell of ['0', '64']) {
      const result = await mosaic({ cell_size_px: cell, stacking_rejection_algorithm: 'none' });
      const { data, nx, ny } = await result.plane(0, 'COVERAGE');
      // Pixels that are wrong if the frame is turned one way, or the other: one of them is the truth, and has none.
      const wrong = [0, 0];
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++) {
          // Both frames and the grid have one centre and one scale; the tangent plane is flat to 1e-7 px here.
          const [gx, gy] = [x - (nx - 1) / 2, y - (ny - 1) / 2];
          const [sin, cos] = [Math.sin((33 * Math.PI) / 180), Math.cos((33 * Math.PI) / 180)];
          const [straight, ...turned] = [
            [gx, gy],
            [gx * cos - gy * sin, gx * sin + gy * cos],
            [gx * cos + gy * sin, -gx * sin + gy * cos],
          ].map(([u, v]) => Math.max(Math.abs(u) - NX / 2, Math.abs(v) - NY / 2));
          turned.forEach((distance, way) => {
            // On the border itself rounding decides.
            if (Math.min(Math.abs(straight), Math.abs(distance)) < 1e-3) return;
            const count = (straight < 0 ? 1 : 0) + (distance < 0 ? 1 : 0);
            if (data[y * nx + x] !== count) wrong[way]++;
          });
        }
      }
      expect(Math.min(...wrong)).toBe(0);
      expect(Math.max(...wrong)).toBeGreaterThan(100);
    }
  });
});

describe('exposures', () => {
  it.each(['mean', 'median'])(
    'of one folder count alike once scaled to one of them, combined by %s',
    async (combine) => {
      const exposure = (value: number): CardInput => ({ key: 'EXPTIME', value });
      const data = pixels(1);
      await writeFrame('a.fits', { bitpix: -32 }, data, { cards: [...wcsCards(), exposure(10)] });
      const twice = data.map((v) => 2 * v);
      await writeFrame('b.fits', { bitpix: -32 }, twice, { cards: [...wcsCards(), exposure(20)] });
      const half = data.map((v) => v / 2);
      await writeFrame('c.fits', { bitpix: -32 }, half, { cards: [...wcsCards(), exposure(5)] });
      const result = await mosaic({
        stacking_normalize_method: 'global',
        stacking_rejection_algorithm: 'none',
        stacking_final_combine_method: combine,
        stacking_weighting_method: 'none',
      });
      const { data: mean } = await result.plane(0);
      const differences = mean.map((v, i) => v - data[i]).sort();
      expect(differences[differences.length - 1] - differences[0]).toBeLessThan(0.1);
      expect((await result.plane(0, 'COVERAGE')).data.every((count) => count === 3)).toBe(true);
      // Three frames of the same noise: the uncertainty of their mean, or of their median, which knows less; the level alone is free.
      const uncertainty = await result.plane(0, 'UNCERTAINTY');
      const one = await mosaic({ input_dir: path.join(folder(), 'in', 'a.fits') });
      const single = await one.plane(0, 'UNCERTAINTY');
      // The median of three normal samples has 0.4487 of their variance (David & Nagaraja 2003, Order Statistics, table 3.2).
      const factor = Math.sqrt(combine === 'median' ? 0.4487 : 1 / 3);
      expect(uncertainty.data[5000] / single.data[5000]).toBeCloseTo(factor, 3);
    },
  );
});

// The background mesh is unbiased and its noise true, on skies of photons, quantised, with stars, gradients and blanks.
import { describe, expect, it } from 'vitest';
import type { CfaSites } from '../../../src/photometry/background/background-mesh.js';
import { measureBackground } from './measure-background.js';
import { filterOutlyingCells } from '../../../src/photometry/mesh-repair.js';
import { differenceNoise, ListedDifferences } from '../../../src/photometry/background/difference-noise.js';
import { cellCentre, sampleGrid } from '../../../src/photometry/background/level-grid.js';
import { seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

const GRBG: CfaSites = [1, 0, 2, 1];

/** Photon counts of mean `mean` (Knuth's product for small means). */
function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let n = 0;
  for (let product = random(); product > limit; product *= random()) n++;
  return n;
}

function sky(width: number, height: number, value: (x: number, y: number) => number): Float32Array {
  const image = new Float32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) image[y * width + x] = value(x, y);
  return image;
}

function moments(image: Float32Array): { mean: number; sigma: number } {
  const mean = image.reduce((s, v) => s + v, 0) / image.length;
  return { mean, sigma: Math.sqrt(image.reduce((s, v) => s + (v - mean) ** 2, 0) / image.length) };
}

describe('background mesh', () => {
  it.each([
    { electrons: 100, perAdu: 1, step: 1 },
    { electrons: 26, perAdu: 1.2, step: 16 },
    { electrons: 5, perAdu: 1, step: 1 },
  ])(
    'gives the mean of a photon sky of $electrons e-, step $step ADU, not its median',
    ({ electrons, perAdu, step }) => {
      const random = seededRandom(11);
      const normal = seededNormal(12);
      const image = sky(512, 512, () =>
        Math.max(0, Math.round((poisson(electrons, random) + 1.6 * normal()) / perAdu + 30) * step),
      );
      const truth = moments(image);
      const { level, noise } = measureBackground([image], { width: 512, height: 512, channels: 1, unit: 1 });
      // the clipped mean of the same samples: what is left is the bias of clipping, 0.1 ADU at 10 ADU noise
      expect(Math.abs(level[0] - truth.mean)).toBeLessThan(0.01 * truth.sigma);
      expect(noise[0] / truth.sigma).toBeCloseTo(1, 1.7);
    },
  );

  it('does not mistake an integer lattice finer than the noise for the noise, nor the reverse', () => {
    const normal = seededNormal(3);
    for (const sigma of [0.6, 1, 3]) {
      const image = sky(512, 256, () => Math.round(100.37 + sigma * normal()));
      const { level, noise } = measureBackground([image], { width: 512, height: 256, channels: 1, unit: 1 });
      expect(Math.abs(level[0] - 100.37)).toBeLessThan(0.05);
      expect(noise[0] / Math.hypot(sigma, Math.sqrt(1 / 12))).toBeCloseTo(1, 1.5);
    }
  });

  it('measures each colour of a CFA by itself, in a frame whose sides are no multiple of the step', () => {
    const normal = seededNormal(4);
    const levels = [300, 500, 200];
    const sigmas = [8, 12, 6];
    const image = sky(1080, 540, (x, y) => {
      const c = GRBG[(y & 1) * 2 + (x & 1)];
      return levels[c] + sigmas[c] * normal();
    });
    const { grid, level, noise } = measureBackground([image], {
      width: 1080,
      height: 540,
      channels: 3,
      cfa: GRBG,
      unit: 0,
    });
    expect([grid.nx, grid.ny]).toEqual([17, 8]);
    for (let c = 0; c < 3; c++) {
      expect(Math.abs(level[c] - levels[c])).toBeLessThan(0.1);
      expect(noise[c] / sigmas[c]).toBeCloseTo(1, 1.7);
    }
  });

  it('keeps stars and a nebula out of the noise, and stars out of the level', () => {
    const normal = seededNormal(5);
    const random = seededRandom(6);
    const image = sky(512, 512, () => 1000 + 10 * normal());
    for (let s = 0; s < 700; s++) {
      const [x0, y0, peak] = [random() * 512, random() * 512, 30 * (1 - random()) ** -1.2];
      for (let y = Math.max(0, Math.ceil(y0 - 12)); y < Math.min(512, y0 + 12); y++)
        for (let x = Math.max(0, Math.ceil(x0 - 12)); x < Math.min(512, x0 + 12); x++)
          image[y * 512 + x] += peak * (1 + ((x - x0) ** 2 + (y - y0) ** 2) / 6) ** -3;
    }
    const options = { width: 512, height: 512, channels: 1, unit: 0 };
    const stars = measureBackground([image], options);
    expect(moments(image).mean).toBeGreaterThan(1008);
    expect(Math.abs(stars.level[0] - 1000)).toBeLessThan(1.5);
    expect(Math.abs(stars.noise[0] / 10 - 1)).toBeLessThan(0.05);
    const nebula = image.map(
      (v, i) => v + 200 * Math.exp(-(((i % 512) - 256) ** 2 + (i / 512 - 256) ** 2) / 5000),
    );
    expect(Math.abs(measureBackground([nebula], options).noise[0] / 10 - 1)).toBeLessThan(0.05);
  });

  it('follows a gradient up to the corners', () => {
    const normal = seededNormal(7);
    const plane = (x: number, y: number) => 500 + 0.2 * x - 0.1 * y;
    const image = sky(640, 448, (x, y) => plane(x, y) + 5 * normal());
    const { grid } = measureBackground([image], { width: 640, height: 448, channels: 1, unit: 0 });
    for (const [x, y] of [
      [0, 0],
      [639, 447],
      [320, 200],
      [639, 0],
    ])
      expect(Math.abs(sampleGrid(grid, grid.level[0], x, y) - plane(x, y))).toBeLessThan(1);
    expect(cellCentre(640, 64, 0)).toBe(31.5);
  });

  it('leaves blanks out and fills cells that hold nothing else from their neighbours', () => {
    const normal = seededNormal(8);
    const image = sky(512, 256, (x) => (x < 200 ? NaN : 100 + normal()));
    const { grid, level, filledFraction } = measureBackground([image], {
      width: 512,
      height: 256,
      channels: 1,
      unit: 0,
    });
    expect(filledFraction[0]).toBeCloseTo(3 / 8, 6);
    expect(Math.abs(level[0] - 100)).toBeLessThan(0.05);
    expect(grid.level[0].every((v) => Math.abs(v - 100) < 0.2)).toBe(true);
    expect(grid.noise[0].every((v) => Math.abs(v - 1) < 0.2)).toBe(true);
  });

  it('keeps the structure of a nebula that is smaller than its neighbourhood', () => {
    const normal = seededNormal(9);
    const image = sky(576, 576, (x, y) => 100 + normal() + (x >> 6 === 4 && y >> 6 === 4 ? 50 : 0));
    const { grid } = measureBackground([image], { width: 576, height: 576, channels: 1, unit: 0 });
    expect(Math.abs(grid.level[0][4 * 9 + 4] - 150)).toBeLessThan(0.5);
    expect(Math.abs(grid.level[0][4 * 9 + 5] - 100)).toBeLessThan(0.5);
  });
});

describe('filterOutlyingCells', () => {
  it.each([
    [4, 4],
    [0, 4],
    [8, 8],
  ])('replaces a cell that stands out at (%i, %i) and leaves a gradient alone', (i, j) => {
    const normal = seededNormal(10);
    const plane = Float32Array.from(
      { length: 81 },
      (_, k) => 10 * (k % 9) + 3 * Math.floor(k / 9) + 0.1 * normal(),
    );
    const mesh = plane.slice();
    filterOutlyingCells(mesh, 9, 9);
    mesh.forEach((v, k) => expect(Math.abs(v - plane[k])).toBeLessThan(0.6));
    mesh[j * 9 + i] += 50;
    filterOutlyingCells(mesh, 9, 9);
    // at a border the best that can be said is the largest of the neighbours on that side
    expect(Math.abs(mesh[j * 9 + i] - plane[j * 9 + i])).toBeLessThan(14);
  });
});

describe('integer samples', () => {
  it.each([
    ['of a CFA', GRBG, 1, 12],
    ['of a 12-bit camera', GRBG, 16, 40],
    ['of a plane', undefined, 1, 3],
    ['that spread too far to be counted', undefined, 1, 400],
    ['that spread so far that like ones share their bins', GRBG, 1, 120],
    ['whose bins, four sets of them, would end beyond what 16 bits tell', GRBG, 1, 67],
    ['of a plane whose bins, eight sets of them, would', undefined, 1, 100],
    ['one set of whose bins would', GRBG, 1, 285],
    ['under a nebula with bright stars', GRBG, 1, 20],
    ['of a sky close to zero', GRBG, 1, 12],
  ])('%s are measured as the same floats are', (name, cfa, step, sigma) => {
    const normal = seededNormal(31);
    const bright = /nebula/.test(name);
    const value = (x: number, y: number) =>
      (/zero/.test(name) ? 50 : 3000 + 0.5 * x) +
      (bright ? 5000 * Math.exp(-(((x - 150) / 40) ** 2) - ((y - 90) / 30) ** 2) : 0);
    const floats = sky(301, 199, (x, y) => {
      const star = bright && (x * 7 + y * 13) % 211 === 0 ? 30000 : 0;
      return Math.max(0, Math.round((value(x, y) + sigma * normal() + star) / step) * step);
    });
    const options = { width: 301, height: 199, channels: cfa ? 3 : 1, cfa, unit: 1 };
    for (const integers of [Uint16Array.from(floats), Int16Array.from(floats, (v) => v - 32768)]) {
      const found = measureBackground([integers], options);
      const expected = measureBackground([Float32Array.from(integers)], options);
      for (let c = 0; c < options.channels; c++) {
        const error = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, k) => Math.abs(v - b[k])));
        expect(error(found.grid.level[c], expected.grid.level[c])).toBeLessThan(0.01);
        expect(error(found.grid.noise[c], expected.grid.noise[c])).toBeLessThan(0.001);
      }
    }
  });
});

describe('differenceNoise', () => {
  it('starts from nothing as well as from a guess, and is 0 where nothing differs', () => {
    const normal = seededNormal(21);
    const differences = Float32Array.from({ length: 4000 }, () => 7 * (normal() - normal()));
    differences[5] = 1e5;
    const noise = (list: Float32Array, count: number, start: number, quantum: number) =>
      differenceNoise(new ListedDifferences(list, count, quantum), start, quantum);
    expect(Math.abs(noise(differences, 4000, 7, 0) / 7 - 1)).toBeLessThan(0.03);
    expect(Math.abs(noise(differences.subarray(6), 3994, 0, 0) / 7 - 1)).toBeLessThan(0.03);
    expect(noise(new Float32Array(10), 10, 0, 1)).toBe(0);
    expect(noise(differences, 0, 1, 0)).toBe(0);
  });
});

it('tells cells with blank parts, not those with a broken pixel', () => {
  const normal = seededNormal(8);
  const plane = Float32Array.from({ length: 192 * 128 }, () => 1000 + 10 * normal());
  plane[70 * 192 + 70] = NaN;
  const options = { width: 192, height: 128, channels: 1, unit: 0 };
  expect(measureBackground([plane], options).blankCells).toBeUndefined();
  for (let y = 0; y < 64; y++) plane[y * 192 + 191] = NaN;
  expect(measureBackground([plane], options).blankCells).toEqual(Uint8Array.of(0, 0, 1, 0, 0, 0));
});

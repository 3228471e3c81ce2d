import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import type { BinnedImage } from '../../../src/output/picture/binned-image.js';
import { skyLevel, sortedSample } from '../../../src/output/picture/sky-statistics.js';
import { neutralSky } from '../../../src/output/picture/sky-colour.js';
import { starGains } from '../../../src/output/picture/star-balance.js';
import { imageRows } from '../../../src/output/picture/picture-rows.js';
import { planStretch } from '../../../src/output/picture/plan-stretch.js';
import { screenValues, stretchOf, type StretchOptions } from '../../../src/output/picture/stretch.js';

const [nx, ny] = [300, 200];
const RESPONSE = [0.8, 1, 0.5];

/** Three planes with different sky levels, stars of solar colour seen through RESPONSE, one red nebula. */
function colourField(): BinnedImage {
  const random = randomStream(5);
  const planes = [700, 800, 600].map((sky) =>
    Float32Array.from({ length: nx * ny }, () => sky + 10 * random.normal()),
  );
  for (let n = 0; n < 60; n++) {
    const x = random.between(10, nx - 10);
    const y = random.between(10, ny - 10);
    const flux = 2000 * 10 ** random.between(0, 1.2);
    addStar(
      planes,
      x,
      y,
      RESPONSE.map((response) => response * flux),
    );
  }
  for (let y = 20; y < 80; y++) for (let x = 20; x < 80; x++) planes[0][y * nx + x] += 40;
  return { nx, ny, factor: 1, planes, footprint: new Float32Array(nx * ny).fill(1) };
}

interface Picture {
  at(x: number, y: number): number[];
}

function addStar(planes: Float32Array[], x: number, y: number, flux: number[]): void {
  for (let j = Math.floor(y) - 8; j <= y + 8; j++) {
    for (let i = Math.floor(x) - 8; i <= x + 8; i++) {
      const profile = Math.exp(-((i - x) ** 2 + (j - y) ** 2) / 3);
      planes.forEach((plane, p) => (plane[j * nx + i] += flux[p] * profile));
    }
  }
}

async function picture(image: BinnedImage, options?: StretchOptions): Promise<Picture> {
  const stretch = await planStretch(imageRows(image), options);
  const toScreen = screenValues(image, stretch);
  const out = new Uint8Array(image.planes.length);
  return {
    at(x, y) {
      toScreen({ start: y * image.nx + x, step: 1, length: 1 }, out, out.length);
      return [...out];
    },
  };
}

function mean(picture: Picture, x0: number, y0: number, size: number): number[] {
  const sum = [0, 0, 0];
  for (let y = y0; y < y0 + size; y++) {
    for (let x = x0; x < x0 + size; x++)
      picture.at(x, y).forEach((value, p) => (sum[p] += value / size ** 2));
  }
  return sum;
}

describe('the automatic stretch', async () => {
  const image = colourField();
  const shown = await picture(image);

  test('shows the sky dark and neutral', () => {
    const [r, g, b] = mean(shown, 120, 150, 30);
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(4);
    expect(g).toBeGreaterThan(25);
    expect(g).toBeLessThan(55);
  });

  test('lifts a nebula of four sigma clearly out of the sky, in its own colour', () => {
    const sky = mean(shown, 120, 150, 30);
    const nebula = mean(shown, 35, 35, 30);
    expect(nebula[0] - sky[0]).toBeGreaterThan(30);
    expect(nebula[0]).toBeGreaterThan(nebula[1] * 1.5);
  });

  test('burns hardly any pixel', () => {
    let burnt = 0;
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++) if (Math.min(...shown.at(x, y)) === 255) burnt++;
    expect(burnt).toBeLessThan(nx * ny * 0.0005);
  });

  test('finds the colour response in the stars, not in the nebula', async () => {
    const gains = await starGains(
      imageRows(image),
      image.planes.map((plane) => skyLevel(sortedSample(plane))),
    );
    expect(gains[0]).toBeCloseTo(1 / RESPONSE[0], 1);
    expect(gains[1]).toBe(1);
    expect(gains[2]).toBeCloseTo(1 / RESPONSE[2], 0);
    expect((await planStretch(imageRows(image), { starBalance: false })).gains).toEqual([1, 1, 1]);
  });
});

test('channels keep their ratio above black, up to what a screen can show', () => {
  const planes = [0.3, 0.2, 0.1].map((value) => Float32Array.of(value));
  const image: BinnedImage = { nx: 1, ny: 1, factor: 1, planes, footprint: Float32Array.of(1) };
  const stretch = { sky: [0, 0, 0], gains: [1, 1, 1], black: 0, white: 1, asinhA: 0.3 };
  const out = new Uint8Array(3);
  screenValues(image, stretch)({ start: 0, step: 1, length: 1 }, out, 3);
  expect(out[0] / out[1]).toBeCloseTo(1.5, 1);
  expect(out[1] / out[2]).toBeCloseTo(2, 1);
  expect(out[1]).toBe(Math.round((255 * Math.asinh(0.2 / 0.3)) / Math.asinh(1 / 0.3)));
});

test('what is too bright for one channel turns paler, never darker', () => {
  const planes = [3, 0.1, 0.1].map((value) => Float32Array.of(value));
  const image: BinnedImage = { nx: 1, ny: 1, factor: 1, planes, footprint: Float32Array.of(1) };
  const stretch = { sky: [0, 0, 0], gains: [1, 1, 1], black: 0, white: 1, asinhA: 0.05 };
  const out = new Uint8Array(3);
  screenValues(image, stretch)({ start: 0, step: 1, length: 1 }, out, 3);
  expect(out[0]).toBe(255);
  expect(out[1]).toBeGreaterThan(200);
});

test('settings by hand are honoured', async () => {
  const ramp = Float32Array.from({ length: 1001 }, (_, i) => i);
  const image: BinnedImage = {
    nx: 1001,
    ny: 1,
    factor: 1,
    planes: [ramp],
    footprint: new Float32Array(1001).fill(1),
  };
  const stretch = await planStretch(imageRows(image), { percentileLow: 10, percentileHigh: 90, asinhA: 12 });
  expect(stretch.black + stretch.sky[0]).toBeCloseTo(100, 0);
  expect(stretch.white + stretch.sky[0]).toBeCloseTo(900, 0);
  expect(stretch.asinhA).toBe(12);
});

test('white that is set by hand is told by the few pixels that bright, wherever they lie', async () => {
  const plane = Float32Array.from({ length: 40_000 }, (_, i) => i % 100);
  for (let k = 1; k <= 20; k++) plane[1800 * k + 1] = 1000 * k;
  const footprint = new Float32Array(plane.length).fill(1);
  const image: BinnedImage = { nx: 200, ny: 200, factor: 1, planes: [plane], footprint };
  const { white, sky } = await planStretch(imageRows(image), { percentileHigh: 99.99 });
  // four of 40,000 are brighter
  expect(white + sky[0]).toBeCloseTo(16_000, 0);
});

test('an image of nothing but blanks is black', async () => {
  const planes = [new Float32Array(4).fill(NaN)];
  const image: BinnedImage = { nx: 2, ny: 2, factor: 1, planes, footprint: new Float32Array(4) };
  expect((await picture(image)).at(0, 0)).toEqual([0]);
});

test.each([
  ['noise', (i: number, draw: number) => draw + i / 1e6],
  ['few levels', (_: number, draw: number) => Math.round(8 * draw)],
  ['values that a regular sample does not see', (i: number, draw: number) => (i % 4 === 0 ? draw : 9 - draw)],
])('black and white that are set by hand are the pixels of their ranks: %s', (_, valueOf) => {
  const random = randomStream(3);
  const plane = Float32Array.from({ length: nx * ny }, (__, i) => valueOf(i, random.uniform()));
  plane[77] = NaN;
  const sorted = plane.filter((v) => !Number.isNaN(v)).sort();
  const at = (percent: number) => sorted[Math.round((percent / 100) * (sorted.length - 1))];
  for (const [low, high] of [
    [0, 100],
    [0.01, 99.99],
    [3, 97],
    [24.9, 25.1],
    [49, 50],
  ]) {
    const { black, white } = stretchOf(
      { nx, ny, planes: [plane] },
      { sky: [0], gains: [1] },
      { percentileLow: low, percentileHigh: high, asinhA: 1 },
    );
    expect(black).toBe(at(low));
    expect(white).toBe(at(high) > at(low) ? at(high) : at(low) + 1);
  }
});

test.each([1, 3])(
  'a picture of %i planes that is looked at in turns is stretched as a whole, however its sample falls into them',
  async (count) => {
    // an odd number of pixels a turn
    const [width, height] = [745, 601];
    const random = randomStream(7);
    const planes = [700, 800, 600]
      .slice(0, count)
      .map((sky) =>
        Float32Array.from({ length: width * height }, (_, i) => sky + 10 * random.normal() + (i % width) / 9),
      );
    const image = { nx: width, ny: height, factor: 1, planes };
    const levels = planes.map((plane) => skyLevel(sortedSample(plane)));
    const rows = imageRows(image);
    const colours = { sky: await neutralSky(rows, levels), gains: await starGains(rows, levels) };
    expect(await planStretch(rows)).toEqual(stretchOf(image, colours));
  },
);

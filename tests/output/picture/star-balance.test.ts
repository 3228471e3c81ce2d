import { expect, test } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { selectRank } from '../../../src/photometry/select-median.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { skyLevel, sortedSample, type SkyLevel } from '../../../src/output/picture/sky-statistics.js';
import { imageRows, sourceRows } from '../../../src/output/picture/picture-rows.js';
import { starGains } from '../../../src/output/picture/star-balance.js';

const RING = 6;

/** The colours of stars, plainly. */
function plainGains(nx: number, ny: number, planes: readonly Float32Array[], { level, sigma }: SkyLevel) {
  const [reds, greens, blues] = planes;
  const brightest = greens.reduce((a, v) => (v > a ? v : a), -Infinity);
  const low = level + Math.max(15 * sigma, (brightest - level) * 0.002);
  const high = level + (brightest - level) * 0.5;
  const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => dy * nx + dx));
  const peaks: number[] = [];
  for (let y = RING; y < ny - RING; y++) {
    for (let x = RING; x < nx - RING; x++) {
      const at = y * nx + x;
      const isPeak = around.every((step) => !(greens[at + step] > greens[at]));
      if (greens[at] > low && greens[at] < high && isPeak) peaks.push(at);
    }
  }
  const ground = (plane: Float32Array, at: number) => {
    const ring: number[] = [];
    for (let d = -RING; d <= RING; d++)
      ring.push(
        ...[plane[at - RING * nx + d], plane[at + RING * nx + d]],
        ...[plane[at + d * nx - RING], plane[at + d * nx + RING]],
      );
    return ring.some(Number.isNaN) ? NaN : selectRank(Float32Array.from(ring), ring.length >> 1);
  };
  const flux = (plane: Float32Array, at: number) => {
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) sum += plane[at + dy * nx + dx];
    return sum - 25 * ground(plane, at);
  };
  const ratios = peaks
    .sort((a, b) => greens[b] - greens[a])
    .filter((at) => !(greens[at] - ground(greens, at) < 0.5 * (greens[at] - level)))
    .map((at) => [flux(reds, at) / flux(greens, at), flux(blues, at) / flux(greens, at)])
    .filter(([r, b]) => r > 0 && r < Infinity && b > 0 && b < Infinity)
    .slice(0, 600);
  const gain = (c: number) => 1 / ratios.map((r) => r[c]).sort((a, b) => a - b)[ratios.length >> 1];
  return { peaks: peaks.length, stars: ratios.length, gains: [gain(0), 1, gain(1)] };
}

/** Stars of many colours and of few brightnesses, each on a pixel of its own or between two, a cloud with `knots` and gaps. */
function field(nx: number, ny: number, stars: number, knots: number): Float32Array[] {
  const random = randomStream(19);
  const planes = [700, 800, 600].map((sky) =>
    Float32Array.from({ length: nx * ny }, () => Math.round(sky + 6 * random.normal())),
  );
  for (let n = 0; n < stars; n++) {
    const [x, y] = [random.between(0, nx - 1), Math.round(random.between(0, ny - 1))];
    const light = 400 * (1 + Math.floor(40 * random.uniform() ** 4));
    const colour = [0.5 + random.uniform(), 1, 0.4 + random.uniform()];
    for (let j = Math.max(0, y - 4); j <= Math.min(ny - 1, y + 4); j++)
      for (let i = Math.max(0, Math.ceil(x - 4)); i <= Math.min(nx - 1, x + 4); i++)
        planes.forEach(
          (p, c) => (p[j * nx + i] += light * colour[c] * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / 2)),
        );
  }
  // knots of a nebula, which are no stars
  for (let n = 0; n < knots; n++) {
    const [x, y] = [Math.round(random.between(20, nx - 21)), Math.round(random.between(20, ny - 21))];
    for (let j = y - 16; j <= y + 16; j++)
      for (let i = x - 16; i <= x + 16; i++)
        planes.forEach(
          (p, c) => (p[j * nx + i] += [900, 1500, 300][c] * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / 72)),
        );
  }
  for (let i = 0; i < nx * ny; i++) {
    if (i % nx > 0.8 * nx) for (const plane of planes) plane[i] += 300;
    if (i % 911 === 0) planes[i % 3][i] = NaN;
  }
  return planes;
}

// sides that no piece and no turn divides; more stars than are taken; most of them behind brighter knots of a nebula
test.each([
  [301, 240, 150, 8, [30, 150]],
  [1003, 407, 2500, 125, [600, 600]],
  [1003, 407, 400, 250, [30, 400]],
])('stars of %i x %i pixels balance as they do plainly', async (nx, ny, stars, knots, [least, most]) => {
  const planes = field(nx, ny, stars, knots);
  const sky = planes.map((plane) => skyLevel(sortedSample(plane)));
  const plain = plainGains(nx, ny, planes, sky[1]);
  expect(plain.stars).toBeGreaterThanOrEqual(least);
  expect(plain.stars).toBeLessThanOrEqual(most);
  if (most < 600 && knots > 200) expect(plain.peaks).toBeGreaterThan(2000);
  expect(await starGains(imageRows({ nx, ny, factor: 1, planes }), sky)).toEqual(plain.gains);
  // and of values that are read anew each time
  const filed = sourceRows({ ...arraySource(nx, ny, planes), view: undefined });
  expect(await starGains(filed, sky)).toEqual(plain.gains);
});

test('a picture too narrow for a star with its surroundings is left as it is', async () => {
  const planes = field(12, 90, 40, 2);
  expect(
    await starGains(
      imageRows({ nx: 12, ny: 90, factor: 1, planes }),
      planes.map((plane) => skyLevel(sortedSample(plane))),
    ),
  ).toEqual([1, 1, 1]);
});

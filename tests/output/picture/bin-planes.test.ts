import { expect, test } from 'vitest';
import { binPlanes } from '../../../src/output/picture/bin-planes.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';

test('bins are means of what is not blank, with partial bins at the far edges', async () => {
  const plane = Float32Array.from([
    1, 3, 10, NaN, 5,
    5, 7, NaN, NaN, 7,
    2, 4, 8, 8, 9,
  ]); // prettier-ignore
  const binned = await binPlanes(arraySource(5, 3, [plane]), 3);
  expect([binned.nx, binned.ny, binned.factor]).toEqual([3, 2, 2]);
  expect([...binned.planes[0]]).toEqual([4, 10, 6, 3, 8, 9]);
  expect([...binned.footprint]).toEqual([1, 0.25, 1, 1, 1, 1]);
});

test('a pixel that is blank in one plane counts in none', async () => {
  const red = Float32Array.from([1, 100, 1, 1]);
  const green = Float32Array.from([2, NaN, 2, 2]);
  const binned = await binPlanes(arraySource(2, 2, [red, green, green]), 1);
  expect([...binned.planes.map((plane) => plane[0])]).toEqual([1, 2, 2]);
  expect(binned.footprint[0]).toBe(0.75);
});

test('an image that fits stays as it is; a bin without any value is NaN', async () => {
  const binned = await binPlanes(arraySource(2, 1, [Float32Array.from([NaN, 4])]), 3200);
  expect(binned.factor).toBe(1);
  expect(binned.planes[0][0]).toBeNaN();
  expect(binned.planes[0][1]).toBe(4);
});

test('the result does not depend on how rows fall into blocks', async () => {
  // Wider than one block of 2^20 pixels a row: every bin row is a block of its own.
  const nx = (1 << 19) + 3;
  const plane = Float32Array.from({ length: nx * 5 }, (_, i) => i % 7);
  const binned = await binPlanes(arraySource(nx, 5, [plane]), Math.ceil(nx / 2));
  let sum = 0;
  for (let y = 2; y < 4; y++) for (let x = 10; x < 12; x++) sum += plane[y * nx + x];
  expect(binned.planes[0][binned.nx + 5]).toBeCloseTo(sum / 4, 5);
  expect(binned.ny).toBe(3);
});

test.each([
  [2, 3],
  [3, 3],
  [2, 1],
])(
  'bins of %i pixels of %i planes are sums in float64 from the first pixel to the last',
  async (k, count) => {
    const [nx, ny] = [2 * 67 + 1, 11];
    const planes = Array.from({ length: count }, (_, p) =>
      Float32Array.from({ length: nx * ny }, (__, i) =>
        i % 23 === 5 * p ? NaN : i % 31 === p ? Infinity : Math.sin(i * (p + 1)) * 1e6 + i / 7,
      ),
    );
    const {
      nx: width,
      planes: means,
      footprint,
    } = await binPlanes(arraySource(nx, ny, planes), Math.ceil(nx / k));
    const expected = planes.map(() => means[0].map(() => 0));
    const shares = footprint.map((_, bin) => {
      const sums = planes.map(() => 0);
      let [n, area] = [0, 0];
      for (let y = Math.floor(bin / width) * k; y < Math.min(ny, (Math.floor(bin / width) + 1) * k); y++) {
        for (let x = (bin % width) * k; x < Math.min(nx, ((bin % width) + 1) * k); x++) {
          area++;
          if (!planes.every((plane) => Number.isFinite(plane[y * nx + x]))) continue;
          n++;
          planes.forEach((plane, p) => (sums[p] += plane[y * nx + x]));
        }
      }
      sums.forEach((sum, p) => (expected[p][bin] = n > 0 ? sum / n : NaN));
      return n / area;
    });
    expect(footprint).toEqual(shares);
    expect(means).toEqual(expected);
  },
);

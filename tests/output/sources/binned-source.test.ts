// A mosaic in bins: areas, deviations, counts; and a window of it.
import { describe, expect, it } from 'vitest';
import { binnedSource } from '../../../src/output/sources/binned-source.js';
import { arraySource, readRegion, type PlaneSource } from '../../../src/output/sources/plane-source.js';
import { windowSource } from '../../../src/output/sources/window-source.js';

const NX = 12;
const NY = 8;
const values = Float32Array.from({ length: 2 * NX * NY }, (_, k) => (k * 7919) % 101);
const source = arraySource(NX, NY, [values.subarray(0, NX * NY), values.subarray(NX * NY)]);
const at = (x: number, y: number) => values[NX * NY + y * NX + x];

async function rows(of: PlaneSource, plane = 1) {
  const out = new Float32Array(of.nx * of.ny);
  await of.readRows(plane, 0, of.ny, out);
  return out;
}

describe('window of a mosaic', () => {
  it('is its pixels, by rows and by regions', async () => {
    const window = windowSource(source, { x0: 3, y0: 2, width: 5, height: 4 });
    const all = await rows(window);
    expect([all[0], all[4], all[5 * 3 + 2]]).toEqual([at(3, 2), at(7, 2), at(5, 5)]);
    const part = new Float32Array(4);
    await readRegion(window, 1, { x0: 1, y0: 2, width: 2, height: 2 }, part);
    expect([...part]).toEqual([at(4, 4), at(5, 4), at(4, 5), at(5, 5)]);
  });
});

describe('bins', () => {
  it('are the mean of their area, of regions too', async () => {
    const binned = binnedSource(source, 4, { kind: 'mean' });
    expect([binned.nx, binned.ny]).toEqual([3, 2]);
    let sum = 0;
    for (let y = 4; y < 8; y++) for (let x = 8; x < 12; x++) sum += at(x, y) / 16;
    expect((await rows(binned))[5]).toBeCloseTo(sum, 4);
    const one = new Float32Array(1);
    await readRegion(binned, 1, { x0: 2, y0: 1, width: 1, height: 1 }, one);
    expect(one[0]).toBeCloseTo(sum, 4);
    const total = (list: Float32Array) => list.reduce((s, v) => s + v, 0);
    expect(16 * total(await rows(binned))).toBeCloseTo(total(values.subarray(NX * NY)), 2);
  });

  it('of any size are read in pieces of bounded memory', async () => {
    const [nx, ny, k] = [2048, 2048, 1024];
    let largest = 0;
    const value = (x: number, y: number) => (x % 7) + (y % 5);
    const fine: PlaneSource = {
      nx,
      ny,
      planes: 1,
      readRows: (_, y0, rows, out) => {
        largest = Math.max(largest, rows * nx);
        for (let y = 0; y < rows; y++) for (let x = 0; x < nx; x++) out[y * nx + x] = value(x, y0 + y);
        return Promise.resolve();
      },
    };
    let sum = 0;
    for (let y = k; y < 2 * k; y++) for (let x = 0; x < k; x++) sum += value(x, y);
    expect((await rows(binnedSource(fine, k, { kind: 'mean' }), 0))[2]).toBe(Math.fround(sum / k ** 2));
    expect(largest).toBeLessThanOrEqual(2 ** 18);
  });

  it('leave blanks out, and are blank where most is', async () => {
    const of = (...list: number[]) =>
      binnedSource(arraySource(2, 2, [Float32Array.from(list)]), 2, { kind: 'mean' });
    expect((await rows(of(1, 3, NaN, NaN), 0))[0]).toBe(2);
    expect((await rows(of(1, NaN, NaN, NaN), 0))[0]).toBeNaN();
  });

  it('have the deviation of a mean, counts and sums of what they are made of', async () => {
    const four = arraySource(2, 2, [Float32Array.of(3, 3, 3, 3), Float32Array.of(1, 2, 4, 6)]);
    const deviation = binnedSource(four, 2, { kind: 'deviation', correlation: [1, 4] });
    expect((await rows(deviation, 0))[0]).toBeCloseTo(1.5, 6);
    expect((await rows(deviation, 1))[0]).toBeCloseTo((2 * Math.sqrt(1 + 4 + 16 + 36)) / 4, 5);
    expect((await rows(binnedSource(four, 2, { kind: 'count' }), 1))[0]).toBe(3);
    expect((await rows(binnedSource(four, 2, { kind: 'sum' }), 1))[0]).toBe(13);
    const few = arraySource(2, 2, [Float32Array.of(9, 0, 0, 0), Float32Array.of(9, 9, 0, 0)]);
    const counts = binnedSource(few, 2, { kind: 'count' });
    expect([(await rows(counts, 0))[0], (await rows(counts, 1))[0]]).toEqual([0, 5]);
  });
});

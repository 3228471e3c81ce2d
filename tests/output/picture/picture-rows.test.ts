import { expect, test } from 'vitest';
import {
  hasBlanks,
  imageRows,
  rowsAsTheyAre,
  rowsOfTurn,
  someTurn,
  sourceRows,
} from '../../../src/output/picture/picture-rows.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';

const [nx, ny] = [700, 101];
const planes = [0, 1, 2].map((p) => Float32Array.from({ length: nx * ny }, (_, i) => 10 * i + p));
const inMemory = arraySource(nx, ny, planes);
const onDisk = { ...inMemory, view: undefined };

test('a source in memory is shown from where it lies, another one is read', async () => {
  expect((await sourceRows(inMemory).rows(1, 3, 2)).buffer).toBe(planes[1].buffer);
  const rows = sourceRows(onDisk);
  const [first, other] = [await rows.rows(1, 3, 2), await rows.rows(2, 3, 1)];
  expect(first).toEqual(planes[1].slice(3 * nx, 5 * nx));
  expect(other).toEqual(planes[2].slice(3 * nx, 4 * nx));
  // larger, smaller, up to the last row
  for (const [y0, count] of [
    [0, 60],
    [ny - 1, 1],
    [41, 60],
  ])
    expect(await rows.rows(0, y0, count)).toEqual(planes[0].slice(y0 * nx, (y0 + count) * nx));
});

test('what lies ready is read each time that it is wanted, what would be computed only once', async () => {
  for (const isStored of [true, false]) {
    let reads = 0;
    const counted = {
      ...onDisk,
      isStored,
      readRows: (...of: Parameters<typeof onDisk.readRows>) => {
        reads++;
        return onDisk.readRows(...of);
      },
    };
    const rows = await rowsAsTheyAre(counted);
    expect(reads).toBe(isStored ? 0 : 3);
    for (const [p, plane] of planes.entries()) {
      const expected = plane.slice(7 * nx, 11 * nx);
      expect(await rows.rows(p, 7, 4)).toEqual(expected);
      const out = new Float32Array(4 * nx);
      await rows.readRows(p, 7, 4, out);
      expect(out).toEqual(expected);
    }
    expect(reads).toBe(isStored ? 6 : 3);
    expect({ ...rows, rows: 0, readRows: 0 }).toEqual({ nx, ny, planes: 3, factor: 1, rows: 0, readRows: 0 });
  }
});

test('turns are whole rows, all of them, until one is enough', async () => {
  const seen: [number, number][] = [];
  const take = (values: Float32Array, y0: number) => void seen.push([y0, values.length / nx]);
  expect(await someTurn(sourceRows(onDisk), 0, take)).toBe(false);
  const most = rowsOfTurn(nx);
  expect(most).toBeLessThan(ny / 2);
  expect(seen.map(([y0]) => y0)).toEqual(seen.map((_, k) => k * most));
  expect(seen.reduce((sum, [, rows]) => sum + rows, 0)).toBe(ny);
  let turns = 0;
  expect(await someTurn(sourceRows(onDisk), 0, () => ++turns === 2)).toBe(true);
  expect(turns).toBe(2);
});

test.each([
  [nx * ny - 1, NaN],
  [nx * ny - 4, Infinity],
  [0, NaN],
])('finds a blank at %i', async (at, blank) => {
  expect(await hasBlanks(sourceRows(onDisk))).toBe(false);
  const last = planes[2].slice();
  last[at] = blank;
  expect(
    await hasBlanks(sourceRows({ ...arraySource(nx, ny, [planes[0], planes[1], last]), view: undefined })),
  ).toBe(true);
});

test('a footprint tells of blanks where there is one', async () => {
  const image = { nx, ny, factor: 2, planes };
  const whole = new Float32Array(nx * ny).fill(1);
  expect(await hasBlanks(imageRows({ ...image, footprint: whole }))).toBe(false);
  expect(await hasBlanks(imageRows({ ...image, footprint: whole.fill(0.5, 7, 8) }))).toBe(true);
});

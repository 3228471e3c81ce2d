// What cells come to, held against the rules that stand in src/photometry/background/background-mesh.ts, worked out by hand.
import { describe, expect, it } from 'vitest';
import { medianOf } from '../../src/photometry/mesh-repair.js';
import { SamplePasses } from '../../src/simd/sample-passes.js';

const COUNT = 400;
/** Standard error of a mean less its median, sigmas. */
const ERROR = Math.sqrt((Math.PI / 2 - 1) / COUNT);

/** Levels of cells of `sigmas` whose means lie by `lifts` sigmas above a median of 100. */
function levelsOf(lifts: number[], sigmas: number[], maxSkew: number, tail: number): Float32Array {
  const room = new SamplePasses();
  const put = (values: number[]) => {
    const at = room.take(4 * values.length);
    return { at, values };
  };
  const numbers = [
    lifts.map((v, i) => 100 + v * (sigmas[i] || 1)),
    lifts.map(() => 100),
    sigmas,
    lifts.map(() => COUNT),
  ].map(put);
  const scratch = room.take(24 * lifts.length);
  const out = room.take(4 * lifts.length);
  for (const { at, values } of numbers) new Float32Array(room.buffer, at, values.length).set(values);
  const [means, medians, widths, counts] = numbers.map(({ at }) => at);
  room.passes.cellLevels(means, medians, widths, counts, lifts.length, maxSkew, tail, scratch, out);
  return new Float32Array(room.buffer, out, lifts.length).slice();
}

describe('the level of a cell', () => {
  it('is its mean, less 2.5 times what lifts it beyond two standard errors, and its median from 0.3 sigmas on', () => {
    const lifts = [0, 0, 0, 0, 0, 1.9 * ERROR, 0.28, 0.32, -0.1];
    const levels = levelsOf(
      lifts,
      lifts.map(() => 10),
      0.05,
      0.5,
    );
    const expected = lifts.map((v) => 100 + 10 * (v > 0.3 ? 0 : v - 2.5 * Math.max(0, v - 2 * ERROR)));
    for (const [i, v] of levels.entries()) expect(v).toBeCloseTo(expected[i], 4);
  });

  it('allows for the skew that most cells have, as far as noise can be skewed, and for what clipping takes of it', () => {
    for (const [common, skew] of [
      [0.02, 0.02],
      [0.2, 0.05],
      [-0.2, 0],
    ]) {
      const lifts = new Array<number>(7).fill(common);
      const expected = 100 + 10 * (common + 0.5 * skew - 2.5 * Math.max(0, common - skew - 2 * ERROR));
      for (const v of levelsOf(
        lifts,
        lifts.map(() => 10),
        0.05,
        0.5,
      ))
        expect(v).toBeCloseTo(expected, 4);
    }
  });

  it('is its mean where it has no noise', () => {
    expect(levelsOf([5, 0, 0], [0, 10, 10], 0.05, 0.5)[0]).toBe(105);
  });
});

/** The rule of `filterOutlyingCells` as it stands there, cell by cell, with what the median neighbourhood expects and how far a cell may lie off. */
function byTheRule(cells: Float32Array, nx: number, ny: number, limit: number) {
  const at = (x: number, y: number) => (x >= 0 && y >= 0 && x < nx && y < ny ? cells[y * nx + x] : undefined);
  const expected = Float32Array.from(cells, (c, k) => {
    const [x, y] = [k % nx, Math.floor(k / nx)];
    const around = [-1, 0, 1].flatMap((dy) =>
      [-1, 0, 1].flatMap((dx) => {
        const opposite = at(x - dx, y - dy);
        return at(x + dx, y + dy) ?? (opposite === undefined ? [] : 2 * c - opposite);
      }),
    );
    return medianOf(around);
  });
  const most = limit * medianOf(expected.map((v, k) => Math.fround(Math.abs(cells[k] - v))));
  const out = cells.map((c, k) => (Math.abs(c - expected[k]) > most ? expected[k] : c));
  for (const [x, y] of [0, ny - 1].flatMap((row) => [0, nx - 1].map((column) => [column, row]))) {
    const [dx, dy] = [x === 0 ? 1 : -1, y === 0 ? 1 : -1];
    const cell = (i: number, j: number) => out[(y + j * dy) * nx + x + i * dx];
    const plane = cell(1, 0) + cell(0, 1) - cell(1, 1);
    if (Math.abs(cell(0, 0) - plane) > Math.sqrt(3) * most) out[y * nx + x] = plane;
  }
  return { out, most };
}

describe('cells that lie off', () => {
  const [nx, ny] = [8, 7];
  const noise = (k: number) => 2 * Math.sin(1e4 * Math.sin(k + 1));

  function filter(before: Float32Array, limit = 12): Float32Array {
    const room = new SamplePasses();
    const at = room.take(4 * nx * ny);
    const scratch = room.take(16 * nx * ny + 216);
    new Float32Array(room.buffer, at, nx * ny).set(before);
    room.passes.filterCells(at, nx, ny, limit, scratch);
    return new Float32Array(room.buffer, at, nx * ny).slice();
  }

  /** Cells of a plane with noise of some units, `more` added to some. */
  const cellsOf = (more: Record<number, number> = {}) =>
    Float32Array.from({ length: nx * ny }, (_, k) => 0.3 * (k % nx) + noise(k) + (more[k] ?? 0));

  it('are left where they are within the scatter, at corners too', () => {
    expect(filter(cellsOf())).toEqual(cellsOf());
  });

  it('take the median of their neighbourhood, at a corner the plane through its neighbours', () => {
    const corners = [0, 7, 48, 55];
    const before = cellsOf({ 27: 500, ...Object.fromEntries(corners.map((k) => [k, 500])) });
    const after = filter(before);
    expect(Math.abs(after[27] - (before[27] - 500))).toBeLessThan(4);
    for (const k of corners) expect(Math.abs(after[k] - (before[k] - 500))).toBeLessThan(10);
  });

  it.each(Array.from({ length: nx * ny }, (_, k) => k))('wherever they lie, by the rule: cell %i', (k) => {
    const { most } = byTheRule(cellsOf(), nx, ny, 3);
    // from what is left to what is replaced, at corners by the limit of three cells' noise
    for (const off of [-40, -2.5, -2, -1.5, -1, 1, 1.5, 2, 2.5, 40]) {
      const before = cellsOf({ [k]: off * most });
      const { out } = byTheRule(before, nx, ny, 3);
      for (const [i, v] of filter(before, 3).entries()) expect(v).toBeCloseTo(out[i], 4);
    }
  });
});

// What cells come to, held against the rules that stand in src/photometry/background-mesh.ts, worked out by hand.
import { describe, expect, it } from 'vitest';
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

describe('cells that lie off', () => {
  /** Cells of a plane with noise of some units, `more` added to some. */
  function filtered(more: Record<number, number>): { before: Float32Array; after: Float32Array } {
    const [nx, ny] = [8, 7];
    const before = Float32Array.from(
      { length: nx * ny },
      (_, k) => 0.3 * (k % nx) + 2 * Math.sin(1e4 * Math.sin(k + 1)) + (more[k] ?? 0),
    );
    const room = new SamplePasses();
    const at = room.take(4 * nx * ny);
    const scratch = room.take(16 * nx * ny + 216);
    new Float32Array(room.buffer, at, nx * ny).set(before);
    room.passes.filterCells(at, nx, ny, 12, scratch);
    return { before, after: new Float32Array(room.buffer, at, nx * ny).slice() };
  }

  it('are left where they are within the scatter, at corners too', () => {
    const { before, after } = filtered({});
    expect(after).toEqual(before);
  });

  it('take the median of their neighbourhood, at a corner the plane through its neighbours', () => {
    const corners = [0, 7, 48, 55];
    const { before, after } = filtered({ 27: 500, ...Object.fromEntries(corners.map((k) => [k, 500])) });
    expect(Math.abs(after[27] - (before[27] - 500))).toBeLessThan(4);
    for (const k of corners) expect(Math.abs(after[k] - (before[k] - 500))).toBeLessThan(10);
    const touched = [27, ...corners];
    for (const [k, v] of after.entries())
      if (!touched.includes(k)) expect(Math.abs(v - before[k])).toBeLessThan(10);
  });
});

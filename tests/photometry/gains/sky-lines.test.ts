// Lines through the sky that frames share give back their gains, however frames hang together and whatever spoils some places; flat sky gives none.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import type { FrameLevels } from '../../../src/photometry/levels/level-observations.js';
import { solveSkyLines } from '../../../src/photometry/gains/sky-lines.js';

const SIDE = 24;
const WIDE = 200;

interface Options {
  /** First column of each frame on the sky; 0 unless told. */
  readonly starts?: readonly number[];
  /** ADU of the nebula. */
  readonly nebula?: number;
  /** Share of the places that something else lights up. */
  readonly spoilt?: number;
}

/** Frames of 24 x 24 nodes, noise 2 ADU, each with the given transparency and a level of its own. */
function session(
  transparency: readonly number[],
  { starts = [], nebula = 150, spoilt = 0 }: Options = {},
): FrameLevels[] {
  const random = randomStream(5);
  return transparency.map((t, f) => {
    const count = SIDE * SIDE;
    const node = Int32Array.from({ length: count }, (_, i) => {
      const column = (starts[f] ?? 0) + (i % SIDE);
      return Math.floor(i / SIDE) * WIDE + column;
    });
    const level = Float32Array.from(node, (n) => {
      const [column, row] = [n % WIDE, Math.floor(n / WIDE)];
      const sky = nebula * (1 + Math.sin(column / 3) * Math.cos(row / 4));
      const wrong = random.uniform() < spoilt ? 400 : 0;
      return t * sky + 500 + 60 * f + wrong + 2 * random.normal();
    });
    return {
      node,
      level,
      sigma: new Float32Array(count).fill(2),
      x: Float32Array.from({ length: count }, (_, i) => (2 * (i % SIDE)) / SIDE - 1),
      y: Float32Array.from({ length: count }, (_, i) => (2 * Math.floor(i / SIDE)) / SIDE - 1),
    };
  });
}

/** Farthest of the gains from the transparencies' inverses, up to the factor that is left open. */
function worst(gains: Float64Array, transparency: readonly number[]): number {
  const product = [...gains].map((gain, f) => gain * transparency[f]);
  const middle = product.reduce((a, b) => a + b, 0) / product.length;
  return Math.max(...product.map((p) => Math.abs(p / middle - 1)));
}

describe('gains by lines through the common sky', () => {
  const t = [1, 0.8, 0.95, 0.5, 1.1];

  it('are those of the frames, their median 1', () => {
    const { gains, flat, unlikely } = solveSkyLines(session(t));
    expect(worst(gains, t)).toBeLessThan(0.004);
    expect([...gains].sort((a, b) => a - b)[2]).toBeCloseTo(1, 6);
    expect([flat, unlikely]).toEqual([[], []]);
  });

  it('are not moved by places that something else lights up', () => {
    expect(worst(solveSkyLines(session(t, { spoilt: 0.08 })).gains, t)).toBeLessThan(0.01);
  });

  it('noise does not flatten: two frames over a faint nebula', () => {
    const faint = session([1, 0.6], { nebula: 16 });
    expect(worst(solveSkyLines(faint).gains, [1, 0.6])).toBeLessThan(0.01);
  });

  it('go along a chain of overlaps, and parts have each their own median', () => {
    const starts = [0, 12, 24, 36, 100, 110];
    const own = [1, 0.8, 0.6, 0.9, 0.4, 0.2];
    const { gains } = solveSkyLines(session(own, { starts }));
    expect(worst(gains.subarray(0, 4), own.slice(0, 4))).toBeLessThan(0.02);
    expect(worst(gains.subarray(4), own.slice(4))).toBeLessThan(0.02);
    expect((gains[4] + gains[5]) / 2).toBeCloseTo(1, 0);
  });

  it('are none where the sky is flat, or no other frame sees it', () => {
    const { gains, flat } = solveSkyLines(session([1, 0.8, 0.9, 1], { nebula: 0, starts: [0, 0, 0, 100] }));
    expect([...gains]).toEqual([NaN, NaN, NaN, NaN]);
    expect(flat).toEqual([0, 1, 2, 3]);
  });

  it('are not used where no air is so opaque', () => {
    const { gains, unlikely } = solveSkyLines(session([1, 1, 0.1, 0.9]));
    expect(unlikely).toEqual([2]);
    expect(gains[2]).toBeNaN();
    expect(
      worst(
        gains.filter((v) => !Number.isNaN(v)),
        [1, 1, 0.9],
      ),
    ).toBeLessThan(0.004);
  });
});

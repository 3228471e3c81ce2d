import { describe, expect, test } from 'vitest';
import { blendBands, type BandInput } from '../../src/aesthetic/multi-band.js';

const [nx, ny] = [512, 128];
/** Where the left stack ends, and where the right one begins. */
const [END, BEGIN] = [320, 192];
const OFFSET = 40;

const star = (x: number, y: number) => {
  const [dx, dy] = [(x % 32) - 16, (y % 32) - 16];
  return 900 * Math.exp(-(dx * dx + dy * dy) / 4);
};
const sky = (x: number, y: number) => 500 + 0.1 * x + 20 * Math.sin(x / 40) * Math.cos(y / 30);

function stack(first: number, end: number, offset: number, weight = 1): BandInput {
  const values = new Float32Array(nx * ny).fill(NaN);
  const weights = new Float32Array(nx * ny);
  for (let y = 0; y < ny; y++) {
    for (let x = first; x < end; x++) {
      values[y * nx + x] = sky(x, y) + star(x, y) + offset;
      const distance = Math.min(first > 0 ? x - first : nx, end < nx ? end - 1 - x : nx) + 0.5;
      weights[y * nx + x] = weight * distance ** 8;
    }
  }
  return { values, weights };
}

const blend = (stacks: readonly BandInput[], bands: number) =>
  blendBands(
    async function* () {
      yield* stacks;
    },
    nx,
    ny,
    bands,
  );

/** Largest change of the error from one column to the next. */
function steepest(out: Float32Array): number {
  let most = 0;
  for (let y = 0; y < ny; y++) {
    for (let x = 1; x < nx; x++) {
      const error = (at: number) => out[y * nx + at] - sky(at, y) - star(at, y);
      most = Math.max(most, Math.abs(error(x) - error(x - 1)));
    }
  }
  return most;
}

describe('blendBands', () => {
  test('one stack is what it was, blanks and all', async () => {
    const one = stack(0, END, 0);
    const out = await blend([one], 6);
    let worst = 0;
    for (let k = 0; k < out.length; k++) {
      if (Number.isNaN(one.values[k]) !== Number.isNaN(out[k])) worst = Infinity;
      else if (!Number.isNaN(out[k])) worst = Math.max(worst, Math.abs(out[k] - one.values[k]));
    }
    expect(worst).toBeLessThan(1e-2);
  });

  test('a step goes over widely, and stars stay as sharp as they were', async () => {
    const stacks = [stack(0, END, OFFSET / 2), stack(BEGIN, nx, -OFFSET / 2)];
    const plain = stacks[0].values.map((v, k) => {
      const [a, b] = [v, stacks[1].values[k]];
      return Number.isNaN(a) ? b : Number.isNaN(b) ? a : (a + b) / 2;
    });
    expect(steepest(plain)).toBeGreaterThan(0.45 * OFFSET);
    const out = await blend(stacks, 6);
    expect(steepest(out)).toBeLessThan(0.04 * OFFSET);
    // far from the overlap each is itself, and the way between is one way
    const errors = [40, 250, 470].map((x) => out[64 * nx + x] - sky(x, 64) - star(x, 64));
    expect(errors[0]).toBeGreaterThan(0.45 * OFFSET);
    expect(errors[2]).toBeLessThan(-0.45 * OFFSET);
    let peaks = 0;
    for (let x = 16; x < nx; x += 32) {
      const at = 48 * nx + x;
      const height = out[at] - (out[at - 12] + out[at + 12]) / 2;
      const own = 900 + sky(x, 48) - (sky(x - 12, 48) + sky(x + 12, 48)) / 2;
      peaks = Math.max(peaks, Math.abs(height / own - 1));
    }
    expect(peaks).toBeLessThan(0.01);
  });

  test('stacks of one place count by their weights, so that none is lost', async () => {
    const out = await blend([stack(0, nx, 0, 3), stack(0, nx, OFFSET, 1)], 6);
    for (const at of [64 * nx + 3, 30 * nx + 300])
      expect(out[at] - sky(at % nx, Math.floor(at / nx)) - star(at % nx, Math.floor(at / nx))).toBeCloseTo(
        OFFSET / 4,
        2,
      );
  });
});

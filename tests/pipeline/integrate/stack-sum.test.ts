// Stacks of groups against plain loops: parts of a cell, groups that share frames, stacks that fade, blanks.
import { describe, expect, it } from 'vitest';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import type { StackResult } from '../../../src/pipeline/integrate/programs/stack-program.js';
import { StackSum } from '../../../src/pipeline/integrate/stack-sum.js';
import type { CellRect } from '../../../src/pipeline/planning/grid/pixel-map.js';
import { SamplePasses } from '../../../src/simd/sample-passes.js';

const PLANES = 2;
const RECT: CellRect = { x0: 40, y0: 100, width: 9, height: 7 };
const TOP: CellRect = { ...RECT, height: 4 };
const BOTTOM: CellRect = { ...RECT, y0: 104, height: 3 };

/** A stack with blanks, without weights here and there. */
function stackOf(seed: number, { width, height }: CellRect, more: boolean): StackResult {
  const length = PLANES * width * height;
  const at = (k: number, factor: number) => Math.abs(Math.sin(seed * 7.7 + k * factor));
  const counts = (factor: number) => Uint32Array.from({ length }, (_, k) => Math.floor(9 * at(k, factor)));
  return {
    mean: Float32Array.from({ length }, (_, k) => (k % 5 === seed ? BLANK_VALUE : 1000 * at(k, 1.3))),
    weight: Float32Array.from({ length }, (_, k) => (k % 7 === seed ? 0 : at(k, 0.9))),
    used: counts(0.7),
    rejected: { low: 3 * seed, high: 5 },
    ...(more && { sampled: counts(0.3), rejectedMaps: { low: counts(1.1), high: counts(1.7) } }),
  };
}

const fade = (x: number, y: number) => 0.1 + Math.abs(Math.sin(x * 0.4 + y));

/** What was added: a part, its stack, its share, whether it fades. */
type Added = readonly [CellRect, StackResult, number, boolean];

function expected(added: readonly Added[], plane: number, x: number, y: number) {
  let [sum, weight, squares, used, sampled, low] = [0, 0, 0, 0, 0, 0];
  for (const [part, stack, share, fades] of added) {
    const row = RECT.y0 + y - part.y0;
    if (row < 0 || row >= part.height) continue;
    const k = (plane * part.height + row) * part.width + x;
    sampled += share * (stack.sampled?.[k] ?? 0);
    low += share * (stack.rejectedMaps?.low[k] ?? 0);
    if (stack.mean[k] === BLANK_VALUE || stack.weight[k] === 0) continue;
    const factor = fades ? fade(RECT.x0 + x, RECT.y0 + y) : 1;
    sum += factor * stack.weight[k] * stack.mean[k];
    weight += factor * stack.weight[k];
    squares += factor * factor * stack.weight[k];
    used += share * stack.used[k];
  }
  return {
    mean: weight > 0 ? sum / weight : BLANK_VALUE,
    weight: weight > 0 ? weight ** 2 / squares : 0,
    used: Math.max(weight > 0 ? 1 : 0, Math.round(used)),
    sampled: Math.round(sampled),
    low: Math.round(low),
  };
}

describe('StackSum', () => {
  it.each([
    ['as they are', false, false],
    ['that fade, with counts', true, true],
  ])('is the mean of stacks %s', (_, fades, more) => {
    const added: readonly Added[] = [
      [TOP, stackOf(1, TOP, more), 1, fades],
      [BOTTOM, stackOf(2, BOTTOM, more), 1, fades],
      [RECT, stackOf(3, RECT, more), 0.375, false],
    ];
    const room = new SamplePasses();
    // memory that has served
    room.within(() => room.put(new Uint8Array(1 << 16).fill(0xaa)));
    const sum = new StackSum(room, RECT, PLANES, fades);
    for (const [part, stack, share, own] of added) sum.add(part, stack, share, own ? fade : undefined);
    const result = sum.result();
    let blanks = 0;
    for (let plane = 0, k = 0; plane < PLANES; plane++) {
      for (let y = 0; y < RECT.height; y++) {
        for (let x = 0; x < RECT.width; x++, k++) {
          const pixel = expected(added, plane, x, y);
          if (pixel.mean === BLANK_VALUE) blanks++;
          expect(result.mean[k]).toBe(Math.fround(pixel.mean));
          expect(result.weight[k]).toBeCloseTo(pixel.weight, 6);
          expect(result.used[k]).toBe(pixel.used);
          if (more)
            expect([result.sampled![k], result.rejectedMaps!.low[k]]).toEqual([pixel.sampled, pixel.low]);
        }
      }
    }
    expect(blanks).toBeGreaterThan(0);
    expect(result.rejected).toEqual({ low: 12, high: 12 });
    if (!more) expect([result.sampled, result.rejectedMaps]).toEqual([undefined, undefined]);
  });

  it('takes wide cells some rows at a time', () => {
    const wide: CellRect = { x0: 40, y0: 100, width: 12_000, height: 5 };
    const length = PLANES * wide.width * wide.height;
    const stack = (seed: number): StackResult => ({
      mean: Float32Array.from({ length }, (_, k) => ((k * seed) % 1013) + 1),
      weight: new Float32Array(length).fill(1),
      used: Uint32Array.from({ length }, (_, k) => (k * seed) % 11),
      rejected: { low: 0, high: 0 },
    });
    const [faded, plain] = [stack(7), stack(11)];
    const sum = new StackSum(new SamplePasses(), wide, PLANES, true);
    sum.add(wide, faded, 1, fade);
    sum.add(wide, plain, 1);
    const { mean, used } = sum.result();
    const means = Float32Array.from({ length }, (_, k) => {
      const at = k % (wide.width * wide.height);
      const factor = fade(wide.x0 + (at % wide.width), wide.y0 + Math.floor(at / wide.width));
      return (factor * faded.mean[k] + plain.mean[k]) / (factor + 1);
    });
    expect(Buffer.compare(Buffer.from(mean.buffer), Buffer.from(means.buffer))).toBe(0);
    expect(used.every((count, k) => count === Math.max(1, faded.used[k] + plain.used[k]))).toBe(true);
  });
});

// A stack on its way into the canvases: blanks become NaN, coverage is taken, samples are counted.
import { BLANK_LIMIT } from '../../compute/constants.js';
import { fromWordSum, wordSum } from '../../compute/word-sum.js';
import { withPasses } from '../../simd/sample-passes.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { CellSums } from '../resume/run-memory.js';
import type { MosaicCanvases } from './canvas.js';
import type { StackResult } from '../integrate/programs/stack-program.js';

/** What was counted while stacks were stored. */
export type StoredSums = { -readonly [key in keyof CellSums]: CellSums[key] } & {
  /** Pixels of the canvas. */
  stored: number;
};

export const nothingStored = (): StoredSums => ({ used: 0, low: 0, high: 0, stored: 0 });

/** Pixels of a turn: what is made of them goes on to the canvas out of the processor's cache. */
const TURN_PIXELS = 1 << 15;

/** Writes a stack, `[planes, rect.height, rect.width]`, and adds its samples to `sums`. Coverage is that of the deepest plane. */
export async function storeStack(
  rect: CellRect,
  { mean, weight, used, radialWeight, sampled, rejected, rejectedMaps }: StackResult,
  planes: number,
  canvas: MosaicCanvases,
  sums: StoredSums,
): Promise<void> {
  const { width, height } = rect;
  const pixels = width * height;
  const rows = Math.max(1, Math.floor(TURN_PIXELS / width));
  await withPasses(async (room) => {
    const [values, weights, counts, deepest] = Array.from({ length: 4 }, () => room.take(4 * rows * width));
    const floats = (at: number, length: number) => new Float32Array(room.buffer, at, length);
    for (let y = 0; y < height; y += rows) {
      const part = { x0: rect.x0, y0: rect.y0 + y, width, height: Math.min(rows, height - y) };
      const length = part.height * width;
      floats(deepest, length).fill(0);
      for (let plane = 0; plane < planes; plane++) {
        const from = plane * pixels + y * width;
        floats(values, length).set(mean.subarray(from, from + length));
        floats(weights, length).set(weight.subarray(from, from + length));
        new Uint32Array(room.buffer, counts, length).set(used.subarray(from, from + length));
        const samples = room.passes.settleStack(values, weights, counts, deepest, length, BLANK_LIMIT);
        if (!sampled) sums.used += samples;
        await canvas.mosaic.writePlane(plane, part, floats(values, length));
        await canvas.weight.writePlane(plane, part, floats(weights, length));
      }
      await canvas.coverage.writePlane(0, part, floats(deepest, length));
    }
  });
  if (sampled) sums.used += fromWordSum(wordSum(sampled));
  sums.stored += pixels;
  sums.low += rejected.low;
  sums.high += rejected.high;
  if (radialWeight) await canvas.radial?.write(rect, radialWeight);
  if (!rejectedMaps) return;
  await canvas.rejected?.low.write(rect, Float32Array.from(rejectedMaps.low));
  await canvas.rejected?.high.write(rect, Float32Array.from(rejectedMaps.high));
}

// A stack on its way into the canvases: blanks become NaN, coverage is taken, samples are counted.
import { BLANK_LIMIT } from '../../compute/constants.js';
import type { CellRect } from '../planning/pixel-map.js';
import type { CellSums } from '../resume/run-memory.js';
import type { Canvas, Canvases } from './canvas.js';
import type { StackResult } from './stack-program.js';

/** What was counted while stacks were stored. */
export type StoredSums = { -readonly [key in keyof CellSums]: CellSums[key] } & {
  /** Pixels of the canvas. */
  stored: number;
};

export const nothingStored = (): StoredSums => ({ used: 0, low: 0, high: 0, stored: 0 });

/** Writes a stack, `[planes, rect.height, rect.width]`, which it alters, and adds its samples to `sums`. */
export async function storeStack(
  rect: CellRect,
  { mean, weight, used, radialWeight, sampled = used, rejected, rejectedMaps }: StackResult,
  planes: number,
  canvas: Canvases & {
    readonly radial?: Canvas;
    readonly rejected?: { readonly low: Canvas; readonly high: Canvas };
  },
  sums: StoredSums,
): Promise<void> {
  const pixels = rect.width * rect.height;
  const coverage = new Float32Array(pixels);
  for (let plane = 0; plane < planes; plane++) {
    for (let start = 0; start < pixels; start += BLOCK_PIXELS) {
      const from = plane * pixels + start;
      const count = Math.min(BLOCK_PIXELS, pixels - start);
      settle(mean, weight, used, from, coverage.subarray(start, start + count));
      sums.used += sumOf(sampled, from, from + count);
    }
  }
  sums.stored += pixels;
  sums.low += rejected.low;
  sums.high += rejected.high;
  await canvas.mosaic.write(rect, mean);
  await canvas.weight.write(rect, weight);
  await canvas.coverage.write(rect, coverage);
  if (radialWeight) await canvas.radial?.write(rect, radialWeight);
  if (!rejectedMaps) return;
  await canvas.rejected?.low.write(rect, Float32Array.from(rejectedMaps.low));
  await canvas.rejected?.high.write(rect, Float32Array.from(rejectedMaps.high));
}

/** Pixels of a turn: short functions are compiled sooner, and what they share still lies in the processor's cache. */
const BLOCK_PIXELS = 1 << 16;

/** From pixel `from` of a plane on: where no sample stands, the canvas holds NaN; coverage is that of the deepest plane. */
function settle(
  mean: Float32Array,
  weight: Float32Array,
  used: Uint32Array,
  from: number,
  coverage: Float32Array,
): void {
  for (let i = 0, k = from; i < coverage.length; i++, k++) {
    if (!(mean[k] > BLANK_LIMIT && weight[k] > 0)) mean[k] = NaN;
    if (used[k] > coverage[i]) coverage[i] = used[k];
  }
}

function sumOf(counts: Uint32Array, start: number, end: number): number {
  let sum = 0;
  for (let k = start; k < end; k++) sum += counts[k];
  return sum;
}

// The walk over the pixels of a sample cube that the gpu.js stacks share.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { StackBuffers, StackParams } from '../stack-pixels.js';
import type { GpujsEngine } from './engine.js';
import {
  combineSurvivors,
  medianOfSurvivors,
  STACK_PIXELS,
  survivorBounds,
  WINSOR_ARGUMENTS,
} from './stack-code.js';

/** What a stack rejects. */
export interface Clipping {
  readonly winsorise: boolean;
  readonly kappaLow: number;
  readonly kappaHigh: number;
  readonly maxIterations: number;
}

/** Clips every pixel, unless nothing is to be rejected, and combines the survivors. */
export async function stackTiles(
  engine: GpujsEngine,
  p: StackParams,
  b: StackBuffers,
  combine: 'mean' | 'median',
  clipping: Clipping | undefined,
  turn: () => Promise<void>,
): Promise<void> {
  const { pixels, planes, slots } = p;
  const cube = new Float32Array(slots * STACK_PIXELS).fill(BLANK_VALUE);
  const weights = new Float32Array(slots);
  const least = new Float32Array(STACK_PIXELS).fill(BLANK_LIMIT);
  const most = new Float32Array(STACK_PIXELS).fill(Infinity);
  const samples = new Float32Array(STACK_PIXELS);
  for (let c = 0; c < planes; c++) {
    for (let s = 0; s < slots; s++) weights[s] = b.frame_weights[s * planes + c];
    for (let start = 0; start < pixels; start += STACK_PIXELS) {
      const size = Math.min(STACK_PIXELS, pixels - start);
      for (let s = 0; s < slots; s++) {
        const from = (s * planes + c) * pixels + start;
        cube.set(b.cube.subarray(from, from + size), s * STACK_PIXELS);
      }
      if (clipping) {
        const { winsorise, kappaLow, kappaHigh, maxIterations } = clipping;
        const thresholds = [winsorise ? 1 : 0, kappaLow, kappaHigh, Math.min(maxIterations, 2 ** 31 - 1)];
        const args = [cube, slots, ...thresholds, ...WINSOR_ARGUMENTS];
        const bounds = engine.launch(survivorBounds, args) as readonly Float32Array[];
        for (let i = 0; i < size; i++) [least[i], most[i], samples[i]] = bounds[i];
        await turn();
      }
      const sums = engine.launch(combineSurvivors, [cube, weights, least, most, slots]);
      const out = c * pixels + start;
      for (let i = 0; i < size; i++) {
        const [mean, weight, used, low] = sums[i] as Float32Array;
        b.mean[out + i] = mean;
        b.weight[out + i] = weight;
        b.used[out + i] = used;
        b.rejected_low[out + i] = low;
        b.rejected_high[out + i] = clipping ? samples[i] - used - low : 0;
      }
      if (combine === 'median') {
        const medians = engine.launch(medianOfSurvivors, [cube, least, most, slots]) as Float32Array;
        b.mean.set(medians.subarray(0, size), out);
      }
      await turn();
    }
  }
}

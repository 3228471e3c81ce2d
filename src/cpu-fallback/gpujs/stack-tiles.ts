// The walk over the pixels of a sample cube that the gpu.js stacks share.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { clippingParams } from '../../compute/contracts/stack-buffers.js';
import type { ParamsOf } from '../../compute/params.js';
import { COMBINE_MEAN, type StackBuffers, type StackParams } from '../stack-pixels.js';
import type { DeviceArgument, DeviceKernel } from './device-code.js';
import type { GpujsEngine } from './engine.js';
import {
  combineSurvivors,
  medianOfSurvivors,
  SCATTER,
  SCATTER_ARGUMENTS,
  STACK_PIXELS,
  survivorBounds,
} from './stack-code.js';

/** What a stack rejects: a device function of (cube, slots, ...args) to (least survivor, greatest survivor, number of samples). */
export interface Bounds {
  readonly kernel: DeviceKernel;
  readonly args: readonly DeviceArgument[];
}

/** Clipping about the median. */
export function boundsAboutMedian(scatter: keyof typeof SCATTER, p: ParamsOf<typeof clippingParams>): Bounds {
  const iterations = Math.min(p.maxIterations, 2 ** 31 - 1);
  const args = [SCATTER[scatter], p.kappaLow, p.kappaHigh, iterations, ...SCATTER_ARGUMENTS];
  return { kernel: survivorBounds, args };
}

/** Clips every pixel, unless nothing is to be rejected, and combines the survivors. */
export async function stackTiles(
  engine: GpujsEngine,
  p: StackParams,
  b: StackBuffers,
  combine: number,
  bounds: Bounds | undefined,
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
      if (bounds) {
        const found = engine.launch(bounds.kernel, [cube, slots, ...bounds.args]) as readonly Float32Array[];
        for (let i = 0; i < size; i++) [least[i], most[i], samples[i]] = found[i];
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
        b.rejected_high[out + i] = bounds ? samples[i] - used - low : 0;
      }
      if (combine !== COMBINE_MEAN) {
        const medians = engine.launch(medianOfSurvivors, [cube, least, most, slots]) as Float32Array;
        b.mean.set(medians.subarray(0, size), out);
      }
      await turn();
    }
  }
}

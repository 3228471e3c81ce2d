// gpu.js kernel of contracts/stack-median.ts.
import { COMBINE_MEAN, type StackBuffers, type StackParams } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { stackTiles } from '../stack-tiles.js';

/** Median of all valid samples; see the contract. */
export function stackMedian(
  engine: GpujsEngine,
  p: StackParams,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, COMBINE_MEAN + 1, undefined, turn);
}

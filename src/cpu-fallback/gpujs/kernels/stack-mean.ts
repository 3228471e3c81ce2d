// gpu.js kernel of contracts/stack-mean.ts.
import { COMBINE_MEAN, type StackBuffers, type StackParams } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { stackTiles } from '../stack-tiles.js';

/** Weighted mean of all valid samples; see the contract. */
export function stackMean(
  engine: GpujsEngine,
  p: StackParams,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, COMBINE_MEAN, undefined, turn);
}

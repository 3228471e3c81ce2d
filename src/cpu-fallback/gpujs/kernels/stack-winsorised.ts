// gpu.js kernel of contracts/stack-winsorised.ts.
import type { stackWinsorised as contract } from '../../../compute/contracts/stack-winsorised.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { boundsAboutMedian, stackTiles } from '../stack-tiles.js';

/** Clipping about the median with a winsorised sigma; see the contract. */
export function stackWinsorised(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, p.combine, boundsAboutMedian('winsorised', p), turn);
}

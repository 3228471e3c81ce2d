// gpu.js kernel of contracts/stack-kappa-sigma.ts.
import type { stackKappaSigma as contract } from '../../../compute/contracts/stack-kappa-sigma.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { boundsAboutMedian, stackTiles } from '../stack-tiles.js';

/** Iterative clipping about the median; see the contract. */
export function stackKappaSigma(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, p.combine, boundsAboutMedian('deviation', p), turn);
}

// gpu.js kernel of contracts/stack-percentile.ts.
import type { stackPercentile as contract } from '../../../compute/contracts/stack-percentile.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { boundsAboutMedian, stackTiles } from '../stack-tiles.js';

/** Clipping beyond shares of the median; see the contract. */
export function stackPercentile(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, p.combine, boundsAboutMedian('median', p), turn);
}

// gpu.js kernel of contracts/stack-mad.ts.
import type { stackMad as contract } from '../../../compute/contracts/stack-mad.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { boundsAboutMedian, stackTiles } from '../stack-tiles.js';

/** Clipping about the median by the median absolute deviation; see the contract. */
export function stackMad(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, p.combine, boundsAboutMedian('mad', p), turn);
}

// gpu.js kernel of contracts/stack-linear-fit.ts.
import {
  LINEAR_FIT_ROUNDING,
  type stackLinearFit as contract,
} from '../../../compute/contracts/stack-linear-fit.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { lineBounds } from '../rank-code.js';
import { stackTiles } from '../stack-tiles.js';

/** Clipping about a line through the sorted samples; see the contract. */
export function stackLinearFit(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const iterations = Math.min(p.maxIterations, 2 ** 31 - 1);
  const bounds = { kernel: lineBounds, args: [p.kappaLow, p.kappaHigh, iterations, LINEAR_FIT_ROUNDING] };
  return stackTiles(engine, p, b, p.combine, bounds, turn);
}

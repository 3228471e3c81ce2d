// gpu.js kernel of contracts/stack-min-max.ts.
import type { stackMinMax as contract } from '../../../compute/contracts/stack-min-max.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { minMaxBounds } from '../rank-code.js';
import { stackTiles } from '../stack-tiles.js';

/** Drops extremes by count; see the contract. */
export function stackMinMax(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, p.combine, { kernel: minMaxBounds, args: [p.dropLow, p.dropHigh] }, turn);
}

// gpu.js kernel of contracts/stack-esd.ts.
import type { stackEsd as contract } from '../../../compute/contracts/stack-esd.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { StackBuffers } from '../../stack-pixels.js';
import type { GpujsEngine } from '../engine.js';
import { esdBounds } from '../rank-code.js';
import { stackTiles } from '../stack-tiles.js';

/** Generalised extreme studentised deviate test; see the contract. */
export function stackEsd(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers & { readonly critical: Float32Array },
  turn: () => Promise<void>,
): Promise<void> {
  return stackTiles(engine, p, b, p.combine, { kernel: esdBounds, args: [p.mostPerMille, b.critical] }, turn);
}

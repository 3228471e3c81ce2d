// gpu.js kernel of contracts/warp-cfa.ts.
import type { warpCfa as contract } from '../../../compute/contracts/warp-cfa.js';
import type { ParamsOf } from '../../../compute/params.js';
import { cfaLattices } from '../../cfa-lattice.js';
import type { GpujsEngine } from '../engine.js';
import { warpBlocks, type WarpSource } from '../warp-blocks.js';

interface WarpCfaBuffers {
  readonly cfa: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

/** A threshold that never clamps. */
const NEVER_CLAMPS = -1;

/** Resamples the colours of a Bayer window onto one slot of the cube; see the contract. */
export function warpCfa(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: WarpCfaBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const lattices = cfaLattices({
    cfa: b.cfa,
    width: p.windowWidth,
    height: p.windowHeight,
    x0: p.windowX,
    y0: p.windowY,
    pattern: p.pattern,
  });
  const sources = lattices.map(({ plane, m0, n0, turned, siteX, siteY }): WarpSource => ({
    plane,
    x0: m0,
    y0: n0,
    lattice: turned ? 2 : 1,
    siteX,
    siteY,
    rangesOf: (x, y) =>
      turned
        ? [
            [(x[0] + y[0] - siteX) / 2, (x[1] + y[1] - siteX) / 2],
            [(x[0] - y[1] - siteX) / 2, (x[1] - y[0] - siteX) / 2],
          ]
        : [
            [(x[0] - siteX) / 2, (x[1] - siteX) / 2],
            [(y[0] - siteY) / 2, (y[1] - siteY) / 2],
          ],
  }));
  return warpBlocks(engine, p, NEVER_CLAMPS, b, sources, turn);
}

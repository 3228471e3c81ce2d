// Twin of contracts/warp-cfa.ts.
import { BLANK_VALUE } from '../../compute/constants.js';
import type { warpCfa as contract } from '../../compute/contracts/warp-cfa.js';
import type { ParamsOf } from '../../compute/params.js';
import { cfaLattices } from '../cfa-lattice.js';
import { PlaneSampler } from '../plane-sampler.js';
import { forEachPosition, levelled } from '../warp-grid.js';

interface WarpCfaBuffers {
  readonly cfa: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

/** Resamples the colours of a Bayer window onto one slot of the cube; see the contract. */
export function warpCfa(p: ParamsOf<typeof contract.params>, b: WarpCfaBuffers): void {
  const cellPixels = p.cellWidth * p.cellHeight;
  const lattices = cfaLattices({
    cfa: b.cfa,
    width: p.windowWidth,
    height: p.windowHeight,
    x0: p.windowX,
    y0: p.windowY,
    pattern: p.pattern,
  });
  const sampler = new PlaneSampler(p.kernel, b.lanczos, Infinity);
  const site = { m: 0, n: 0, fx: 0, fy: 0 };
  lattices.forEach(({ plane, m0, n0, locate }, c) => {
    const slot = (3 * p.slot + c) * cellPixels;
    forEachPosition(
      p,
      b.map,
      (out, kx, ky, fx, fy, levelX, levelY) => {
        locate(kx, ky, fx, fy, site);
        sampler.moveTo(site.fx, site.fy);
        const value = sampler.valueAt(plane, site.m - m0, site.n - n0);
        b.cube[slot + out] = levelled(b.levels, c, value, levelX, levelY);
      },
      (out) => {
        b.cube[slot + out] = BLANK_VALUE;
      },
    );
  });
}

// Twin of contracts/warp.ts.
import { BLANK_VALUE } from '../../compute/constants.js';
import type { warp as contract } from '../../compute/contracts/warp.js';
import type { ParamsOf } from '../../compute/params.js';
import { PlaneSampler } from '../plane-sampler.js';
import { forEachPosition, levelled } from '../warp-grid.js';
import type { PlaneWindow } from '../warp-taps.js';

interface WarpBuffers {
  readonly planes: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

/** Resamples a frame window onto one slot of the cube; see the contract. */
export function warp(p: ParamsOf<typeof contract.params>, b: WarpBuffers): void {
  const { windowX, windowY, planes } = p;
  const { cube, levels } = b;
  const cellPixels = p.cellWidth * p.cellHeight;
  const slot = p.slot * planes * cellPixels;
  const windows = planeWindows(p, b.planes);
  const sampler = new PlaneSampler(p.kernel, b.lanczos, p.clampThreshold);
  forEachPosition(
    p,
    b.map,
    (out, kx, ky, fx, fy, levelX, levelY) => {
      sampler.moveTo(fx, fy);
      for (let c = 0, at = slot + out; c < planes; c++, at += cellPixels) {
        const value = sampler.valueAt(windows[c], kx - windowX, ky - windowY);
        cube[at] = levelled(levels, c, value, levelX, levelY);
      }
    },
    (out) => {
      for (let c = 0, at = slot + out; c < planes; c++, at += cellPixels) cube[at] = BLANK_VALUE;
    },
  );
}

function planeWindows(p: ParamsOf<typeof contract.params>, data: Float32Array): PlaneWindow[] {
  const { windowWidth: width, windowHeight: height } = p;
  return Array.from({ length: p.planes }, (_, c) => ({ data, start: c * width * height, width, height }));
}

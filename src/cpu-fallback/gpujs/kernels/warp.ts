// gpu.js kernel of contracts/warp.ts.
import type { warp as contract } from '../../../compute/contracts/warp.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { GpujsEngine } from '../engine.js';
import { warpBlocks, type WarpSource } from '../warp-blocks.js';

interface WarpBuffers {
  readonly planes: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

/** Resamples a frame window onto one slot of the cube; see the contract. */
export function warp(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: WarpBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const { windowWidth: width, windowHeight: height } = p;
  const sources = Array.from({ length: p.planes }, (_, c): WarpSource => ({
    plane: { data: b.planes, start: c * width * height, width, height },
    x0: p.windowX,
    y0: p.windowY,
    lattice: 0,
    siteX: 0,
    siteY: 0,
    rangesOf: (x, y) => [x, y],
  }));
  return warpBlocks(engine, p, p.clampThreshold, b, sources, turn);
}

// Twin of contracts/coadd-radial.ts.
import { BLANK_LIMIT, BLOCK_SIZE, MAP_STRIDE } from '../../compute/constants.js';
import { type coaddRadial as contract, RADIAL_TABLE_SIZE } from '../../compute/contracts/coadd-radial.js';
import type { ParamsOf } from '../../compute/params.js';
import { framePosition } from '../warp-grid.js';

interface RadialBuffers {
  readonly cube: Float32Array;
  readonly frame_weights: Float32Array;
  readonly map: Float32Array;
  readonly radial: Float32Array;
  readonly mean: Float32Array;
  readonly sum: Float32Array;
  readonly weight: Float32Array;
  readonly square: Float32Array;
}

/** Adds one slot of the cube, weighted by the distance from the middle of its frame; see the contract. */
export function coaddRadial(p: ParamsOf<typeof contract.params>, b: RadialBuffers): void {
  const pixels = p.width * p.height;
  const blocksX = Math.ceil(p.width / BLOCK_SIZE);
  for (let y = 0; y < p.height; y++) {
    for (let x = 0; x < p.width; x++) {
      const block = Math.floor(y / BLOCK_SIZE) * blocksX + Math.floor(x / BLOCK_SIZE);
      const at = framePosition(b.map, block * MAP_STRIDE, x % BLOCK_SIZE, y % BLOCK_SIZE);
      const distance = Math.hypot(at.x - p.centreX, at.y - p.centreY);
      const place = Math.min(1, distance * p.invRadius) * RADIAL_TABLE_SIZE;
      const entry = Math.floor(place);
      const r = b.radial[entry] + (place - entry) * (b.radial[entry + 1] - b.radial[entry]);
      for (let c = 0; c < p.planes; c++) {
        const slotPlane = p.slot * p.planes + c;
        const out = c * pixels + y * p.width + x;
        const v = b.cube[slotPlane * pixels + y * p.width + x];
        if (!(v > BLANK_LIMIT)) continue;
        const w = b.frame_weights[slotPlane] * r;
        b.sum[out] += w * (v - b.mean[out]);
        b.weight[out] += w;
        b.square[out] += w * r;
      }
    }
  }
}

// Twin of contracts/drizzle.ts.
import { BLANK_LIMIT, BLOCK_SIZE, MAP_STRIDE } from '../../compute/constants.js';
import { RADIAL_TABLE_SIZE } from '../../compute/contracts/coadd-radial.js';
import { type drizzle as contract, DRIZZLE_LEAST } from '../../compute/contracts/drizzle.js';
import type { ParamsOf } from '../../compute/params.js';
import { quadOverlap } from '../quad-overlap.js';
import { framePosition, levelled } from '../warp-grid.js';

interface DrizzleBuffers {
  readonly image: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly radial: Float32Array;
  readonly frame_weights: Float32Array;
  readonly cube: Float32Array;
  readonly sums: Float32Array;
}

type Params = ParamsOf<typeof contract.params>;

/** Corners of a pixel, in order around it. */
const CORNERS = [
  [-0.5, -0.5],
  [0.5, -0.5],
  [0.5, 0.5],
  [-0.5, 0.5],
] as const;

/** Drops the raw samples of a frame window onto the cell; see the contract. */
export function drizzle(p: Params, b: DrizzleBuffers): void {
  const blocksX = Math.ceil(p.cellWidth / BLOCK_SIZE);
  for (let y = 0; y < p.cellHeight; y++) {
    for (let x = 0; x < p.cellWidth; x++) {
      const block = (Math.floor(y / BLOCK_SIZE) * blocksX + Math.floor(x / BLOCK_SIZE)) * MAP_STRIDE;
      const corners = CORNERS.map(([i, j]) =>
        framePosition(b.map, block, (x % BLOCK_SIZE) + i, (y % BLOCK_SIZE) + j),
      );
      const xs = corners.map((corner) => corner.x);
      const ys = corners.map((corner) => corner.y);
      for (let c = 0; c < p.planes; c++) dropInto(p, b, c, y * p.cellWidth + x, xs, ys);
    }
  }
}

/** Adds what the drops of one plane leave in one pixel. */
function dropInto(
  p: Params,
  b: DrizzleBuffers,
  c: number,
  pixel: number,
  xs: readonly number[],
  ys: readonly number[],
): void {
  const pixels = p.cellWidth * p.cellHeight;
  if (!(b.cube[(p.slot * p.planes + c) * pixels + pixel] > BLANK_LIMIT)) return;
  const w = b.frame_weights[p.slot * p.planes + c];
  const start = p.bayer === 1 ? 0 : c * p.windowWidth * p.windowHeight;
  const half = p.pixfrac / 2;
  const fromX = Math.max(Math.ceil(Math.min(...xs) - half), p.windowX);
  const toX = Math.min(Math.floor(Math.max(...xs) + half), p.windowX + p.windowWidth - 1);
  const fromY = Math.max(Math.ceil(Math.min(...ys) - half), p.windowY);
  const toY = Math.min(Math.floor(Math.max(...ys) + half), p.windowY + p.windowHeight - 1);
  let [sum, weight, square] = [0, 0, 0];
  for (let ky = fromY; ky <= toY; ky++) {
    for (let kx = fromX; kx <= toX; kx++) {
      if (p.bayer === 1 && ((p.pattern >> (2 * ((ky & 1) * 2 + (kx & 1)))) & 3) !== c) continue;
      const v = b.image[start + (ky - p.windowY) * p.windowWidth + kx - p.windowX];
      if (!(v > BLANK_LIMIT)) continue;
      const a = quadOverlap(xs, ys, kx, ky, p.pixfrac);
      if (a < DRIZZLE_LEAST) continue;
      const [dx, dy] = [kx - p.centreX, ky - p.centreY];
      const r = radialWeight(b.radial, Math.hypot(dx, dy) * p.invRadius);
      sum += w * r * a * levelled(b.levels, c, v, dx * p.invScale, dy * p.invScale);
      weight += w * r * a;
      square += w * r * r * a * a;
    }
  }
  if (weight === 0) return;
  const quantity = p.planes * pixels;
  const at = c * pixels + pixel;
  [sum, weight, square, 1].forEach((value, k) => (b.sums[k * quantity + at] += value));
}

function radialWeight(radial: Float32Array, t: number): number {
  const place = Math.min(1, t) * RADIAL_TABLE_SIZE;
  const entry = Math.floor(place);
  return radial[entry] + (place - entry) * (radial[entry + 1] - radial[entry]);
}

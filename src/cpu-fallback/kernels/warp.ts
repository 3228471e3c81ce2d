// Twin of contracts/warp.ts.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../../compute/constants.js';
import { type warp as contract, WARP_BILINEAR, WARP_NEAREST } from '../../compute/contracts/warp.js';
import type { ParamsOf } from '../../compute/params.js';
import { bilinear, lanczos3, lanczosWeights, nearest } from '../warp-taps.js';

const HALF = BLOCK_SIZE / 2;
const CENTRE = (BLOCK_SIZE - 1) / 2;
const f = Math.fround;

/** Resamples a frame window onto one slot of the cube; see the contract. The weights of a position serve all planes. */
export function warp(
  p: ParamsOf<typeof contract.params>,
  b: {
    planes: Float32Array;
    map: Float32Array;
    levels: Float32Array;
    lanczos: Float32Array;
    cube: Float32Array;
  },
): void {
  const { cellWidth, cellHeight, windowWidth, windowHeight, kernel } = p;
  const cellPixels = cellWidth * cellHeight;
  const blocksX = Math.ceil(cellWidth / BLOCK_SIZE);
  const { map, levels, cube } = b;
  const windows = Array.from({ length: p.planes }, (_, c) => ({
    data: b.planes,
    start: c * windowWidth * windowHeight,
    width: windowWidth,
    height: windowHeight,
  }));
  const wx = new Float64Array(6);
  const wy = new Float64Array(6);

  for (let y = 0; y < cellHeight; y++) {
    const v = ((y % BLOCK_SIZE) - CENTRE) / HALF;
    for (let x = 0; x < cellWidth; x++) {
      const u = ((x % BLOCK_SIZE) - CENTRE) / HALF;
      const block = (Math.floor(y / BLOCK_SIZE) * blocksX + Math.floor(x / BLOCK_SIZE)) * MAP_STRIDE;
      const sumX = biquadratic(map, block + 2, u, v);
      const sumY = biquadratic(map, block + 11, u, v);
      const floorX = Math.floor(sumX);
      const floorY = Math.floor(sumY);
      const kx = map[block] + floorX;
      const ky = map[block + 1] + floorY;
      const fx = f(sumX - floorX);
      const fy = f(sumY - floorY);
      const positionX = kx + fx;
      const positionY = ky + fy;
      let out = p.slot * p.planes * cellPixels + y * cellWidth + x;
      if (
        !(positionX >= -0.5 && positionX <= p.frameWidth - 0.5) ||
        !(positionY >= -0.5 && positionY <= p.frameHeight - 0.5)
      ) {
        for (let c = 0; c < p.planes; c++, out += cellPixels) cube[out] = BLANK_VALUE;
        continue;
      }

      const tapX = kx - p.windowX;
      const tapY = ky - p.windowY;
      if (kernel !== WARP_NEAREST && kernel !== WARP_BILINEAR) {
        lanczosWeights(b.lanczos, fx, wx);
        lanczosWeights(b.lanczos, fy, wy);
      }
      const X = (positionX - p.centreX) * p.invScale;
      const Y = (positionY - p.centreY) * p.invScale;
      for (let c = 0; c < p.planes; c++, out += cellPixels) {
        const value =
          kernel === WARP_NEAREST
            ? nearest(windows[c], tapX + (fx >= 0.5 ? 1 : 0), tapY + (fy >= 0.5 ? 1 : 0))
            : kernel === WARP_BILINEAR
              ? bilinear(windows[c], tapX, tapY, fx, fy)
              : lanczos3(windows[c], tapX, tapY, wx, wy, p.clampThreshold);
        if (!(value > BLANK_LIMIT)) {
          cube[out] = BLANK_VALUE;
          continue;
        }
        const at = c * (1 + LEVEL_TERMS);
        const level =
          levels[at + 1] +
          X * (levels[at + 2] + X * levels[at + 4] + Y * levels[at + 5]) +
          Y * (levels[at + 3] + Y * levels[at + 6]);
        cube[out] = levels[at] * (value - level);
      }
    }
  }
}

/** The map's polynomial, rounded after every operation as the contract says, so that floor() agrees between backends. */
function biquadratic(c: Float32Array, at: number, u: number, v: number): number {
  const r0 = f(c[at] + f(u * f(c[at + 1] + f(u * c[at + 2]))));
  const r1 = f(c[at + 3] + f(u * f(c[at + 4] + f(u * c[at + 5]))));
  const r2 = f(c[at + 6] + f(u * f(c[at + 7] + f(u * c[at + 8]))));
  return f(r0 + f(v * f(r1 + f(v * r2))));
}

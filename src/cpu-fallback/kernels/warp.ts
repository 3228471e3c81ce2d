// Twin of contracts/warp.ts.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../../compute/constants.js';
import { type warp as contract, WARP_BILINEAR, WARP_NEAREST } from '../../compute/contracts/warp.js';
import type { ParamsOf } from '../../compute/params.js';
import { bilinear, lanczos3, lanczosWeights, nearest, type PlaneWindow } from '../warp-taps.js';

interface WarpBuffers {
  readonly planes: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

const HALF = BLOCK_SIZE / 2;
const CENTRE = (BLOCK_SIZE - 1) / 2;
const f = Math.fround;

/** Resamples a frame window onto one slot of the cube; see the contract. The weights of a position serve all planes. */
export function warp(p: ParamsOf<typeof contract.params>, b: WarpBuffers): void {
  const { cellWidth, cellHeight, windowX, windowY, kernel } = p;
  const cellPixels = cellWidth * cellHeight;
  const { map, cube } = b;
  const windows = planeWindows(p, b.planes);
  const columns = new Float32Array(6 * BLOCK_SIZE);
  const wx = new Float64Array(6);
  const wy = new Float64Array(6);

  for (let y0 = 0, block = 0; y0 < cellHeight; y0 += BLOCK_SIZE) {
    const endY = Math.min(y0 + BLOCK_SIZE, cellHeight);
    for (let x0 = 0; x0 < cellWidth; x0 += BLOCK_SIZE, block += MAP_STRIDE) {
      const endX = Math.min(x0 + BLOCK_SIZE, cellWidth);
      blockColumns(map, block + 2, columns);
      for (let y = y0; y < endY; y++) {
        const v = (y - y0 - CENTRE) / HALF;
        for (let x = x0, at = 0; x < endX; x++, at += 6) {
          const sumX = f(columns[at] + f(v * f(columns[at + 1] + f(v * columns[at + 2]))));
          const sumY = f(columns[at + 3] + f(v * f(columns[at + 4] + f(v * columns[at + 5]))));
          const floorX = Math.floor(sumX);
          const floorY = Math.floor(sumY);
          const fx = f(sumX - floorX);
          const fy = f(sumY - floorY);
          const kx = map[block] + floorX;
          const ky = map[block + 1] + floorY;
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
          // Integers for the engine too: an index computed in floating point is converted at every load.
          const tapX = (kx - windowX) | 0;
          const tapY = (ky - windowY) | 0;
          const levelX = (positionX - p.centreX) * p.invScale;
          const levelY = (positionY - p.centreY) * p.invScale;
          if (kernel === WARP_NEAREST) {
            const nearX = tapX + (fx >= 0.5 ? 1 : 0);
            const nearY = tapY + (fy >= 0.5 ? 1 : 0);
            for (let c = 0; c < p.planes; c++, out += cellPixels) {
              cube[out] = levelled(b.levels, c, nearest(windows[c], nearX, nearY), levelX, levelY);
            }
          } else if (kernel === WARP_BILINEAR) {
            for (let c = 0; c < p.planes; c++, out += cellPixels) {
              cube[out] = levelled(b.levels, c, bilinear(windows[c], tapX, tapY, fx, fy), levelX, levelY);
            }
          } else {
            lanczosWeights(b.lanczos, fx, wx);
            lanczosWeights(b.lanczos, fy, wy);
            for (let c = 0; c < p.planes; c++, out += cellPixels) {
              const value = lanczos3(windows[c], tapX, tapY, wx, wy, p.clampThreshold);
              cube[out] = levelled(b.levels, c, value, levelX, levelY);
            }
          }
        }
      }
    }
  }
}

function planeWindows(p: ParamsOf<typeof contract.params>, data: Float32Array): PlaneWindow[] {
  const { windowWidth: width, windowHeight: height } = p;
  return Array.from({ length: p.planes }, (_, c) => ({ data, start: c * width * height, width, height }));
}

/**
 * The inner polynomials r_0, r_1, r_2 of both axes for every column of a block, `columns[6*column + 3*axis + j]`; rounded after every operation,
 * as the contract says, so that floor() agrees between backends.
 */
function blockColumns(map: Float32Array, at: number, columns: Float32Array): void {
  for (let column = 0; column < BLOCK_SIZE; column++) {
    const u = (column - CENTRE) / HALF;
    for (let k = 0; k < 6; k++) {
      const c = at + 3 * k;
      columns[6 * column + k] = map[c] + f(u * f(map[c + 1] + f(u * map[c + 2])));
    }
  }
}

/** gain * (value - level) of plane `c` at normalised frame coordinates; blanks stay blank. */
function levelled(levels: Float32Array, c: number, value: number, x: number, y: number): number {
  if (!(value > BLANK_LIMIT)) return BLANK_VALUE;
  const at = c * (1 + LEVEL_TERMS);
  const level =
    levels[at + 1] +
    x * (levels[at + 2] + x * levels[at + 4] + y * levels[at + 5]) +
    y * (levels[at + 3] + y * levels[at + 6]);
  return levels[at] * (value - level);
}

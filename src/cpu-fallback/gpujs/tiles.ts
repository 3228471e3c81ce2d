// Tiles of fixed size, so that one compiled kernel serves images of every size: gpu.js bakes sizes into the code it makes. Fixed tiles
// also keep every index below 2^24, where float32 numbers, which gpu.js may index with, stop being exact.
import { BLANK_VALUE } from '../../compute/constants.js';
import type { PlaneWindow } from '../warp-taps.js';
import type { DeviceOutput } from './engine.js';

/** Side of a tile of output pixels; even, so that a tile starts on a whole CFA cell. */
export const TILE = 128;
/** Pixels around a tile that its input holds: the largest stencil of the kernels. */
const HALO = 3;
/** Side of the input of a tile. */
export const TILE_STRIDE = TILE + 2 * HALO;
/** Elements of a run of pixels whose place does not matter. */
export const CHUNK = 16384;

export const TILE_CONSTANTS = { halo: HALO, stride: TILE_STRIDE } as const;

/** A rectangle of a plane. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Top left corners of the tiles of an image. */
export function* tileCorners(width: number, height: number): Generator<readonly [number, number]> {
  for (let y = 0; y < height; y += TILE) for (let x = 0; x < width; x += TILE) yield [x, y];
}

/** The tile at (x, y) with its halo, into `out`; blank outside the plane. */
export function cutTile(plane: PlaneWindow, x: number, y: number, out: Float32Array): Float32Array {
  return cutBox(plane, { x: x - HALO, y: y - HALO, width: TILE_STRIDE, height: TILE_STRIDE }, out);
}

/** A box of the plane, row after row, into the beginning of `out`; blank outside the plane. */
export function cutBox(plane: PlaneWindow, box: Box, out: Float32Array): Float32Array {
  const { data, start, width, height } = plane;
  const from = Math.max(0, box.x);
  const to = Math.max(from, Math.min(width, box.x + box.width));
  for (let j = 0, at = 0; j < box.height; j++, at += box.width) {
    const y = box.y + j;
    if (y < 0 || y >= height || from === to) {
      out.fill(BLANK_VALUE, at, at + box.width);
      continue;
    }
    out.fill(BLANK_VALUE, at, at + from - box.x);
    const row = start + y * width;
    out.set(data.subarray(row + from, row + to), at + from - box.x);
    out.fill(BLANK_VALUE, at + to - box.x, at + box.width);
  }
  return out;
}

/** Rows of a tile of output into the plane at (x, y), as far as they lie in it. */
export function pasteTile(rows: DeviceOutput, plane: PlaneWindow, x: number, y: number): void {
  const width = Math.min((rows[0] as Float32Array).length, plane.width - x);
  const height = Math.min(rows.length, plane.height - y);
  for (let j = 0; j < height; j++) {
    const row = rows[j] as Float32Array;
    const at = plane.start + (y + j) * plane.width + x;
    plane.data.set(width < row.length ? row.subarray(0, width) : row, at);
  }
}

/** Blanks into the square of `side` pixels at (x, y), as far as it lies in the plane. */
export function blankTile(plane: PlaneWindow, x: number, y: number, side: number): void {
  const end = Math.min(plane.width, x + side);
  for (let row = y; row < Math.min(plane.height, y + side); row++) {
    const at = plane.start + row * plane.width;
    plane.data.fill(BLANK_VALUE, at + x, at + end);
  }
}

// Round parts of a frame as a list of its pixels.
import { type SamplePasses, sharedPasses } from '../simd/sample-passes.js';

/** A round part of a frame, 0-based pixels. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Which pixels of a frame lie in some part of it: u32 `[ny, stride]` at an address, bit `x & 31` of word `x >>> 5` of row y. */
export interface PixelBits {
  readonly at: number;
  readonly stride: number;
}

/** Pixels whose centres lie in any of the discs, `[count, 3]`: x, y, radius. In memory that is taken of `memory`. */
export function discBits(memory: SamplePasses, discs: Float64Array, nx: number, ny: number): PixelBits {
  const stride = Math.ceil(nx / 32);
  const at = memory.take(4 * stride * ny);
  memory.passes.coverDiscs(memory.put(discs), discs.length / 3, nx, ny, stride, at);
  return { at, stride };
}

/** Pixels whose centres lie in any of the discs, as `y * nx + x`, ascending, each once. */
export function discPixels(discs: readonly Disc[], nx: number, ny: number): Uint32Array {
  if (discs.length === 0) return new Uint32Array(0);
  const memory = sharedPasses();
  const list = Float64Array.from(discs.flatMap(({ x, y, radius }) => [x, y, radius]));
  const { at, stride } = discBits(memory, list, nx, ny);
  const pixels = memory.take(4 * memory.passes.listBits(at, nx, ny, stride, 0));
  const count = memory.passes.listBits(at, nx, ny, stride, pixels);
  return new Uint32Array(memory.buffer, pixels, count).slice();
}

/** The numbers that are there, ascending, each once; `values` is spoilt. */
export function ascendingOnce(values: Uint32Array): Uint32Array {
  values.sort();
  let count = 0;
  for (let k = 0; k < values.length; k++)
    if (k === 0 || values[k] !== values[k - 1]) values[count++] = values[k];
  return values.slice(0, count);
}

// Which pixels of a frame lie in round parts of it.
import type { SamplePasses } from '../../simd/sample-passes.js';

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

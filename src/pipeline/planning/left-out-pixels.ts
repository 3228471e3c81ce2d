// The pixels of a frame that are left out of it: round parts and strips as a list.
import { discBits, type Disc } from '../../photometry/background/disc-pixels.js';
import { sharedPasses } from '../../simd/sample-passes.js';
import { PIECE_PX, type LeftOutTrail } from './trail-plan.js';

/** Pixels whose centres lie in any of the discs or on pieces of trails, as `y * nx + x`, ascending, each once. */
export function leftOutPixels(
  discs: readonly Disc[],
  trails: readonly LeftOutTrail[],
  nx: number,
  ny: number,
): Uint32Array {
  if (discs.length + trails.length === 0) return new Uint32Array(0);
  const memory = sharedPasses();
  const { passes } = memory;
  const list = Float64Array.from(discs.flatMap(({ x, y, radius }) => [x, y, radius]));
  const { at, stride } = discBits(memory, list, nx, ny);
  for (const { strip, pieces } of trails)
    memory.within(() => {
      const { nx: across, ny: along, offset, from, to, halfWidth } = strip;
      const numbers = memory.put(Float64Array.of(across, along, offset, from, to, halfWidth));
      passes.coverStrip(numbers, memory.put(pieces), pieces.length, PIECE_PX, nx, ny, stride, at);
    });
  const pixels = memory.take(4 * passes.listBits(at, nx, ny, stride, 0));
  const count = passes.listBits(at, nx, ny, stride, pixels);
  return new Uint32Array(memory.buffer, pixels, count).slice();
}

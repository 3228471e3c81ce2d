// Tiles of one cell combined on the host: a weighted mean in which each pixel of each tile counts by its own weight. Tiles are few, so
// this costs nothing beside their warp, and gives the same bytes on every backend that warps alike.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import { rejectedByPixel, type RejectedCounts, type StackResult } from './programs/stack-program.js';

/** One tile over a cell of `pixels` pixels. */
export interface TileSamples {
  /** `[planes, pixels]`, BLANK_VALUE where there is none. */
  readonly values: Float32Array;
  /** How the value counts, `[planes, pixels]`; 0 leaves it out. */
  readonly weight: Float32Array;
  /** Inverse variance over weight, per plane; 1 where undefined. */
  readonly inversePerWeight?: readonly number[];
  /** Factor by which a pixel counts less than its variance deserves, because the tile fades out there; 1 where undefined. */
  readonly blend?: Float32Array;
  /** Frames that the pixel is made of, `[planes, pixels]` or `[pixels]`. */
  readonly frames: Float32Array;
}

/**
 * mean = sum w b v / sum w b; weight = (sum w b)^2 / sum w b^2, the inverse variance of that mean where w is one, which is sum w where nothing fades. Sums in
 * f64 in the order of the tiles. `used` counts frames, `sampled` tiles. `rejected`: what has been taken out of the tiles before, per pixel.
 */
export function coaddTiles(
  tiles: readonly TileSamples[],
  planes: number,
  pixels: number,
  rejected?: RejectedCounts<Uint32Array>,
): StackResult {
  const length = planes * pixels;
  const { low, high } = rejected ?? { low: new Uint32Array(length), high: new Uint32Array(length) };
  const result = {
    mean: new Float32Array(length).fill(BLANK_VALUE),
    weight: new Float32Array(length),
    used: new Uint32Array(length),
    sampled: new Uint32Array(length),
    ...rejectedByPixel(low, high),
  };
  for (let k = 0; k < length; k++) {
    const pixel = k % pixels;
    let [sum, total, squares, frames] = [0, 0, 0, 0];
    for (const tile of tiles) {
      const [value, w] = [tile.values[k], tile.weight[k]];
      if (!(value > BLANK_LIMIT && w > 0)) continue;
      const b = tile.blend ? tile.blend[pixel] : 1;
      sum += w * b * value;
      total += w * b;
      squares += w * b * b;
      result.sampled[k]++;
      frames += tile.frames[tile.frames.length === pixels ? pixel : k];
    }
    if (!(total > 0)) continue;
    result.mean[k] = sum / total;
    result.weight[k] = (total * total) / squares;
    result.used[k] = frames;
  }
  return result;
}

// New samples of one cell added to the mosaic that is there: clipped against what it holds, then into its weighted mean.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import {
  rejectedByPixel,
  type StackResult,
  type StackSettings,
} from '../integrate/programs/stack-program.js';
import type { CellRect } from '../planning/grid/pixel-map.js';

/** A window of the mosaic; `[planes, height, width]` but for the coverage. It reaches one pixel beyond the cell where the mosaic does. */
export interface BaseWindow {
  readonly rect: CellRect;
  /** NaN where there is nothing. */
  readonly mean: Float32Array;
  /** Inverse variance of the mean; 0 where there is nothing. */
  readonly weight: Float32Array;
  /** Frames in a pixel, `[height, width]`. */
  readonly coverage: Float32Array;
  /** Where weights fall towards the edges of frames: their sum as they fell. */
  readonly radial?: Float32Array;
}

/** New samples: `cube` is `[slots, planes, pixels]` over `rect`; the others `[slot * planes + plane]`. */
export interface NewSamples {
  readonly cube: Float32Array;
  readonly rect: CellRect;
  readonly planes: number;
  readonly slots: number;
  readonly weights: Float32Array;
  readonly inverseVariances: Float32Array;
  /** What the weight of each frame has fallen to at each pixel, one array a slot; where it falls at all. */
  readonly radial?: readonly Float32Array[];
}

/** A mean of fewer frames is no judge of new ones. */
const JUDGE_FRAMES = 3;

/**
 * A sample is left out where it lies further from the mean m of at least three frames than kappa sqrt(1 / iv + 1 / W) + slope * step, with iv its own
 * inverse variance, W that of the mean, and step the largest difference of m to a neighbouring pixel, which is what seeing and phase may change at a
 * star (as the guard for few frames allows). All are judged by the mean as it was, so their order does not matter. Elsewhere nothing is left out.
 */
export function addToBase(
  { cube, rect, planes, slots, weights, inverseVariances, radial }: NewSamples,
  base: BaseWindow,
  { rejection, kappaLow, kappaHigh, guardSlope }: StackSettings,
): StackResult {
  const { width, height } = rect;
  const pixels = width * height;
  const length = planes * pixels;
  const result = {
    mean: new Float32Array(length).fill(BLANK_VALUE),
    weight: new Float32Array(length),
    used: new Uint32Array(length),
    sampled: new Uint32Array(length),
    ...(radial && { radialWeight: new Float32Array(length) }),
  };
  const [low, high] = [new Uint32Array(length), new Uint32Array(length)];
  const basePixels = base.rect.width * base.rect.height;
  for (let plane = 0; plane < planes; plane++) {
    const mean = base.mean.subarray(plane * basePixels, (plane + 1) * basePixels);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = indexIn(base.rect, rect.x0 + x, rect.y0 + y);
        const k = plane * pixels + y * width + x;
        const known = at < 0 ? 0 : base.weight[plane * basePixels + at];
        const judges = rejection !== 'none' && known > 0 && base.coverage[at] >= JUDGE_FRAMES;
        const slack = judges ? guardSlope * steepest(mean, at, base.rect) : 0;
        // where weights fall, what a mean counts beside further samples and what it is worth differ
        const fell = known > 0 && radial ? base.radial![plane * basePixels + at] : known;
        let total = fell;
        let squares = known > 0 ? fell ** 2 / known : 0;
        let sum = known > 0 ? fell * mean[at] : 0;
        let used = known > 0 ? base.coverage[at] : 0;
        for (let slot = 0; slot < slots; slot++) {
          const value = cube[slot * length + k];
          if (!(value > BLANK_LIMIT)) continue;
          const of = slot * planes + plane;
          if (judges) {
            const off = value - mean[at];
            const sigma = Math.sqrt(1 / inverseVariances[of] + 1 / known);
            if (off < -(kappaLow * sigma + slack)) {
              low[k]++;
              continue;
            }
            if (off > kappaHigh * sigma + slack) {
              high[k]++;
              continue;
            }
          }
          const r = radial ? radial[slot][y * width + x] : 1;
          const w = weights[of] * r;
          total += w;
          squares += w * r;
          sum += w * value;
          used++;
          result.sampled[k]++;
        }
        if (!(total > 0)) continue;
        result.mean[k] = sum / total;
        result.weight[k] = radial ? total ** 2 / squares : total;
        if (result.radialWeight) result.radialWeight[k] = total;
        result.used[k] = used;
      }
    }
  }
  return { ...result, ...rejectedByPixel(low, high) };
}

/** Number of the pixel (x, y) of the grid in a window; -1 outside. */
function indexIn({ x0, y0, width, height }: CellRect, x: number, y: number): number {
  const [i, j] = [x - x0, y - y0];
  return i >= 0 && j >= 0 && i < width && j < height ? j * width + i : -1;
}

/** Largest difference of a pixel to one of its eight neighbours. */
function steepest(mean: Float32Array, at: number, { width, height }: CellRect): number {
  const [x, y] = [at % width, Math.floor(at / width)];
  let most = 0;
  for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
    for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
      const step = Math.abs(mean[j * width + i] - mean[at]);
      if (step > most) most = step;
    }
  }
  return most;
}

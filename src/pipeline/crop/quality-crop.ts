// The part of a mosaic that is as deep as most of it (quality_crop_enabled): edges that few frames cover are noisy, and they go.
import { rowsPerBlock, type PlaneSource } from '../../output/sources/plane-source.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { LargestRectangle, type Rectangle } from './largest-rectangle.js';

export interface QualityCropOptions {
  /** Side of the squares that are judged, pixels. */
  readonly bandPx: number;
  /** A square is bad whose noise lies this many times the scatter of all above their median. */
  readonly kSigma: number;
  /** Taken off on each side besides, pixels. */
  readonly marginPx: number;
}

/** A square with fewer of its pixels than this is bad. */
const LEAST_COVERED = 0.98;
/** Standard deviations per median absolute deviation of a normal distribution. */
const MAD_SIGMA = 1.4826;
/** Even where all squares are alike, noise within this part of the median is as good as it. */
const LEAST_SCATTER = 0.05;

/**
 * The largest rectangle of good squares, by the stated noise of the middle plane of `uncertainty`; undefined where nothing is left. A mosaic
 * whose panels differ in depth as a whole keeps them: the scatter of their noise is what `kSigma` counts in.
 */
export async function qualityRectangle(
  uncertainty: PlaneSource,
  { bandPx, kSigma, marginPx }: QualityCropOptions,
): Promise<Rectangle | undefined> {
  // the last ones are what is left, and narrower
  const [columns, rows] = [Math.ceil(uncertainty.nx / bandPx), Math.ceil(uncertainty.ny / bandPx)];
  const noise = await squareNoise(uncertainty, columns, rows, bandPx);
  const known = Array.from(noise).filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  const typical = medianOf(known);
  const scatter = MAD_SIGMA * medianOf(known.map((value) => Math.abs(value - typical)));
  const limit = typical + kSigma * Math.max(scatter, LEAST_SCATTER * typical);
  const search = new LargestRectangle(columns);
  for (let row = 0; row < rows; row++)
    search.add(
      Uint8Array.from(noise.subarray(row * columns, (row + 1) * columns), (v) => (v <= limit ? 1 : 0)),
    );
  if (!search.best) return undefined;
  const { x0, y0, width, height } = search.best;
  const cropped = {
    x0: x0 * bandPx + marginPx,
    y0: y0 * bandPx + marginPx,
    width: Math.min(width * bandPx, uncertainty.nx - x0 * bandPx) - 2 * marginPx,
    height: Math.min(height * bandPx, uncertainty.ny - y0 * bandPx) - 2 * marginPx,
  };
  return cropped.width > 0 && cropped.height > 0 ? cropped : undefined;
}

/** Mean stated standard deviation of each square, NaN where too much of it is blank; `[rows, columns]`. */
async function squareNoise(
  uncertainty: PlaneSource,
  columns: number,
  rows: number,
  side: number,
): Promise<Float64Array> {
  const { nx, ny, planes } = uncertainty;
  const blockRows = Math.max(1, Math.floor(rowsPerBlock(nx, ny) / side)) * side;
  const block = new Float32Array(blockRows * nx);
  const noise = new Float64Array(rows * columns);
  for (let y0 = 0; y0 < ny; y0 += blockRows) {
    const count = Math.min(blockRows, ny - y0);
    await uncertainty.readRows(planes >> 1, y0, count, block);
    for (let y = 0; y < count; y += side) {
      for (let column = 0; column < columns; column++) {
        let [sum, n] = [0, 0];
        const [width, height] = [Math.min(side, nx - column * side), Math.min(side, count - y)];
        for (let j = y; j < y + height; j++) {
          for (let k = j * nx + column * side, end = k + width; k < end; k++) {
            if (block[k] !== block[k]) continue;
            sum += block[k];
            n++;
          }
        }
        noise[((y0 + y) / side) * columns + column] = n >= LEAST_COVERED * width * height ? sum / n : NaN;
      }
    }
  }
  return noise;
}

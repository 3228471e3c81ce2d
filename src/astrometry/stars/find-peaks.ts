// Peaks of the filtered image that stand out of its noise, each a source of its own.
import { selectMedian } from '../../photometry/select-median.js';
import type { DetectionImage } from './detection-image.js';
import type { CoarseImage, MatchedFilter } from './matched-filter.js';
import {
  DEBLEND_RADIUS,
  type Peaks,
  SADDLE_DEPTH,
  SADDLE_SIGMA,
  SCATTER_STRIDE,
  SIGMA_OVER_DEVIATION,
} from './star-finder.js';

/** A peak of the filtered image: sample index, height over the sky, height in sigma. */
export interface Peak {
  readonly k: number;
  readonly value: number;
  readonly snr: number;
}

/** How the peaks of a frame are told. */
export interface PeakFinder {
  readonly coarse: CoarseImage;
  /** Local maxima in row `j` of the grid's cells; sigma is the image's noise times `gain`. A peak may be listed more than once. */
  peaksIn(j: number, gain: number): Peak[];
  /** Whether the straight way between two samples dips to `limit` or below; always where they are farther apart than `DEBLEND_RADIUS`. */
  saddleBelow(from: number, to: number, limit: number): boolean;
}

/** What `StarFinder.peaks` says, in plain TypeScript. */
export function findPeaks(
  image: DetectionImage,
  filter: MatchedFilter,
  finder: PeakFinder,
  limit: number,
): Peaks {
  const gain = filter.noiseGain * scatterExcess(image, filter, finder.coarse);
  const found = new Map<number, Peak>();
  for (let j = 0; j < image.frame.grid.ny; j++) {
    for (const peak of finder.peaksIn(j, gain)) if (!found.has(peak.k)) found.set(peak.k, peak);
  }
  const order = [...found.values()].sort((a, b) => b.value - a.value || a.k - b.k);
  return separate(order, image, finder, limit);
}

/** Scatter of the filtered image over what its noise explains, at least 1. */
function scatterExcess(image: DetectionImage, filter: MatchedFilter, coarse: CoarseImage): number {
  const { noise, frame } = image;
  const { grid, planes } = frame;
  const { data, width, x0, x1, y0, y1 } = coarse;
  const scores = new Float32Array(Math.ceil(data.length / SCATTER_STRIDE));
  const [plane] = planes;
  let count = 0;
  let [x, y] = [0, y0];
  for (let k = y0 * width; k < y1 * width; k += SCATTER_STRIDE, x += SCATTER_STRIDE) {
    for (; x >= width; x -= width) y++;
    const raw = plane[2 * y * image.width + 2 * x];
    if (x < x0 || x >= x1 || raw !== raw) continue;
    const i = Math.min(grid.nx - 1, Math.floor((2 * x) / grid.stepPx));
    const j = Math.min(grid.ny - 1, Math.floor((2 * y) / grid.stepPx));
    const sigma = noise[j * grid.nx + i] * filter.noiseGain;
    if (sigma > 0) scores[count++] = Math.abs(data[k]) / sigma;
  }
  return count === 0 ? 1 : Math.max(1, SIGMA_OVER_DEVIATION * selectMedian(scores.subarray(0, count)));
}

/** Keeps, from the highest down, peaks that a saddle separates from every higher one nearby. */
function separate(order: readonly Peak[], image: DetectionImage, finder: PeakFinder, limit: number): Peaks {
  const { width } = image;
  const across = Math.ceil(width / DEBLEND_RADIUS);
  const buckets = new Map<number, Peak[]>();
  const kept: Peak[] = [];
  for (const peak of order) {
    if (kept.length >= limit) break;
    const x = peak.k % width;
    const y = (peak.k - x) / width;
    const [bx, by] = [Math.floor(x / DEBLEND_RADIUS), Math.floor(y / DEBLEND_RADIUS)];
    const depth = Math.max(SADDLE_DEPTH * peak.value, (SADDLE_SIGMA * peak.value) / peak.snr);
    let separated = true;
    for (let j = by - 1; j <= by + 1 && separated; j++) {
      for (let i = bx - 1; i <= bx + 1 && separated; i++) {
        for (const other of buckets.get(j * across + i) ?? []) {
          if (!finder.saddleBelow(other.k, peak.k, peak.value - depth)) {
            separated = false;
            break;
          }
        }
      }
    }
    if (!separated) continue;
    kept.push(peak);
    const bucket = by * across + bx;
    const list = buckets.get(bucket);
    if (list) list.push(peak);
    else buckets.set(bucket, [peak]);
  }
  return {
    at: Int32Array.from(kept, ({ k }) => k),
    snr: Float32Array.from(kept, ({ snr }) => snr),
  };
}

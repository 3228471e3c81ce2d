// Peaks of the filtered image that stand out of its noise, each a source of its own.
import { selectMedian } from '../../photometry/select-median.js';
import type { DetectionImage } from './detection-image.js';
import type { CoarseImage, MatchedFilter } from './matched-filter.js';
import { DEBLEND_RADIUS, type Peak, type StarFinder } from './star-finder.js';

/** The saddle must lie below the lower peak by this share of it, and by this many sigma. */
const SADDLE_DEPTH = 0.15;
const SADDLE_SIGMA = 2;
/** Every so many samples of the coarse image are looked at for its scatter. */
const SCATTER_STRIDE = 17;

/** Sample indices of the detection image, highest peak first, and the peaks in units of the noise. */
export interface Peaks {
  readonly at: Int32Array;
  readonly snr: Float32Array;
}

/**
 * Local maxima of at least 5 sigma, at most `limit` of them. Sigma is what the noise of the raw samples leaves after the filter; where the filtered image
 * scatters more than that (noise correlated by an earlier resampling, fixed patterns) the measured scatter holds.
 */
export function findPeaks(
  image: DetectionImage,
  filter: MatchedFilter,
  finder: StarFinder,
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
  // 1.4826: the standard deviation of a normal distribution over its median absolute deviation
  return count === 0 ? 1 : Math.max(1, 1.4826 * selectMedian(scores.subarray(0, count)));
}

/** Keeps, from the highest down, peaks that a saddle separates from every higher one nearby. */
function separate(order: readonly Peak[], image: DetectionImage, finder: StarFinder, limit: number): Peaks {
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

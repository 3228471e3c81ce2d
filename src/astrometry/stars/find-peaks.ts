// Peaks of the filtered image that stand out of its noise, each a source of its own.
import { cellCount, cellSpan } from '../../photometry/level-grid.js';
import { selectMedian } from '../../photometry/select-median.js';
import type { DetectionImage } from './detection-image.js';
import { type CoarseImage, type FilteredImage, filterRange, type MatchedFilter } from './matched-filter.js';

/** Peaks over the filtered noise that count as detections. */
export const DETECTION_SIGMA = 5;
/**
 * A peak lies at most a sample along both axes from one of the coarse image. A star as narrow as a pixel of the sensor allows, filtered, has there still
 * 0.6 of its peak.
 */
const COARSE_SHARE = 0.55;
/** And parabolas through the sample and its neighbours reach this share of the peak, at least. */
const PARABOLA_SHARE = 0.75;
/** Side of the patch in which the peak is sought at full resolution: what is nearer than a coarse step, and its neighbours. */
const PATCH = 5;
/** A patch is moved at most this often towards a higher peak. */
const MAX_MOVES = 3;
/** A peak within this many pixels of a higher one must be separated from it by a saddle. */
const DEBLEND_RADIUS = 14;
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

/** A peak of the filtered image: sample index, height over the sky, height in sigma. */
interface Peak {
  readonly k: number;
  readonly value: number;
  readonly snr: number;
}

/**
 * Local maxima (8 neighbours) of at least 5 sigma, at most `limit` of them: those of the coarse image are followed up at full resolution. Sigma is what
 * the noise of the raw samples leaves after the filter; where the filtered image scatters more than that (noise correlated by an earlier
 * resampling, fixed patterns) the measured scatter holds.
 */
export function findPeaks(
  image: DetectionImage,
  filter: MatchedFilter,
  filtered: FilteredImage,
  limit: number,
): Peaks {
  const { coarse, columns: candidates } = filtered;
  const { width, height, noise } = image;
  const { grid } = image.frame;
  const gain = filter.noiseGain * scatterExcess(image, filter, coarse);
  const climber = new PeakClimber(image, filter, filtered);
  const found = new Map<number, Peak>();
  const columns = Array.from({ length: grid.nx }, (_, i) => cellSpan(width, grid.stepPx, i));
  const x0 = Int32Array.from(columns, ({ start }) => Math.max(coarse.x0 + 1, (start + 1) >> 1));
  const x1 = Int32Array.from(columns, ({ start, length }) =>
    Math.min(coarse.x1 - 1, (start + length + 1) >> 1),
  );
  for (let j = 0; j < cellCount(height, grid.stepPx); j++) {
    const rows = cellSpan(height, grid.stepPx, j);
    const y1 = Math.min(coarse.y1 - 1, (rows.start + rows.length + 1) >> 1);
    for (let y = Math.max(coarse.y0 + 1, (rows.start + 1) >> 1); y < y1; y++) {
      for (let i = 0; i < grid.nx; i++) {
        const sigma = noise[j * grid.nx + i] * gain;
        const threshold = DETECTION_SIGMA * sigma;
        const [least, needed] = [COARSE_SHARE * threshold, PARABOLA_SHARE * threshold];
        const count = filtered.list(y, x0[i], x1[i], least, needed);
        for (let c = 0; c < count; c++) {
          const peak = climber.climb(2 * candidates[c], 2 * y);
          if (peak < 0 || climber.value <= threshold || found.has(peak)) continue;
          found.set(peak, { k: peak, value: climber.value, snr: climber.value / sigma });
        }
      }
    }
  }
  const order = [...found.values()].sort((a, b) => b.value - a.value || a.k - b.k);
  return separate(order, image, filtered, limit);
}

/** Finds the peak at full resolution that a maximum of the coarse image belongs to. */
class PeakClimber {
  /** Height of the last peak found. */
  value = 0;
  readonly #filtered: FilteredImage;
  readonly #width: number;
  readonly #x: readonly [number, number];
  readonly #y: readonly [number, number];

  constructor(image: DetectionImage, filter: MatchedFilter, filtered: FilteredImage) {
    this.#filtered = filtered;
    this.#width = image.width;
    this.#x = filterRange(filter, image.width);
    this.#y = filterRange(filter, image.height);
  }

  /** Index of the peak, -1 where the way up leaves the image or has no end nearby. */
  climb(x: number, y: number): number {
    const reach = PATCH >> 1;
    for (let move = 0; move <= MAX_MOVES; move++) {
      if (x - reach < this.#x[0] || x + reach >= this.#x[1]) return -1;
      if (y - reach < this.#y[0] || y + reach >= this.#y[1]) return -1;
      const data = this.#filtered.patch(x - reach, y - reach, PATCH);
      let best = PATCH * reach + reach;
      for (let j = 1; j < PATCH - 1; j++) {
        for (let i = 1; i < PATCH - 1; i++) if (data[j * PATCH + i] > data[best]) best = j * PATCH + i;
      }
      x += (best % PATCH) - reach;
      y += Math.floor(best / PATCH) - reach;
      if (isPeak(data, best)) {
        this.value = data[best];
        return y * this.#width + x;
      }
    }
    return -1;
  }
}

/** Higher than all eight neighbours in a patch; of equal ones the first counts. */
function isPeak(data: Float64Array, k: number): boolean {
  const v = data[k];
  if (v <= data[k - 1] || v < data[k + 1] || v <= data[k - PATCH] || v < data[k + PATCH]) return false;
  if (v <= data[k - PATCH - 1] || v <= data[k - PATCH + 1]) return false;
  return v >= data[k + PATCH - 1] && v >= data[k + PATCH + 1];
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
function separate(
  order: readonly Peak[],
  image: DetectionImage,
  filtered: FilteredImage,
  limit: number,
): Peaks {
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
          if (!saddleBelow(filtered, width, other.k, peak.k, peak.value - depth)) {
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

/** Whether the straight way between two samples dips to `limit` or below. */
function saddleBelow(
  filtered: FilteredImage,
  width: number,
  from: number,
  to: number,
  limit: number,
): boolean {
  const [x0, x1] = [from % width, to % width];
  const [y0, y1] = [(from - x0) / width, (to - x1) / width];
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  if (steps > DEBLEND_RADIUS) return true;
  // the dip is most often near the lower end, but not at it
  for (let i = 1; i < steps; i++) {
    const s = ((2 * steps - 3 - i) % (steps - 1)) + 1;
    const x = Math.round(x0 + ((x1 - x0) * s) / steps);
    const y = Math.round(y0 + ((y1 - y0) * s) / steps);
    if (filtered.patch(x, y, 1)[0] <= limit) return true;
  }
  return false;
}

// Peaks of the filtered image that stand out of its noise, each a source of its own.
import { cellCount, cellSpan, type LevelGrid } from '../../photometry/level-grid.js';
import { selectMedian } from '../../photometry/select-median.js';
import type { DetectionImage } from './detection-image.js';
import type { FilteredImage } from './matched-filter.js';

/** Peaks over the filtered noise that count as detections. */
export const DETECTION_SIGMA = 5;
/** A peak within this many pixels of a higher one must be separated from it by a saddle. */
const DEBLEND_RADIUS = 14;
/** The saddle must lie below the lower peak by this share of it, and by this many sigma. */
const SADDLE_DEPTH = 0.15;
const SADDLE_SIGMA = 2;
/** Every so many pixels are looked at for the scatter of the filtered image. */
const SCATTER_STRIDE = 61;

/** Sample indices of the detection image, highest peak first, and the peaks in units of the noise. */
export interface Peaks {
  readonly at: Int32Array;
  readonly snr: Float32Array;
}

/**
 * Local maxima (8 neighbours) of at least 5 sigma, at most `limit` of them. Sigma is what the noise of the raw samples leaves after the filter; where the
 * filtered image scatters more than that (noise correlated by an earlier resampling, fixed patterns) the measured scatter holds.
 */
export function findPeaks(
  image: DetectionImage,
  filtered: FilteredImage,
  grid: LevelGrid,
  limit: number,
): Peaks {
  const { width, height, noise } = image;
  const { data, border, noiseGain } = filtered;
  const excess = scatterExcess(image, filtered, grid);
  const found: number[] = [];
  const strength: number[] = [];
  const columns = Array.from({ length: grid.nx }, (_, i) => cellSpan(width, grid.stepPx, i));
  const x0 = Int32Array.from(columns, ({ start }) => Math.max(border + 1, start));
  const x1 = Int32Array.from(columns, ({ start, length }) => Math.min(width - border - 1, start + length));
  for (let j = 0; j < cellCount(height, grid.stepPx); j++) {
    const rows = cellSpan(height, grid.stepPx, j);
    const y1 = Math.min(height - border - 1, rows.start + rows.length);
    for (let y = Math.max(border + 1, rows.start); y < y1; y++) {
      for (let i = 0; i < grid.nx; i++) {
        const sigma = noise[j * grid.nx + i] * noiseGain * excess;
        const threshold = DETECTION_SIGMA * sigma;
        const end = y * width + x1[i];
        for (let k = y * width + x0[i]; k < end; k++) {
          const v = data[k];
          if (v <= threshold || !isPeak(data, k, width)) continue;
          found.push(k);
          strength.push(v / sigma);
        }
      }
    }
  }
  const order = Array.from(found.keys()).sort((a, b) => data[found[b]] - data[found[a]] || a - b);
  return separate(order, found, strength, data, width, limit);
}

/** Higher than all eight neighbours; of equal ones the first counts. */
function isPeak(data: Float32Array, k: number, width: number): boolean {
  const v = data[k];
  if (v <= data[k - 1] || v < data[k + 1] || v <= data[k - width] || v < data[k + width]) return false;
  if (v <= data[k - width - 1] || v <= data[k - width + 1]) return false;
  return v >= data[k + width - 1] && v >= data[k + width + 1];
}

/** Scatter of the filtered image over what its noise explains, at least 1. */
function scatterExcess(image: DetectionImage, filtered: FilteredImage, grid: LevelGrid): number {
  const { width, height, noise } = image;
  const { data, border, noiseGain } = filtered;
  const scores = new Float32Array(Math.ceil(data.length / SCATTER_STRIDE));
  let count = 0;
  for (let k = border * width; k < data.length - border * width; k += SCATTER_STRIDE) {
    const x = k % width;
    const y = (k - x) / width;
    if (x < border || x >= width - border || y >= height - border || image.data[k] === 0) continue;
    const i = Math.min(grid.nx - 1, Math.floor(x / grid.stepPx));
    const j = Math.min(grid.ny - 1, Math.floor(y / grid.stepPx));
    const sigma = noise[j * grid.nx + i] * noiseGain;
    if (sigma > 0) scores[count++] = Math.abs(data[k]) / sigma;
  }
  // 1.4826: the standard deviation of a normal distribution over its median absolute deviation
  return count === 0 ? 1 : Math.max(1, 1.4826 * selectMedian(scores.subarray(0, count)));
}

/** Keeps, from the highest down, peaks that a saddle separates from every higher one nearby. */
function separate(
  order: readonly number[],
  found: readonly number[],
  strength: readonly number[],
  data: Float32Array,
  width: number,
  limit: number,
): Peaks {
  const across = Math.ceil(width / DEBLEND_RADIUS);
  const buckets = new Map<number, number[]>();
  const kept: number[] = [];
  for (const candidate of order) {
    if (kept.length >= limit) break;
    const k = found[candidate];
    const x = k % width;
    const y = (k - x) / width;
    const [bx, by] = [Math.floor(x / DEBLEND_RADIUS), Math.floor(y / DEBLEND_RADIUS)];
    const depth = Math.max(SADDLE_DEPTH * data[k], (SADDLE_SIGMA * data[k]) / strength[candidate]);
    let separated = true;
    for (let j = by - 1; j <= by + 1 && separated; j++) {
      for (let i = bx - 1; i <= bx + 1 && separated; i++) {
        for (const other of buckets.get(j * across + i) ?? []) {
          if (saddle(data, width, found[other], k) > data[k] - depth) {
            separated = false;
            break;
          }
        }
      }
    }
    if (!separated) continue;
    kept.push(candidate);
    const bucket = by * across + bx;
    const list = buckets.get(bucket);
    if (list) list.push(candidate);
    else buckets.set(bucket, [candidate]);
  }
  return {
    at: Int32Array.from(kept, (c) => found[c]),
    snr: Float32Array.from(kept, (c) => strength[c]),
  };
}

/** Least value on the straight way between two samples. */
function saddle(data: Float32Array, width: number, from: number, to: number): number {
  const [x0, x1] = [from % width, to % width];
  const [y0, y1] = [(from - x0) / width, (to - x1) / width];
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  if (steps > DEBLEND_RADIUS) return -Infinity;
  let least = Infinity;
  for (let s = 1; s <= steps; s++) {
    const x = Math.round(x0 + ((x1 - x0) * s) / steps);
    const y = Math.round(y0 + ((y1 - y0) * s) / steps);
    least = Math.min(least, data[y * width + x]);
  }
  return least;
}

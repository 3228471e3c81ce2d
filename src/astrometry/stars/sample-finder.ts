// The search for stars in plain TypeScript, on any samples.
import { cellSpan, sampleGrid } from '../../photometry/background/level-grid.js';
import { apertureFlux } from './aperture-flux.js';
import type { DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { FilteredSamples } from './filtered-samples.js';
import { findPeaks, type Peak, type PeakFinder } from './find-peaks.js';
import { isHotPixel } from './hot-pixel.js';
import { type CoarseImage, filterRange, type MatchedFilter } from './matched-filter.js';
import {
  COARSE_SHARE,
  DEBLEND_RADIUS,
  DETECTION_SIGMA,
  type Lights,
  MAX_MOVES,
  MAX_PEAKS,
  MAX_STARS,
  PARABOLA_SHARE,
  type Peaks,
  type Sources,
  type StarFinder,
} from './star-finder.js';
import { localSky } from './local-sky.js';
import { emptySources, firstSources } from './sources.js';
import { windowedShape } from './windowed-shape.js';

/** Side of the patch in which the peak is sought at full resolution: what is nearer than a coarse step, and its neighbours. */
const PATCH = 5;

/** The coarse image lies in `scratch` and holds until its next use. What this does `IntegerFinder` does in SIMD. */
export class SampleFinder implements StarFinder, PeakFinder {
  readonly #image: DetectionImage;
  readonly #filter: MatchedFilter;
  readonly #filtered: FilteredSamples;
  readonly #climber: PeakClimber;

  constructor(image: DetectionImage, filter: MatchedFilter, scratch: DetectionScratch) {
    this.#image = image;
    this.#filter = filter;
    this.#filtered = new FilteredSamples(image, filter, scratch);
    this.#climber = new PeakClimber(image, filter, this.#filtered);
  }

  get coarse(): CoarseImage {
    return this.#filtered.coarse;
  }

  peaks(): Peaks {
    return findPeaks(this.#image, this.#filter, this, MAX_PEAKS);
  }

  peaksIn(j: number, gain: number): Peak[] {
    const { width, height, noise, frame } = this.#image;
    const { nx, stepPx } = frame.grid;
    const { coarse, columns } = this.#filtered;
    const climber = this.#climber;
    const peaks: Peak[] = [];
    const rows = cellSpan(height, stepPx, j);
    const y1 = Math.min(coarse.y1 - 1, (rows.start + rows.length + 1) >> 1);
    for (let y = Math.max(coarse.y0 + 1, (rows.start + 1) >> 1); y < y1; y++) {
      for (let i = 0; i < nx; i++) {
        const { start, length } = cellSpan(width, stepPx, i);
        const x0 = Math.max(coarse.x0 + 1, (start + 1) >> 1);
        const x1 = Math.min(coarse.x1 - 1, (start + length + 1) >> 1);
        const sigma = noise[j * nx + i] * gain;
        const threshold = DETECTION_SIGMA * sigma;
        const count = this.#filtered.list(y, x0, x1, COARSE_SHARE * threshold, PARABOLA_SHARE * threshold);
        for (let c = 0; c < count; c++) {
          const k = climber.climb(2 * columns[c], 2 * y);
          const { value } = climber;
          if (k >= 0 && value > threshold) peaks.push({ k, value, snr: value / sigma });
        }
      }
    }
    return peaks;
  }

  saddleBelow(from: number, to: number, limit: number): boolean {
    const { width } = this.#image;
    const [x0, x1] = [from % width, to % width];
    const [y0, y1] = [(from - x0) / width, (to - x1) / width];
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
    if (steps > DEBLEND_RADIUS) return true;
    // the dip is most often near the lower end, but not at it
    for (let i = 1; i < steps; i++) {
      const s = ((2 * steps - 3 - i) % (steps - 1)) + 1;
      const x = Math.round(x0 + ((x1 - x0) * s) / steps);
      const y = Math.round(y0 + ((y1 - y0) * s) / steps);
      if (this.#filtered.patch(x, y, 1)[0] <= limit) return true;
    }
    return false;
  }

  shapes(peaks: Peaks, sigma: number): Sources {
    const image = this.#image;
    const { frame, origin, width } = image;
    const sources = emptySources(Math.min(peaks.at.length, MAX_STARS));
    let count = 0;
    for (let p = 0; p < peaks.at.length && count < MAX_STARS; p++) {
      const peak = peaks.at[p];
      const x = peak % width;
      const y = (peak - x) / width;
      if (isHotPixel(frame, x + origin - 1, y + origin - 1, this.#atPeak(peak, frame.grid.level))) continue;
      const shape = windowedShape(image, x, y, sigma);
      if (!shape) continue;
      for (const name of ['x', 'y', 'fwhm', 'ellipticity', 'angle'] as const)
        sources[name][count] = shape[name];
      sources.peak[count] = peak;
      sources.snr[count++] = peaks.snr[p];
    }
    return firstSources(sources, count);
  }

  lights({ count, x, y, peak }: Sources, radius: number): Lights {
    const { frame, origin } = this.#image;
    const offset = origin - 1;
    const channels = frame.grid.level.length;
    const flux = new Float64Array(count * channels);
    const saturated = new Uint8Array(count);
    for (let s = 0; s < count; s++) {
      const out = flux.subarray(s * channels, (s + 1) * channels);
      const [rawX, rawY] = [x[s] + offset, y[s] + offset];
      const sky = this.#atPeak(peak[s], frame.grid.level);
      localSky(frame, rawX, rawY, radius, sky, this.#atPeak(peak[s], frame.grid.noise));
      saturated[s] = apertureFlux(frame, rawX, rawY, radius, sky, out) ? 1 : 0;
    }
    return { flux, saturated };
  }

  /** Each channel's level or noise at a peak. */
  #atPeak(peak: number, values: readonly Float32Array[]): number[] {
    const { frame, origin, width } = this.#image;
    const x = peak % width;
    const [rawX, rawY] = [x + origin - 1, (peak - x) / width + origin - 1];
    return values.map((of) => sampleGrid(frame.grid, of, rawX, rawY));
  }
}

/** Finds the peak at full resolution that a maximum of the coarse image belongs to. */
class PeakClimber {
  /** Height of the last peak found. */
  value = 0;
  readonly #filtered: FilteredSamples;
  readonly #width: number;
  readonly #x: readonly [number, number];
  readonly #y: readonly [number, number];

  constructor(image: DetectionImage, filter: MatchedFilter, filtered: FilteredSamples) {
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

// Correlation with a Gaussian: of all linear filters the one that shows a star of that width best over white noise.
import type { SamplePasses } from '../../simd/sample-passes.js';

/** FWHM of a Gaussian over its standard deviation. */
export const FWHM_OVER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);

/** A separable Gaussian of unit sum, cut at two standard deviations, over a detection image. */
export interface MatchedFilter {
  /** The filter and the box of the image in one: taps over raw samples along an axis, symmetric. */
  readonly taps: Float64Array;
  /** Half-width of the Gaussian: tap 0 is this many samples before the sample that is filtered. */
  readonly half: number;
  /** Standard deviation of the filtered image for white noise of 1 a raw sample. */
  readonly noiseGain: number;
}

export function matchedFilter(fwhm: number, box: 1 | 2): MatchedFilter {
  const sigma = fwhm / FWHM_OVER_SIGMA;
  const half = Math.max(1, Math.round(2 * sigma));
  const gaussian = Float64Array.from({ length: 2 * half + 1 }, (_, t) =>
    Math.exp(-0.5 * ((t - half) / sigma) ** 2),
  );
  const sum = gaussian.reduce((s, v) => s + v, 0);
  const taps = Float64Array.from(
    { length: 2 * half + box },
    (_, t) => ((gaussian[t] ?? 0) + (box === 2 ? (gaussian[t - 1] ?? 0) : 0)) / sum,
  );
  // squares of both axes, under the root
  return { taps, half, noiseGain: taps.reduce((s, v) => s + v * v, 0) };
}

/** Every second sample of every second row of the filtered image, over the sky: sample (2i, 2j) at `data[j * width + i]`. */
export interface CoarseImage {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Columns and rows that are wholly within the frame: first, and one behind the last. */
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  /** Where WebAssembly has made the data, which lies at address `at` of its memory. */
  readonly made?: { readonly memory: SamplePasses; readonly at: number };
}

/** First index, and one behind the last, whose taps all lie on one of `size` samples. */
export function filterRange({ taps, half }: MatchedFilter, size: number): readonly [number, number] {
  return [half, Math.max(half, size - (taps.length - half) + 1)];
}

/** Size of the coarse image of a frame, and its columns and rows that are wholly within it. */
export function coarseExtent(
  filter: MatchedFilter,
  width: number,
  height: number,
): Omit<CoarseImage, 'data' | 'made'> {
  const [x0, x1] = filterRange(filter, width).map((x) => (x + 1) >> 1);
  const [y0, y1] = filterRange(filter, height).map((y) => (y + 1) >> 1);
  return { width: (width + 1) >> 1, height: (height + 1) >> 1, x0, x1, y0, y1 };
}

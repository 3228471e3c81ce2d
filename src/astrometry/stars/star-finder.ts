// What the search for stars asks of a frame's samples; how it is answered depends on what samples these are.
import type { CoarseImage } from './matched-filter.js';

/** Peaks looked at, highest first: many more than stars are kept, for hot pixels stand among the highest. */
export const MAX_PEAKS = 2000;
/** Stars kept of a frame, those of the highest peaks: plate solving looks at the 600 brightest, gains between frames at 400. */
export const MAX_STARS = 800;
/** Peaks over the filtered noise that count as detections. */
export const DETECTION_SIGMA = 5;
/**
 * A peak lies at most a sample along both axes from one of the coarse image. A star as narrow as a pixel of the sensor allows, filtered, has there still
 * 0.6 of its peak.
 */
export const COARSE_SHARE = 0.55;
/** And parabolas through the sample and its neighbours reach this share of the peak, at least. */
export const PARABOLA_SHARE = 0.75;
/** The patch in which a peak is sought at full resolution is moved at most this often towards a higher one. */
export const MAX_MOVES = 3;
/** A peak within this many pixels of a higher one must be separated from it by a saddle. */
export const DEBLEND_RADIUS = 14;
/** The saddle must lie below the lower peak by this share of it, and by this many sigma. */
export const SADDLE_DEPTH = 0.15;
export const SADDLE_SIGMA = 2;
/** Every so many samples of the coarse image are looked at for its scatter. */
export const SCATTER_STRIDE = 17;
/** Standard deviation of a normal distribution over its median absolute deviation. */
export const SIGMA_OVER_DEVIATION = 1.4826;
/** Widest window that a star's shape is measured in, standard deviation in pixels: that of stars of 22.4 pixels. */
export const MAX_WINDOW_SIGMA = 9.6;

export interface WindowedShape {
  /** Sample coordinates of the detection image, 0-based. */
  readonly x: number;
  readonly y: number;
  /** Raw pixels, the window's and the box's effect undone. */
  readonly fwhm: number;
  readonly ellipticity: number;
  /** Of the major axis, from +x towards +y, radians. */
  readonly angle: number;
}

/** Sample indices of the detection image, highest peak first, and the peaks in units of the noise. */
export interface Peaks {
  readonly at: Int32Array;
  readonly snr: Float32Array;
}

/** Shapes of sources in parallel arrays (see `WindowedShape`), the peaks that they were measured about, and how far these stand out. */
export interface Sources {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly fwhm: Float64Array;
  readonly ellipticity: Float64Array;
  readonly angle: Float64Array;
  readonly peak: Int32Array;
  readonly snr: Float32Array;
}

/** Light of sources, in their order. */
export interface Lights {
  /** Per source its channels' flux. */
  readonly flux: Float64Array;
  /** Whether the core is saturated. */
  readonly saturated: Uint8Array;
}

/** A frame under one matched filter. Sample coordinates and indices are those of the detection image. */
export interface StarFinder {
  /** The filtered image. */
  readonly coarse: CoarseImage;
  /**
   * Local maxima (8 neighbours) of at least 5 sigma, those of the coarse image followed up at full resolution, that a saddle separates from every higher one nearby; at most `MAX_PEAKS` of them. Sigma is
   * what the noise of the raw samples leaves after the filter; where the filtered image scatters more than that (noise correlated by an earlier resampling, fixed patterns) the measured scatter
   * holds.
   */
  peaks(): Peaks;
  /** Shapes about peaks in windows of standard deviation `sigma`, at most `MAX_STARS`, in the peaks' order; none of hot pixels and where the centroid does not settle. */
  shapes(peaks: Peaks, sigma: number): Sources;
  /** Light within `radius` pixels of sources, over the sky about them. See `apertureFlux` and `localSky`. */
  lights(sources: Sources, radius: number): Lights;
}

// What the search for stars asks of a frame's samples; how it is answered depends on what samples these are.
import type { CoarseImage } from './matched-filter.js';

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
/** Widest window that a star's shape is measured in, standard deviation in pixels: that of stars of 22.4 pixels. */
export const MAX_WINDOW_SIGMA = 9.6;

/** A peak of the filtered image: sample index, height over the sky, height in sigma. */
export interface Peak {
  readonly k: number;
  readonly value: number;
  readonly snr: number;
}

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

/** A star's shape, and the sky of each channel at its peak. */
export interface MeasuredShape extends WindowedShape {
  readonly sky: readonly number[];
}

/** A frame under one matched filter. Sample coordinates and indices are those of the detection image. */
export interface StarFinder {
  /** The filtered image. */
  readonly coarse: CoarseImage;
  /**
   * Local maxima (8 neighbours) of at least 5 sigma in row `j` of the grid's cells: those of the coarse image followed up at full resolution. Sigma is the image's noise times
   * `gain`. A peak may be listed more than once.
   */
  peaksIn(j: number, gain: number): Peak[];
  /** Whether the straight way between two samples dips to `limit` or below; always where they are farther apart than `DEBLEND_RADIUS`. */
  saddleBelow(from: number, to: number, limit: number): boolean;
  /** Shape about a peak in a window of standard deviation `sigma`; undefined for hot pixels and where the centroid does not settle. */
  shape(x: number, y: number, sigma: number): MeasuredShape | undefined;
  /** Light about (x, y) within `radius` pixels, per channel, to `out`; returns whether the core is saturated. See `apertureFlux`. */
  flux(x: number, y: number, radius: number, sky: readonly number[], out: Float64Array): boolean;
}

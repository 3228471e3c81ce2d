// The stars of one frame: plain parallel arrays, brightest first, safe to send to another thread.
import type { TrailStrip } from '../trails/trail-strip.js';

/** `count` stars in order of falling flux. Fluxes are ADU above the sky. */
export interface StarList {
  readonly count: number;
  /** How many the frame shows, where the list has but the brightest of them. */
  readonly found?: number;
  /** Centroid, FITS pixel coordinates (centre of the first pixel = 1, 1). */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Flux in the aperture over all samples of the frame: sum over the channels' own samples. */
  readonly flux: Float32Array;
  /**
   * The same aperture per channel, in ADU summed over raw pixels; on a CFA each colour is scaled to full density (red and blue times 4,
   * green times 2), so that the ratios to another frame's fluxes of the same stars are the ratios of the frames' gains.
   */
  readonly channelFlux: readonly Float32Array[];
  /** Height of the matched filter's peak over its noise: at least the detection threshold. */
  readonly snr: Float32Array;
  /** Full width at half maximum in raw pixels, of the geometric mean of the axes. */
  readonly fwhm: Float32Array;
  /** 1 - minor/major axis, 0 to 1. */
  readonly ellipticity: Float32Array;
  /** 1 where a sample within a pixel and a half of the peak is saturated: the centroid is good to half a pixel or so, the flux is too low. */
  readonly saturated: Uint8Array;
  /** Medians over the unsaturated stars of S/N 10 and more (all stars where there are fewer than five of them); NaN without stars. */
  readonly medianFwhm: number;
  readonly medianEllipticity: number;
  /** What satellites and aircraft left on the frame, found in the same search; absent where none was sought. */
  readonly trails?: readonly TrailStrip[];
}

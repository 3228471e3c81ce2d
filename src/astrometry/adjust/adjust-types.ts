// What the joint adjustment is given and what it gives; plain data but for the WCS.
import type { CelestialWcs } from '../wcs/celestial-wcs.js';

/** Stars of a frame, brightest first, unsaturated; FITS pixel coordinates. */
export interface AdjustStars {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Standard deviation of a coordinate, pixels. */
  readonly sigma: Float32Array;
}

export interface AdjustFrame {
  readonly width: number;
  readonly height: number;
  /** Where the frame lies as far as known: good to a few pixels. */
  readonly wcs: CelestialWcs;
  /** `solved`: found by the frame's own stars and the catalogue. `given`: by others, whose word is a prior. */
  readonly origin: 'solved' | 'given';
  /** Names camera and telescope as far as headers tell: only frames of one name share their distortion. */
  readonly camera: string;
  /** Julian year of the exposure. */
  readonly epoch?: number | undefined;
  readonly stars: AdjustStars;
}

/** What is said of one frame after the adjustment; pixels of the frame. */
export interface FrameAdjustment {
  readonly wcs: CelestialWcs;
  /** Whether `wcs` is another one than before. */
  readonly adjusted: boolean;
  /** Stars that other frames show too, and stars of the catalogue, that the fit believed. */
  readonly links: number;
  readonly catalogueLinks: number;
  /** Root mean square distance (both coordinates together) from the place that all frames give these stars, before and after; NaN without such stars. */
  readonly rmsBeforePx: number;
  readonly rmsPx: number;
  /** From the catalogue's places, NaN without such stars. */
  readonly catalogueRmsPx: number;
  /** Root mean square move of the frame's middle and corners. */
  readonly movedPx: number;
  /** Where they were asked for; a frame that was not looked at has none. */
  readonly residuals?: FrameResiduals;
}

/** Links of a frame: FITS pixel, and where the adjusted sky puts the star minus where the frame shows it, pixels. */
export interface FrameResiduals {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly dx: Float32Array;
  readonly dy: Float32Array;
}

export interface Adjustment {
  readonly frames: readonly FrameAdjustment[];
  /** Whether the given WCS were refined, and the root mean squares over all their linked stars that decided it, pixels; NaN where there are none. */
  readonly refined: boolean;
  readonly givenBeforePx: number;
  readonly givenAfterPx: number;
}

// What the finished mosaic is worth, measured on it: docs/report.md defines every figure.

/** A figure that could not be measured (too few stars, no overlap) is null. */
type Figure = number | null;

/** One colour of the mosaic. */
export interface ChannelQuality {
  /** `R`, `G`, `B`, or `L` for a single plane. */
  readonly name: string;
  readonly zero_point: {
    readonly stars: number;
    readonly scatter_percent: Figure;
    readonly flatness_percent: Figure;
  };
  readonly seam: {
    readonly places: number;
    readonly step_adu: Figure;
    readonly worst_adu: Figure;
    readonly worst_over_noise: Figure;
  };
  readonly noise: {
    readonly squares: number;
    readonly stated_adu: Figure;
    readonly scatter_adu: Figure;
    readonly halves_chi2: Figure;
    readonly halves_aperture_chi2: Figure;
    readonly over_ideal: Figure;
  };
}

/** One frame of the mosaic. */
export interface FrameQuality {
  readonly path: string;
  /** Stars that the frame and the mosaic both show. */
  readonly stars: number;
  /** Mosaic less frame, pixels of the mosaic. */
  readonly shift_px: readonly [Figure, Figure];
  readonly rms_px: Figure;
  /** Per channel: factor to the common flux scale; standard deviation of a raw pixel, ADU. */
  readonly gain: readonly number[];
  readonly noise_adu: readonly number[];
}

export interface ProductQuality {
  readonly astrometry: {
    /** Stars measured on the mosaic. */
    readonly stars: number;
    readonly star_rms_px: Figure;
    readonly frame_shift_rms_px: Figure;
    readonly frame_shift_worst_px: Figure;
    readonly catalogue: {
      readonly stars: number;
      readonly rms_arcsec: number;
      readonly rms_px: number;
      readonly shift_arcsec: readonly [number, number];
    } | null;
  };
  readonly channels: readonly ChannelQuality[];
  readonly frames: readonly FrameQuality[];
}

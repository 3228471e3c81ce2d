// What a generated session is made of, and what is known about it: the content of its truth.json.

/** Settings of a generated session. */
export interface SessionOptions {
  /** Panels along the first and the second pixel axis (default 2 x 1). */
  readonly panels?: readonly [number, number];
  /** Good light frames of each panel (default 6). */
  readonly subs?: number;
  /** Frame width and height, pixels, even (default 480 x 640). */
  readonly size?: readonly [number, number];
  /** Whole number; the same options and seed give the same bytes (default 1). */
  readonly seed?: number;
  /** Field rotation over the whole session, degrees (default 8). */
  readonly rotationDeg?: number;
  /** Share of a frame that the next panel repeats, 0-0.9 (default 0.25). */
  readonly overlap?: number;
  /** GRBG colour filter array (default) or a monochrome sensor. */
  readonly colour?: 'bayer' | 'mono';
  /** Whether the good frames carry their WCS in the header (default true). */
  readonly writeWcs?: boolean;
  /** Whether a frame without WCS and an already stacked image lie among the subs (default true). */
  readonly extras?: boolean;
}

/** A TAN WCS in numbers: FITS 1-based pixels, degrees. `cd` = [CD1_1, CD1_2, CD2_1, CD2_2]. */
export interface TanTruth {
  readonly crval: readonly [number, number];
  readonly crpix: readonly [number, number];
  readonly cd: readonly [number, number, number, number];
}

/** A star of the scene. Fluxes are R, G, B (mono: three times the same), total, at transparency 1, in ADU. */
export interface StarTruth {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly magnitude: number;
  readonly fluxAdu: readonly [number, number, number];
}

/** A satellite trail: a straight Gaussian ridge through (x, y), FITS 1-based, its normal at `normalDeg`. */
export interface TrailTruth {
  readonly x: number;
  readonly y: number;
  readonly normalDeg: number;
  /** Height of the ridge, ADU. */
  readonly peakAdu: number;
  readonly sigmaPx: number;
}

/** A pixel (FITS 1-based) and the ADU added to it, before clipping at saturation. */
export interface PixelTruth {
  readonly x: number;
  readonly y: number;
  readonly adu: number;
}

/** Sky of a frame: `level[c] * (1 + gx*u + gy*v + gxy*u*v + grr*(u*u + v*v))`, u, v = -0.5 to 0.5 across the frame. */
export interface SkyTruth {
  /** R, G, B level at the frame's centre above the pedestal, ADU. */
  readonly levelAdu: readonly [number, number, number];
  readonly gradient: { readonly gx: number; readonly gy: number; readonly gxy: number; readonly grr: number };
}

/** One file of the session. */
export interface FrameTruth {
  readonly file: string;
  /** `light` is to be used; the others are to be rejected, each for the reason its name says. */
  readonly kind: 'light' | 'light_without_wcs' | 'stacked';
  /** Panel number, row by row from 0. */
  readonly panel: number;
  /** The true WCS, whether or not the header has it. */
  readonly wcs: TanTruth;
  /** Factor on every star and on the nebula, 0-1. */
  readonly transparency: number;
  readonly sky: SkyTruth;
  /** Moffat profile, beta 3. `angleDeg` is that of the major axis from +x towards +y. */
  readonly psf: { readonly fwhmPx: number; readonly axisRatio: number; readonly angleDeg: number };
  readonly trails: readonly TrailTruth[];
  readonly cosmics: readonly PixelTruth[];
  readonly dateObs: string;
}

/** All that is known about a session. */
export interface SessionTruth {
  readonly options: Required<SessionOptions>;
  readonly pixelScaleArcsec: number;
  readonly exposureSeconds: number;
  /** Added to every pixel, ADU. */
  readonly pedestalAdu: number;
  /** Photo-electrons an ADU. */
  readonly electronsPerAdu: number;
  readonly readNoiseAdu: number;
  readonly saturationAdu: number;
  readonly stars: readonly StarTruth[];
  readonly hotPixels: readonly PixelTruth[];
  readonly frames: readonly FrameTruth[];
}

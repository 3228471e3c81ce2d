// The port of the WCS room: what every celestial WCS can do, whatever its projection and distortions.

/** The celestial system of the two world axes. */
export type CelestialFrame = 'equatorial' | 'galactic' | 'ecliptic' | 'other';

/** One projection parameter `PVi_m`, `axis` being the longitude or the latitude axis. */
export interface ProjectionParameter {
  readonly axis: 'longitude' | 'latitude';
  readonly m: number;
  readonly value: number;
}

/** SIP polynomials (Shupe et al. 2005): `a[p][q]` multiplies u^p v^q, u and v being pixels relative to CRPIX. */
export interface SipCoefficients {
  readonly a: readonly (readonly number[])[];
  readonly b: readonly (readonly number[])[];
  readonly ap?: readonly (readonly number[])[];
  readonly bp?: readonly (readonly number[])[];
}

/** A WCS in numbers, plain JSON: enough to write its cards again unless `distortions` holds `lookup` or `dss`. */
export interface WcsDescription {
  /** Three-letter projection code of Paper II after old spellings are resolved (`TAN`, `SIN`, ...). */
  readonly projection: string;
  /** CTYPE of the longitude and of the latitude axis, without a `-SIP` suffix. */
  readonly ctype: readonly [string, string];
  readonly frame: CelestialFrame;
  /** FITS numbers (from 1) of the two pixel axes that `x` and `y` mean. */
  readonly pixelAxes: readonly [number, number];
  /** True when the first of the two pixel axes carries the latitude's CTYPE. */
  readonly latitudeFirst: boolean;
  /** Longitude and latitude of the reference point, degrees. */
  readonly crval: readonly [number, number];
  /** Reference pixel, FITS 1-based. */
  readonly crpix: readonly [number, number];
  /** Degrees a pixel, row-major: longitude row, then latitude row; columns x, y. */
  readonly cd: readonly [number, number, number, number];
  readonly lonpoleDeg: number;
  readonly latpoleDeg: number;
  readonly parameters: readonly ProjectionParameter[];
  readonly radesys: string;
  readonly equinox: number | undefined;
  readonly distortions: readonly ('sip' | 'tpv' | 'lookup' | 'dss')[];
  readonly sip: SipCoefficients | undefined;
  /** NAXIS1, NAXIS2 when known. */
  readonly shape: readonly [number, number] | undefined;
}

/**
 * Pixel <-> sky, in f64. Pixels are FITS 1-based (centre of the first pixel = 1, 1); sky coordinates are degrees of
 * the WCS's own frame, longitude in [0, 360). Outside the projection the answer is null (NaN in batches).
 */
export interface CelestialWcs {
  pixelToSky(x: number, y: number): [number, number] | null;
  skyToPixel(raDeg: number, decDeg: number): [number, number] | null;
  /** All arrays have the same length; `outRa`/`outDec` may be `x`/`y` themselves. Allocates nothing. */
  pixelToSkyBatch(x: Float64Array, y: Float64Array, outRa: Float64Array, outDec: Float64Array): void;
  skyToPixelBatch(ra: Float64Array, dec: Float64Array, outX: Float64Array, outY: Float64Array): void;
  /** Unit vector (towards lon 0, lon 90, the pole) of a pixel into `out[0..2]`; false outside. No trigonometry for TAN. */
  pixelToUnit(x: number, y: number, out: Float64Array): boolean;
  /** Pixel of a unit vector into `out[0..1]` (`out` needs length 3); false when the WCS does not show that direction. */
  unitToPixel(ux: number, uy: number, uz: number, out: Float64Array): boolean;
  /** Side of a square of the same solid angle as the pixel at (x, y), or at CRPIX; arc seconds. */
  pixelScaleArcsec(x?: number, y?: number): number;
  readonly hasDistortion: boolean;
  readonly crval: readonly [number, number];
  readonly radesys: string;
  readonly frame: CelestialFrame;
  describe(): WcsDescription;
}

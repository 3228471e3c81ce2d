// What the solver is given and what it gives; plain data but for the WCS.
import type { CelestialWcs } from '../wcs/celestial-wcs.js';

/** The stars of an image, brightest first; FITS pixel coordinates. */
export interface ImageStars {
  readonly count: number;
  /** How many the image shows, where these are but the brightest of them. */
  readonly found?: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Standard deviation of a coordinate in pixels, where known. */
  readonly sigma?: Float32Array;
}

export interface SolveImage {
  readonly width: number;
  readonly height: number;
  readonly stars: ImageStars;
}

/** What is known beforehand; all of it may be absent or wrong. */
export interface SolveHint {
  readonly pointing?: { readonly raDeg: number; readonly decDeg: number };
  readonly scaleArcsec?: number;
  /** Julian year of the exposure. */
  readonly epoch?: number;
}

export interface SolveOptions {
  /** Work after which the search stops, in milliseconds of a nominal core: counted, so that no search ends earlier on a slow or busy machine. */
  readonly budgetMs: number;
  /** Largest distance from the hinted place to search, degrees; 180 is the whole sky. */
  readonly maxRadiusDeg: number;
  /** Ends the search with its reason as the error. */
  readonly signal?: AbortSignal;
}

export type Parity = 1 | -1;

export interface Solution {
  readonly wcs: CelestialWcs;
  /** Sky position of the middle of the image, degrees. */
  readonly centre: readonly [number, number];
  /** Of the outer pixel edges: (0.5, 0.5), (nx + 0.5, 0.5), (nx + 0.5, ny + 0.5), (0.5, ny + 0.5). */
  readonly corners: readonly (readonly [number, number])[];
  /** Arc seconds a pixel at the middle. */
  readonly scaleArcsec: number;
  /** Sign of the determinant of CD: 1 for an image whose file runs top-down. */
  readonly parity: Parity;
  /** Stars that the fit used, and their residual, root mean square over both coordinates together. */
  readonly matched: number;
  readonly rmsPx: number;
  /** Decimal logarithm of the odds against so many stars agreeing by chance, all hypotheses tried so far counted in. */
  readonly logOdds: number;
  /** The solver outside this program that has proposed the place; the built-in one where absent. */
  readonly by?: string;
  readonly ms: number;
  /** Work of the search, as the budget counts it; absent where nothing was searched. */
  readonly workMs?: number;
}

/** Why there is no solution: locale code and values. */
export interface Unsolved {
  readonly code:
    | 'solve_reject_few_stars'
    | 'solve_reject_no_match'
    | 'solve_reject_budget'
    | 'solve_reject_like_others'
    | `solve_reject_external_${string}`;
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

export type SolveResult =
  | ({ readonly solved: true } & Solution)
  | {
      readonly solved: false;
      readonly reason: Unsolved;
      readonly ms: number;
      /** As of a solution. */
      readonly workMs?: number;
    };

// The distortion that all frames of one camera and telescope share: what their common fit adds to each pixel.

/** Highest order of the terms. */
export const DISTORTION_ORDER = 3;
/** Numbers of a distortion: two of shear, then the x and the y coefficients of U^2, UV, V^2, U^3, U^2 V, U V^2, V^3. */
export const DISTORTION_TERMS = 16;

/** Pixels per term in U = X / unit, V = Y / unit about the middle of the image; terms above `order` are 0. */
export interface Distortion {
  readonly order: 1 | 2 | 3;
  readonly terms: Float64Array;
}

/** What a term does at (u, v): in x and in y a factor times u^i v^j. */
export interface TermParts {
  readonly x: readonly [factor: number, i: number, j: number];
  readonly y: readonly [factor: number, i: number, j: number];
}

const MONOMIALS = [
  [2, 0],
  [1, 1],
  [0, 2],
  [3, 0],
  [2, 1],
  [1, 2],
  [0, 3],
] as const;

export const TERM_PARTS: readonly TermParts[] = [
  { x: [1, 1, 0], y: [-1, 0, 1] },
  { x: [1, 0, 1], y: [1, 1, 0] },
  ...MONOMIALS.map(([i, j]): TermParts => ({ x: [1, i, j], y: [0, 0, 0] })),
  ...MONOMIALS.map(([i, j]): TermParts => ({ x: [0, 0, 0], y: [1, i, j] })),
];

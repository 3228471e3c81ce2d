// The distortion that all frames of one camera and telescope share: what their common fit adds to each pixel.

/** Highest order of the terms. */
export const DISTORTION_ORDER = 3;
/** Numbers of a distortion: two of shear, then the x and the y coefficients of U^2, UV, V^2, U^3, U^2 V, U V^2, V^3. */
export const DISTORTION_TERMS = 16;
const X = 2;
const Y = 9;

/** Pixels per term in U = X / unit, V = Y / unit about the middle of the image; terms above `order` are 0. */
export interface Distortion {
  readonly order: 1 | 2 | 3;
  readonly terms: Float64Array;
}

/** Adds the distortion at (u, v), whose terms stand at `terms[at..]`, to out[0..1]. */
export function distort(terms: Float64Array, at: number, u: number, v: number, out: Float64Array): void {
  const uu = u * u;
  const uv = u * v;
  const vv = v * v;
  const a = at + X;
  const b = at + Y;
  out[0] +=
    terms[at] * u +
    terms[at + 1] * v +
    terms[a] * uu +
    terms[a + 1] * uv +
    terms[a + 2] * vv +
    u * (terms[a + 3] * uu + terms[a + 4] * uv + terms[a + 5] * vv) +
    terms[a + 6] * vv * v;
  out[1] +=
    terms[at + 1] * u -
    terms[at] * v +
    terms[b] * uu +
    terms[b + 1] * uv +
    terms[b + 2] * vv +
    u * (terms[b + 3] * uu + terms[b + 4] * uv + terms[b + 5] * vv) +
    terms[b + 6] * vv * v;
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

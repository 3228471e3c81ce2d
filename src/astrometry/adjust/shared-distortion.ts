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

export const NO_DISTORTION: Distortion = { order: 1, terms: new Float64Array(DISTORTION_TERMS) };

/** Whether the term belongs to distortions of that order. */
export function termAllowed(term: number, order: number): boolean {
  if (term < X) return true;
  return (term - X) % (Y - X) < 3 ? order >= 2 : order >= 3;
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

/** The transpose of `distort`: adds what the values (x, y) at (u, v) contribute to each term. */
export function distortTranspose(
  x: number,
  y: number,
  u: number,
  v: number,
  out: Float64Array,
  at: number,
): void {
  const uu = u * u;
  const uv = u * v;
  const vv = v * v;
  const a = at + X;
  const b = at + Y;
  out[at] += x * u - y * v;
  out[at + 1] += x * v + y * u;
  out[a] += x * uu;
  out[a + 1] += x * uv;
  out[a + 2] += x * vv;
  out[a + 3] += x * uu * u;
  out[a + 4] += x * uv * u;
  out[a + 5] += x * vv * u;
  out[a + 6] += x * vv * v;
  out[b] += y * uu;
  out[b + 1] += y * uv;
  out[b + 2] += y * vv;
  out[b + 3] += y * uu * u;
  out[b + 4] += y * uv * u;
  out[b + 5] += y * vv * u;
  out[b + 6] += y * vv * v;
}

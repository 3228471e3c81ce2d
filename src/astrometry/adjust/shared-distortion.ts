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

export const NO_DISTORTION: Distortion = {
  order: 1,
  terms: new Float64Array(DISTORTION_TERMS),
};

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

/** Adds the distortion at each pixel (u, v) of `raw[2 from .. 2 to]` to the pair in `out` there; `order` 1 looks at the shear alone. */
export function distortAll(
  terms: Float64Array,
  at: number,
  order: number,
  raw: Float32Array,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const s = terms[at];
  const t = terms[at + 1];
  if (order === 1) {
    for (let i = 2 * from; i < 2 * to; i += 2) {
      out[i] += s * raw[i] + t * raw[i + 1];
      out[i + 1] += t * raw[i] - s * raw[i + 1];
    }
    return;
  }
  const a = at + X;
  const [a0, a1, a2, a3] = [terms[a], terms[a + 1], terms[a + 2], terms[a + 3]];
  const [a4, a5, a6] = [terms[a + 4], terms[a + 5], terms[a + 6]];
  const b = at + Y;
  const [b0, b1, b2, b3] = [terms[b], terms[b + 1], terms[b + 2], terms[b + 3]];
  const [b4, b5, b6] = [terms[b + 4], terms[b + 5], terms[b + 6]];
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const u = raw[i];
    const v = raw[i + 1];
    out[i] += u * (s + u * (a0 + a3 * u + a4 * v) + v * (a1 + a5 * v)) + v * (t + v * (a2 + a6 * v));
    out[i + 1] += u * (t + u * (b0 + b3 * u + b4 * v) + v * (b1 + b5 * v)) + v * (v * (b2 + b6 * v) - s);
  }
}

/** The transpose of `distortAll`: adds what the pairs of `values`, each times its `weight`, contribute to each term. */
export function distortAllTranspose(
  values: Float64Array,
  weight: Float32Array,
  order: number,
  raw: Float32Array,
  from: number,
  to: number,
  out: Float64Array,
  at: number,
): void {
  let [s, t] = [0, 0];
  if (order === 1) {
    for (let l = from; l < to; l++) {
      const i = 2 * l;
      const x = weight[l] * values[i];
      const y = weight[l] * values[i + 1];
      s += x * raw[i] - y * raw[i + 1];
      t += x * raw[i + 1] + y * raw[i];
    }
    out[at] += s;
    out[at + 1] += t;
    return;
  }
  let [a0, a1, a2, a3, a4, a5, a6] = [0, 0, 0, 0, 0, 0, 0];
  let [b0, b1, b2, b3, b4, b5, b6] = [0, 0, 0, 0, 0, 0, 0];
  for (let l = from; l < to; l++) {
    const i = 2 * l;
    const u = raw[i];
    const v = raw[i + 1];
    const x = weight[l] * values[i];
    const y = weight[l] * values[i + 1];
    const [xu, xv, yu, yv] = [x * u, x * v, y * u, y * v];
    s += xu - yv;
    t += xv + yu;
    const [xuu, xuv, xvv] = [xu * u, xu * v, xv * v];
    a0 += xuu;
    a1 += xuv;
    a2 += xvv;
    a3 += xuu * u;
    a4 += xuu * v;
    a5 += xuv * v;
    a6 += xvv * v;
    const [yuu, yuv, yvv] = [yu * u, yu * v, yv * v];
    b0 += yuu;
    b1 += yuv;
    b2 += yvv;
    b3 += yuu * u;
    b4 += yuu * v;
    b5 += yuv * v;
    b6 += yvv * v;
  }
  out[at] += s;
  out[at + 1] += t;
  const [a, b] = [at + X, at + Y];
  [a0, a1, a2, a3, a4, a5, a6].forEach((sum, k) => (out[a + k] += sum));
  [b0, b1, b2, b3, b4, b5, b6].forEach((sum, k) => (out[b + k] += sum));
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

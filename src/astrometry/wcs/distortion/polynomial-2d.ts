// A pair of polynomials in two variables with their derivatives: the arithmetic under SIP, TPV and DSS plates.

/** Coefficients c[p][q] of u^p v^q. */
export type Coefficients2d = readonly (readonly number[])[];

/** f(u, v) and g(u, v) by Horner's scheme; `evaluate` leaves the values and derivatives in the fields. */
export class PolynomialPair {
  f = 0;
  g = 0;
  fu = 0;
  fv = 0;
  gu = 0;
  gv = 0;
  readonly #degree: number;
  /** Triangular, row p holds q = 0..degree-p, rows from p = degree down to 0, each from its highest q down. */
  readonly #c: Float64Array;
  readonly #d: Float64Array;

  constructor(c: Coefficients2d, d: Coefficients2d) {
    this.#degree = Math.max(degreeOf(c), degreeOf(d));
    this.#c = flatten(c, this.#degree);
    this.#d = flatten(d, this.#degree);
  }

  /** Values only. */
  value(u: number, v: number): void {
    const c = this.#c;
    const d = this.#d;
    const n = this.#degree;
    let f = 0;
    let g = 0;
    let k = 0;
    for (let length = 1; length <= n + 1; length += 1) {
      let rowF = c[k];
      let rowG = d[k];
      k += 1;
      for (let q = 1; q < length; q += 1) {
        rowF = rowF * v + c[k];
        rowG = rowG * v + d[k];
        k += 1;
      }
      f = f * u + rowF;
      g = g * u + rowG;
    }
    this.f = f;
    this.g = g;
  }

  /** Values and first derivatives. */
  evaluate(u: number, v: number): void {
    const c = this.#c;
    const d = this.#d;
    const n = this.#degree;
    let f = 0;
    let g = 0;
    let fu = 0;
    let gu = 0;
    let fv = 0;
    let gv = 0;
    let k = 0;
    for (let length = 1; length <= n + 1; length += 1) {
      let rowF = c[k];
      let rowG = d[k];
      let slopeF = 0;
      let slopeG = 0;
      k += 1;
      for (let q = 1; q < length; q += 1) {
        slopeF = slopeF * v + rowF;
        slopeG = slopeG * v + rowG;
        rowF = rowF * v + c[k];
        rowG = rowG * v + d[k];
        k += 1;
      }
      fu = fu * u + f;
      gu = gu * u + g;
      fv = fv * u + slopeF;
      gv = gv * u + slopeG;
      f = f * u + rowF;
      g = g * u + rowG;
    }
    this.f = f;
    this.g = g;
    this.fu = fu;
    this.fv = fv;
    this.gu = gu;
    this.gv = gv;
  }
}

function degreeOf(c: Coefficients2d): number {
  let degree = 0;
  c.forEach((row, p) => row.forEach((value, q) => (degree = value !== 0 ? Math.max(degree, p + q) : degree)));
  return degree;
}

function flatten(c: Coefficients2d, degree: number): Float64Array {
  const flat: number[] = [];
  for (let p = degree; p >= 0; p -= 1) {
    for (let q = degree - p; q >= 0; q -= 1) flat.push(c[p]?.[q] ?? 0);
  }
  return Float64Array.from(flat);
}

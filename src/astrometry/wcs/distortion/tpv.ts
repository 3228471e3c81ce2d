// TPV: polynomial distortion of intermediate world coordinates in degrees (the TPV convention of the FITS registry).
import type { Distortion } from './distortion.js';
import { newtonInverse, type NewtonTarget } from './newton.js';
import { PolynomialPair } from './polynomial-2d.js';

/** Powers (of the axis itself, of the other axis) of the terms PVi_0 to PVi_39; a single number is a power of r. */
const TERMS: readonly (readonly [number, number] | number)[] = (() => {
  const terms: (readonly [number, number] | number)[] = [];
  for (let order = 0; order <= 7; order += 1) {
    for (let q = 0; q <= order; q += 1) terms.push([order - q, q]);
    // Odd orders end with a power of the radius.
    if (order % 2 === 1) terms.push(order);
  }
  return terms;
})();

/** x' = f(x, y), y' = g(x, y); PVi_1 defaults to 1, all others to 0. The inverse is solved by Newton's method. */
export class TpvDistortion implements Distortion, NewtonTarget {
  fx = 0;
  fy = 0;
  fxx = 1;
  fxy = 0;
  fyx = 0;
  fyy = 1;
  readonly #polynomial: PolynomialPair;
  /** [power, coefficient for x, coefficient for y]. */
  readonly #radial: readonly (readonly [number, number, number])[];

  constructor(lon: ReadonlyMap<number, number>, lat: ReadonlyMap<number, number>) {
    const c = square();
    const d = square();
    const radial = new Map<number, [number, number]>();
    TERMS.forEach((term, m) => {
      const f = lon.get(m) ?? (m === 1 ? 1 : 0);
      const g = lat.get(m) ?? (m === 1 ? 1 : 0);
      if (typeof term === 'number') {
        if (f !== 0 || g !== 0) radial.set(term, [f, g]);
      } else {
        c[term[0]][term[1]] = f;
        // For latitude the roles of the two coordinates are exchanged.
        d[term[1]][term[0]] = g;
      }
    });
    this.#polynomial = new PolynomialPair(c, d);
    this.#radial = [...radial].map(([power, [f, g]]) => [power, f, g]);
  }

  apply(x: number, y: number, out: Float64Array): void {
    const p = this.#polynomial;
    p.value(x, y);
    let f = p.f;
    let g = p.g;
    if (this.#radial.length > 0) {
      const r = Math.sqrt(x * x + y * y);
      for (const [power, a, b] of this.#radial) {
        const rn = r ** power;
        f += a * rn;
        g += b * rn;
      }
    }
    out[0] = f;
    out[1] = g;
  }

  evaluate(x: number, y: number): void {
    const p = this.#polynomial;
    p.evaluate(x, y);
    this.fx = p.f;
    this.fy = p.g;
    this.fxx = p.fu;
    this.fxy = p.fv;
    this.fyx = p.gu;
    this.fyy = p.gv;
    if (this.#radial.length === 0) return;
    const r = Math.sqrt(x * x + y * y);
    for (const [power, a, b] of this.#radial) {
      const rn = r ** power;
      this.fx += a * rn;
      this.fy += b * rn;
      if (r === 0) continue;
      const slope = (power * rn) / (r * r);
      this.fxx += a * slope * x;
      this.fxy += a * slope * y;
      this.fyx += b * slope * x;
      this.fyy += b * slope * y;
    }
  }

  invert(x: number, y: number, out: Float64Array): boolean {
    // Degrees: the square of 1e-7 is a hundred-millionth of the smallest pixel.
    return newtonInverse(this, x, y, x, y, 1e-7, out);
  }
}

function square(): number[][] {
  return Array.from({ length: 8 }, () => new Array<number>(8).fill(0));
}

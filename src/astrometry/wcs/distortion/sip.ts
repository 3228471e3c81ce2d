// SIP: polynomial distortion of pixel coordinates (Shupe et al. 2005, ASP Conf. 347, 491).
import type { SipCoefficients } from '../celestial-wcs.js';
import type { Distortion } from './distortion.js';
import { newtonInverse, type NewtonTarget } from './newton.js';
import { PolynomialPair } from './polynomial-2d.js';

/** See newtonInverse: leaves less than 1e-10 px. */
const LAST_STEP_PX = 1e-4;

/**
 * x' = x + A(u, v), y' = y + B(u, v) with u = x - CRPIX1, v = y - CRPIX2. The inverse starts from AP, BP where given
 * and is then solved by Newton's method, so it is exact to 1e-10 px whatever the quality of AP, BP.
 */
export class SipDistortion implements Distortion, NewtonTarget {
  fx = 0;
  fy = 0;
  fxx = 1;
  fxy = 0;
  fyx = 0;
  fyy = 1;
  readonly #forward: PolynomialPair;
  readonly #guess: PolynomialPair | undefined;

  constructor(
    sip: SipCoefficients,
    private readonly crpix1: number,
    private readonly crpix2: number,
  ) {
    this.#forward = new PolynomialPair(sip.a, sip.b);
    this.#guess = sip.ap && sip.bp ? new PolynomialPair(sip.ap, sip.bp) : undefined;
  }

  apply(x: number, y: number, out: Float64Array): void {
    const p = this.#forward;
    p.value(x - this.crpix1, y - this.crpix2);
    out[0] = x + p.f;
    out[1] = y + p.g;
  }

  evaluate(x: number, y: number): void {
    const p = this.#forward;
    p.evaluate(x - this.crpix1, y - this.crpix2);
    this.fx = x + p.f;
    this.fy = y + p.g;
    this.fxx = 1 + p.fu;
    this.fxy = p.fv;
    this.fyx = p.gu;
    this.fyy = 1 + p.gv;
  }

  invert(x: number, y: number, out: Float64Array): boolean {
    let startX = x;
    let startY = y;
    if (this.#guess) {
      this.#guess.value(x - this.crpix1, y - this.crpix2);
      startX += this.#guess.f;
      startY += this.#guess.g;
    }
    if (newtonInverse(this, x, y, startX, startY, LAST_STEP_PX, out)) return true;
    // A reckless AP, BP far outside the image must not cost a solution that exists.
    return this.#guess !== undefined && newtonInverse(this, x, y, x, y, LAST_STEP_PX, out);
  }
}

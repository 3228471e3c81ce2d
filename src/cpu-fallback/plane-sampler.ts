// The kernel of a warp at one sub-pixel position after the other: weights are made once per position and serve every plane.
import { WARP_CUBIC } from '../compute/contracts/warp-cfa.js';
import { WARP_BILINEAR, WARP_NEAREST } from '../compute/contracts/warp.js';
import {
  bilinear,
  convolved,
  cubicWeights,
  lanczos3,
  lanczosWeights,
  nearest,
  type PlaneWindow,
} from './warp-taps.js';

export class PlaneSampler {
  readonly #wx: Float64Array;
  readonly #wy: Float64Array;
  #fx = 0;
  #fy = 0;

  constructor(
    private readonly kernel: number,
    private readonly lanczos: Float32Array,
    /** Infinity: never. */
    private readonly clampThreshold: number,
  ) {
    const taps = kernel === WARP_CUBIC ? 4 : 6;
    this.#wx = new Float64Array(taps);
    this.#wy = new Float64Array(taps);
  }

  /** Moves to fractions in [0, 1). */
  moveTo(fx: number, fy: number): void {
    this.#fx = fx;
    this.#fy = fy;
    if (this.kernel === WARP_NEAREST || this.kernel === WARP_BILINEAR) return;
    if (this.kernel === WARP_CUBIC) {
      cubicWeights(fx, this.#wx);
      cubicWeights(fy, this.#wy);
    } else {
      lanczosWeights(this.lanczos, fx, this.#wx);
      lanczosWeights(this.lanczos, fy, this.#wy);
    }
  }

  /** Value at integer pixel (x, y) of the window plus the fractions; BLANK_VALUE where too few taps are valid. */
  valueAt(window: PlaneWindow, x: number, y: number): number {
    switch (this.kernel) {
      case WARP_NEAREST:
        return nearest(window, x + (this.#fx >= 0.5 ? 1 : 0), y + (this.#fy >= 0.5 ? 1 : 0));
      case WARP_BILINEAR:
        return bilinear(window, x, y, this.#fx, this.#fy);
      case WARP_CUBIC:
        return convolved(window, x, y, this.#wx, this.#wy, this.clampThreshold);
      default:
        return lanczos3(window, x, y, this.#wx, this.#wy, this.clampThreshold);
    }
  }
}

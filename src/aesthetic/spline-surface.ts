// A smooth surface over a mosaic, told by scattered samples: cubic B-splines held together by the bending energy of a thin plate.
import { factorBanded, solveBanded } from './banded-cholesky.js';

/** Samples on a mosaic, 0-based pixels; arrays of one length. */
export interface SurfaceSamples {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** One set of values for each surface that is asked for. */
  readonly values: readonly ArrayLike<number>[];
  /** What each counts, >= 0. */
  readonly weight: ArrayLike<number>;
}

/** Keeps the equations solvable where samples lie on a line: 1e-9 of what a sample counts. */
const RIDGE = 1e-9;

/**
 * `f(x, y) = sum c_ij B(u - i) B(v - j)`, uniform cubic B-splines on a square lattice, minimising
 * `sum w (f - value)^2 + lambda * integral (f_xx^2 + 2 f_xy^2 + f_yy^2)`, the energy by differences of the coefficients (P-splines: Eilers &
 * Marx 1996, Stat. Sci. 11, 89). Planes cost nothing, so a plane passes whole and where no sample is the surface goes on with
 * least bending.
 */
export class SplineSurface {
  readonly #down: number;
  readonly #row: Float64Array;
  #taps: Float64Array | undefined;
  readonly #first: Int32Array;

  /** `coefficients` is `[down, across]`; the lattice has a step of `stepPx`, its first knot on the outer border of pixel 0. */
  constructor(
    readonly nx: number,
    readonly stepPx: number,
    private readonly across: number,
    readonly coefficients: Float64Array,
  ) {
    this.#down = coefficients.length / across;
    this.#row = new Float64Array(across);
    this.#first = new Int32Array(nx);
  }

  /** Values along row `y` (0-based) of the mosaic, into `out[0 .. nx)`. */
  row(y: number, out: Float64Array): void {
    const { across, nx, coefficients } = this;
    const taps = new Float64Array(4);
    const first = basis(y, this.stepPx, this.#down, taps);
    const row = this.#row;
    row.fill(0);
    for (let k = 0; k < 4; k++)
      for (let i = 0; i < across; i++) row[i] += taps[k] * coefficients[(first + k) * across + i];
    const along = (this.#taps ??= this.#tabulate());
    for (let x = 0, t = 0; x < nx; x++, t += 4) {
      const i = this.#first[x];
      out[x] =
        along[t] * row[i] + along[t + 1] * row[i + 1] + along[t + 2] * row[i + 2] + along[t + 3] * row[i + 3];
    }
  }

  /** Value at one place, 0-based pixels. */
  at(x: number, y: number): number {
    const { across, coefficients } = this;
    const i = basis(x, this.stepPx, across, tapsX);
    const j = basis(y, this.stepPx, this.#down, tapsY);
    let sum = 0;
    for (let m = 0; m < 4; m++)
      for (let k = 0; k < 4; k++) sum += tapsY[m] * tapsX[k] * coefficients[(j + m) * across + i + k];
    return sum;
  }

  /** The surface higher by `offset` everywhere: the splines add up to 1. */
  raised(offset: number): SplineSurface {
    const coefficients = this.coefficients.map((c) => c + offset);
    return new SplineSurface(this.nx, this.stepPx, this.across, coefficients);
  }

  #tabulate(): Float64Array {
    const taps = new Float64Array(4 * this.nx);
    for (let x = 0; x < this.nx; x++) {
      this.#first[x] = basis(x, this.stepPx, this.across, tapsX);
      taps.set(tapsX, 4 * x);
    }
    return taps;
  }
}

const tapsX = new Float64Array(4);
const tapsY = new Float64Array(4);

/** How a surface is built. */
export interface SurfaceShape {
  readonly nx: number;
  readonly ny: number;
  /** Step of the lattice, pixels. */
  readonly stepPx: number;
  /** Length below which the surface follows nothing, pixels, where every place counts 1 in a square of `spacingPx`. */
  readonly lengthPx: number;
  readonly spacingPx: number;
}

/** The surfaces of `shape` through each set of `samples`; three places at least, not on a line, decide a plane. */
export function fitSurfaces(shape: SurfaceShape, samples: SurfaceSamples): SplineSurface[] {
  const { nx, ny, stepPx, lengthPx, spacingPx } = shape;
  const [across, down] = [nx, ny].map((side) => Math.ceil(side / stepPx) + 3);
  const order = across * down;
  const a = new Float64Array(order * order);
  const right = samples.values.map(() => new Float64Array(order));
  const [h, v] = [tapsX, tapsY];
  const at = new Int32Array(16);
  const part = new Float64Array(16);
  for (let s = 0; s < samples.x.length; s++) {
    const w = samples.weight[s];
    if (!(w > 0)) continue;
    const i = basis(samples.x[s], stepPx, across, h);
    const j = basis(samples.y[s], stepPx, down, v);
    for (let m = 0, n = 0; m < 4; m++) {
      for (let k = 0; k < 4; k++, n++) {
        at[n] = (j + m) * across + i + k;
        part[n] = v[m] * h[k];
      }
    }
    for (let m = 0; m < 16; m++) {
      right.forEach((b, r) => (b[at[m]] += w * part[m] * samples.values[r][s]));
      for (let n = 0; n < 16; n++) a[at[m] * order + at[n]] += w * part[m] * part[n];
    }
  }
  // of a wave of length L, lambda (2 pi / L)^4 against one sample a square of the spacing: half of it is followed at 2 pi lengths;
  // differences of coefficients over steps squared stand for derivatives, summed over squares of the lattice
  const lambda = lengthPx ** 4 / spacingPx ** 2 / stepPx ** 2;
  bend(a, across, down, lambda);
  for (let k = 0; k < order; k++) a[k * order + k] += RIDGE;
  // a spline meets those up to three rows and three columns off
  const band = 3 * across + 3;
  factorBanded(a, order, band);
  return right.map((b) => {
    solveBanded(a, order, band, b);
    return new SplineSurface(nx, stepPx, across, b);
  });
}

function bend(a: Float64Array, across: number, down: number, lambda: number): void {
  const order = across * down;
  const add = (at: readonly number[], difference: readonly number[], weight: number) => {
    for (let m = 0; m < at.length; m++)
      for (let n = 0; n < at.length; n++) a[at[m] * order + at[n]] += weight * difference[m] * difference[n];
  };
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const k = j * across + i;
      if (i + 2 < across) add([k, k + 1, k + 2], [1, -2, 1], lambda);
      if (j + 2 < down) add([k, k + across, k + 2 * across], [1, -2, 1], lambda);
      if (i + 1 < across && j + 1 < down)
        add([k, k + 1, k + across, k + across + 1], [1, -1, -1, 1], 2 * lambda);
    }
  }
}

/** The four splines that reach pixel `at`, into `taps`; returns the index of the first. */
function basis(at: number, stepPx: number, count: number, taps: Float64Array): number {
  const position = (at + 0.5) / stepPx;
  const first = Math.min(Math.max(Math.floor(position), 0), count - 4);
  const t = position - first;
  const s = 1 - t;
  taps[0] = (s * s * s) / 6;
  taps[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  taps[2] = (3 * s * s * s - 6 * s * s + 4) / 6;
  taps[3] = (t * t * t) / 6;
  return first;
}

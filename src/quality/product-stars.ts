// Stars on the finished mosaic: where they stand and how bright they are, measured at the places that the frames name.
import { FWHM_OVER_SIGMA } from '../astrometry/stars/matched-filter.js';
import type { PlaneSource } from '../output/plane-source.js';
import { selectMedian } from '../photometry/select-median.js';
import { RollingRows } from './rolling-rows.js';

/** A place where frames see a star, 0-based pixels of the mosaic. */
export interface ExpectedStar {
  readonly x: number;
  readonly y: number;
}

/** What the mosaic shows there. */
export interface ProductStar {
  /** Centroid, 0-based. */
  readonly x: number;
  readonly y: number;
  /** Light in the aperture above the ring around it, per plane. */
  readonly flux: readonly number[];
}

/** Radii in FWHM: the aperture that frames are measured in, and the ring that gives the sky. */
const APERTURE_FWHM = 1.2;
const RING_FROM_FWHM = 2.2;
const RING_TO_FWHM = 3.6;
const MAX_ITERATIONS = 16;
const LAST_STEP_PX = 2e-3;
/** A centre that leaves the place by more than this many window sigmas belongs to something else. */
const MAX_WALK_SIGMAS = 1.5;

/**
 * Measures the stars at `expected`; undefined where the mosaic has a gap in the ring or no star settles. `fwhmPx` is that of the frames' stars on
 * this grid. The bands of rows that hold a star are read once.
 */
export async function measureProductStars(
  mosaic: PlaneSource,
  expected: readonly ExpectedStar[],
  fwhmPx: number,
): Promise<(ProductStar | undefined)[]> {
  const reach = Math.ceil(RING_TO_FWHM * fwhmPx) + 1;
  const order = Array.from(expected.keys()).sort((a, b) => expected[a].y - expected[b].y);
  const rows = new RollingRows(mosaic);
  const stars = new Array<ProductStar | undefined>(expected.length).fill(undefined);
  const patch = new StarPatch(reach, fwhmPx);
  for (const s of order) {
    const [px, py] = [Math.round(expected[s].x), Math.round(expected[s].y)];
    if (px < reach || py < reach || px + reach >= mosaic.nx || py + reach >= mosaic.ny) continue;
    const bands = await rows.need(py - reach, py + reach + 1);
    stars[s] = patch.measure(bands, mosaic.nx, px, py - rows.first, py);
  }
  return stars;
}

/** The square around a star, with scratch that all stars share. */
class StarPatch {
  readonly #side: number;
  readonly #data: Float32Array;
  readonly #ring: Float64Array;
  readonly #ringAt: Int32Array;
  /** The window along a row. */
  readonly #across: Float64Array;

  constructor(
    private readonly reach: number,
    private readonly fwhm: number,
  ) {
    this.#side = 2 * reach + 1;
    this.#data = new Float32Array(this.#side ** 2);
    this.#across = new Float64Array(this.#side);
    const at: number[] = [];
    for (let j = -reach; j <= reach; j++) {
      for (let i = -reach; i <= reach; i++) {
        const r = Math.hypot(i, j) / fwhm;
        if (r >= RING_FROM_FWHM && r <= RING_TO_FWHM) at.push((j + reach) * this.#side + i + reach);
      }
    }
    this.#ringAt = Int32Array.from(at);
    this.#ring = new Float64Array(at.length);
  }

  measure(
    bands: readonly Float32Array[],
    nx: number,
    px: number,
    bandY: number,
    py: number,
  ): ProductStar | undefined {
    // the middle one of three planes is green: the one with the most light
    const main = bands.length >> 1;
    if (!this.#load(bands[main], nx, px, bandY)) return undefined;
    const { reach, fwhm } = this;
    const shape = this.#centroid(fwhm / FWHM_OVER_SIGMA);
    if (!shape) return undefined;
    const flux: number[] = [];
    flux[main] = this.#aperture(shape.x, shape.y);
    for (let plane = 0; plane < bands.length; plane++) {
      if (plane === main) continue;
      if (!this.#load(bands[plane], nx, px, bandY)) return undefined;
      flux[plane] = this.#aperture(shape.x, shape.y);
    }
    return { x: px - reach + shape.x, y: py - reach + shape.y, flux };
  }

  /** Copies the square of one plane less the median of its ring; false where the square has a gap. */
  #load(band: Float32Array, nx: number, px: number, bandY: number): boolean {
    const { reach } = this;
    const side = this.#side;
    for (let j = 0; j < side; j++) {
      const from = (bandY - reach + j) * nx + px - reach;
      this.#data.set(band.subarray(from, from + side), j * side);
    }
    for (let k = 0; k < this.#data.length; k++) if (!(this.#data[k] - this.#data[k] === 0)) return false;
    for (let k = 0; k < this.#ring.length; k++) this.#ring[k] = this.#data[this.#ringAt[k]];
    const sky = selectMedian(this.#ring);
    for (let k = 0; k < this.#data.length; k++) this.#data[k] -= sky;
    return true;
  }

  /**
   * Centre of the light in a Gaussian window of the stars' own width, which follows it (SExtractor's XWIN: Bertin & Arnouts 1996), in samples of the
   * square; undefined where it walks off or does not settle.
   */
  #centroid(sigma: number): { readonly x: number; readonly y: number } | undefined {
    const { reach } = this;
    const half = Math.ceil(3 * sigma);
    const scale = -0.5 / sigma ** 2;
    const first = reach - half;
    const across = this.#across;
    let [x, y] = [reach, reach];
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      let [sum, sx, sy] = [0, 0, 0];
      for (let i = first; i <= reach + half; i++) across[i] = Math.exp(scale * (i - x) ** 2);
      for (let j = first; j <= reach + half; j++) {
        const down = Math.exp(scale * (j - y) ** 2);
        for (let i = first; i <= reach + half; i++) {
          const v = down * across[i] * this.#data[j * this.#side + i];
          sum += v;
          sx += v * (i - x);
          sy += v * (j - y);
        }
      }
      if (!(sum > 0)) return undefined;
      const [stepX, stepY] = [(2 * sx) / sum, (2 * sy) / sum];
      x += stepX;
      y += stepY;
      if (!(Math.hypot(x - reach, y - reach) <= MAX_WALK_SIGMAS * sigma)) return undefined;
      if (Math.hypot(stepX, stepY) < LAST_STEP_PX) return { x, y };
    }
    return undefined;
  }

  #aperture(x: number, y: number): number {
    const radius = APERTURE_FWHM * this.fwhm;
    let sum = 0;
    for (
      let j = Math.max(0, Math.floor(y - radius));
      j <= Math.min(this.#side - 1, Math.ceil(y + radius));
      j++
    ) {
      for (
        let i = Math.max(0, Math.floor(x - radius));
        i <= Math.min(this.#side - 1, Math.ceil(x + radius));
        i++
      ) {
        const weight = Math.min(1, radius + 0.5 - Math.hypot(i - x, j - y));
        if (weight > 0) sum += weight * this.#data[j * this.#side + i];
      }
    }
    return sum;
  }
}

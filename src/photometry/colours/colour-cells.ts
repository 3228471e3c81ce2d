// The cells of frames that tell a nebula's colour, and their weights. The passes stand in `src/simd/assembly/plan/colour-cells.ts`: a session has too few cells for the
// compiler of JavaScript, which takes longer than they do.
import { SamplePasses } from '../../simd/sample-passes.js';
import { LEVEL_POLYNOMIAL_TERMS, termsOf } from '../levels/level-polynomial.js';

/** The cells of one frame's mesh: positions in the frame's normalised coordinates; of each channel the levels (f32), with the gain that makes common ADU of them, 1 unless told, and their standard deviation, common ADU. */
export interface ColourMesh {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly values: readonly ArrayLike<number>[];
  readonly gains?: readonly number[];
  readonly sigma: readonly number[];
}

const CHANNELS = 3;
/** A cell below this weight has no say. */
const NO_SAY = 0.1;
/** Words of the record of a frame. */
const RECORD = 10;

/** One frame: where its record stands, its arrays, and its noise over the typical one. */
interface Frame {
  readonly record: number;
  readonly count: number;
  readonly at: {
    readonly x: number;
    readonly weight: number;
    readonly values: number;
    readonly fitted: number;
  };
  readonly noise: number;
}

/** The cells of a session's meshes in WebAssembly, each channel in units of its typical noise, with what polynomials of the frames leave of them. */
export class ColourCells {
  readonly #memory = new SamplePasses();
  readonly #unit: readonly number[];
  readonly #terms: number;
  #frames: readonly Frame[] = [];
  /** Distances of all cells, room to select among them, and six sums. */
  #distances = 0;
  #total = 0;
  #spare = 0;
  #sums = 0;

  /** `unit`: the typical noise per channel, in which cells are told; `order` of the polynomials that are taken from them. */
  constructor(unit: readonly number[], order: 1 | 2) {
    this.#unit = unit;
    this.#terms = termsOf(order);
  }

  /** Takes up frames in place of those before, all weights 1. */
  load(meshes: readonly ColourMesh[]): void {
    const memory = this.#memory;
    memory.reset();
    this.#total = meshes.reduce((sum, { x }) => sum + x.length, 0);
    const doubles = (length: number) => memory.take(8 * length);
    this.#distances = doubles(this.#total);
    this.#spare = doubles(2 * this.#total);
    this.#sums = doubles((CHANNELS * (CHANNELS + 1)) / 2);
    const matrix = doubles(LEVEL_POLYNOMIAL_TERMS ** 2);
    const given = memory.take(4 * meshes.reduce((most, { x }) => Math.max(most, x.length), 0));
    const placed = meshes.map(({ x: { length } }) => ({
      ...{ x: doubles(length), y: doubles(length), weight: doubles(length) },
      ...{ values: doubles(CHANNELS * length), left: doubles(CHANNELS * length) },
      fitted: doubles(CHANNELS * LEVEL_POLYNOMIAL_TERMS),
      record: memory.take(4 * RECORD),
    }));
    const { buffer } = memory;
    let before = 0;
    this.#frames = meshes.map(({ x, y, values, gains, sigma }, f) => {
      const count = x.length;
      const at = placed[f];
      const own = this.#distances + 8 * before;
      before += count;
      new Uint32Array(buffer, at.record, RECORD).set([
        ...[count, this.#terms, at.x, at.y, at.weight, own, at.values, at.left, at.fitted, matrix],
      ]);
      new Float64Array(buffer, at.x, count).set(x);
      new Float64Array(buffer, at.y, count).set(y);
      for (let c = 0; c < CHANNELS; c++) {
        new Float32Array(buffer, given, count).set(values[c]);
        memory.passes.colourTake(at.record, c, given, gains?.[c] ?? 1, this.#unit[c]);
      }
      const noise = sigma.reduce((sum, v, c) => sum + v / this.#unit[c], 0) / sigma.length;
      return { record: at.record, count, at, noise };
    });
  }

  /** Takes polynomials from the channels of all frames. */
  leave(): void {
    for (const { record } of this.#frames) this.#memory.passes.colourLeave(record);
  }

  /** Covariance `[3, 3]` of what polynomials leave of the channels. */
  covariance(): number[][] {
    const sums = new Float64Array(this.#memory.buffer, this.#sums, (CHANNELS * (CHANNELS + 1)) / 2);
    const covariance = Array.from({ length: CHANNELS }, () => new Array<number>(CHANNELS).fill(0));
    let total = 0;
    for (const { record, noise } of this.#frames) {
      const scale = 1 / noise ** 2;
      total += scale * this.#memory.passes.colourProducts(record, this.#sums);
      for (let i = 0, at = 0; i < CHANNELS; i++)
        for (let j = 0; j <= i; j++) covariance[i][j] += scale * sums[at++];
    }
    for (let i = 0; i < CHANNELS; i++)
      for (let j = 0; j <= i; j++) covariance[j][i] = covariance[i][j] /= total;
    return covariance;
  }

  /**
   * Distances of the cells from two colours, in units of their frame's noise: along `third`, which is across both, where smooth light of a third colour shows as well as
   * structure, and along `across`, which is across `third` and the nebula's, of what polynomials leave.
   */
  measure([u, v, w]: readonly number[], [a, b, c]: readonly number[]): void {
    for (const { record, noise } of this.#frames)
      this.#memory.passes.colourMeasure(record, u, v, w, a, b, c, noise);
  }

  /** The middle one of all distances. */
  typicalDistance(): number {
    return this.#memory.passes.rankOf(this.#distances, this.#total, this.#total >> 1, this.#spare);
  }

  /** Tukey's weights of the distances, which end at `limit`. */
  reweigh(limit: number): void {
    for (const { record } of this.#frames) this.#memory.passes.colourReweigh(record, limit);
  }

  /** Share of the cells of frame `f` that have no say. */
  shutOut(f: number): number {
    const { at, count } = this.#frames[f];
    const weight = new Float64Array(this.#memory.buffer, at.weight, count);
    let out = 0;
    for (let k = 0; k < count; k++) if (weight[k] < NO_SAY) out++;
    return out / count;
  }

  /** Polynomials (six coefficients) under the channels of frame `f`. */
  fit(f: number): Float64Array[] {
    const { record, at } = this.#frames[f];
    this.#memory.passes.colourFit(record);
    const fitted = new Float64Array(this.#memory.buffer, at.fitted, CHANNELS * LEVEL_POLYNOMIAL_TERMS);
    return Array.from({ length: CHANNELS }, (_, c) =>
      fitted.slice(c * LEVEL_POLYNOMIAL_TERMS, (c + 1) * LEVEL_POLYNOMIAL_TERMS),
    );
  }
}

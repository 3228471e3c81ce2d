// Stacks of groups of frames, averaged by their weights over one cell.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { SamplePasses } from '../../simd/sample-passes.js';
import type { StackFade } from '../crop/altaz-fade.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { RejectedCounts, StackResult } from './programs/stack-program.js';

/** Pixels of a stack that are added in one turn: copies of a whole plane would be as much memory again as half of the sums. */
const TURN_PIXELS = 1 << 15;

/** Weighted mean of stacks: the weights w are inverse variances, so that their sum is that of the mean; where stacks fade by a it is (sum a w)^2 / sum a^2 w. */
export class StackSum {
  readonly #pixels: number;
  /** Addresses of sums, a value for every pixel of every plane: weighted means and weights (f64), samples (f32). */
  readonly #sums: number;
  readonly #weights: number;
  /** Of a^2 w, where stacks fade; else 0. */
  readonly #squares: number;
  readonly #used: number;
  #sampled: number | undefined;
  #maps: RejectedCounts<number> | undefined;
  readonly #rejected = { low: 0, high: 0 };

  /** `fades`: whether stacks do. All memory is taken of `room`. */
  constructor(
    private readonly room: SamplePasses,
    private readonly rect: CellRect,
    private readonly planes: number,
    fades: boolean,
  ) {
    this.#pixels = rect.width * rect.height;
    this.#sums = this.#zeros(8);
    this.#weights = this.#zeros(8);
    this.#squares = fades ? this.#zeros(8) : 0;
    this.#used = this.#zeros(4);
  }

  /** Adds a stack over a part of the cell, whose frames count as `share` of a sample each. */
  add(part: CellRect, stack: StackResult, share: number, fade?: StackFade): void {
    const { rejectedMaps, sampled } = stack;
    this.#rejected.low += share * stack.rejected.low;
    this.#rejected.high += share * stack.rejected.high;
    if (sampled) this.#sampled ??= this.#zeros(4);
    if (rejectedMaps) this.#maps ??= { low: this.#zeros(4), high: this.#zeros(4) };
    const most = Math.max(1, Math.floor(TURN_PIXELS / part.width));
    for (let y = 0; y < part.height; y += most) {
      const rows = Math.min(most, part.height - y);
      this.room.within(() => {
        const factors = fade ? this.room.put(fadesOver({ ...part, y0: part.y0 + y, height: rows }, fade)) : 0;
        for (let plane = 0; plane < this.planes; plane++)
          this.room.within(() => this.#addRows(plane, part, y, rows, stack, share, factors));
      });
    }
  }

  /** Rows of a plane of the part, from number `y` on. */
  #addRows(
    plane: number,
    { x0, y0, width, height }: CellRect,
    y: number,
    rows: number,
    stack: StackResult,
    share: number,
    factors: number,
  ): void {
    const { passes } = this.room;
    const outWidth = this.rect.width;
    const first = plane * this.#pixels + (y0 + y - this.rect.y0) * outWidth + x0 - this.rect.x0;
    const from = (plane * height + y) * width;
    const put = (values: Float32Array | Uint32Array) =>
      this.room.put(values.subarray(from, from + rows * width));
    const addCounts = (counts: Uint32Array, sums: number) =>
      passes.addCounts(put(counts), width, rows, outWidth, share, sums + 4 * first);
    passes.addStack(
      put(stack.mean),
      put(stack.weight),
      put(stack.used),
      factors,
      width,
      rows,
      outWidth,
      share,
      BLANK_LIMIT,
      this.#sums + 8 * first,
      this.#weights + 8 * first,
      this.#squares && this.#squares + 8 * first,
      this.#used + 4 * first,
    );
    if (stack.sampled) addCounts(stack.sampled, this.#sampled!);
    if (stack.rejectedMaps) {
      addCounts(stack.rejectedMaps.low, this.#maps!.low);
      addCounts(stack.rejectedMaps.high, this.#maps!.high);
    }
  }

  /** The mean of what was added; to be asked for once. */
  result(): StackResult {
    const { passes } = this.room;
    const length = this.planes * this.#pixels;
    const floats = (at: number) => new Float32Array(this.room.buffer, at, length).slice();
    const counts = (at: number, weights = 0) => {
      // what has a weight has been sampled, be it by the share of one frame
      passes.countsOfSums(at, weights, length, at);
      return new Uint32Array(this.room.buffer, at, length).slice();
    };
    const used = counts(this.#used, this.#weights);
    passes.meansOfSums(this.#sums, this.#weights, length, BLANK_VALUE, this.#sums);
    const mean = floats(this.#sums);
    passes.weightsOfSums(this.#weights, this.#squares, length, this.#weights);
    return {
      mean,
      weight: floats(this.#weights),
      used,
      rejected: { low: Math.round(this.#rejected.low), high: Math.round(this.#rejected.high) },
      ...(this.#sampled !== undefined && { sampled: counts(this.#sampled) }),
      ...(this.#maps && { rejectedMaps: { low: counts(this.#maps.low), high: counts(this.#maps.high) } }),
    };
  }

  /** Room for a value of so many bytes for every pixel of every plane, all 0. */
  #zeros(bytes: number): number {
    const size = bytes * this.planes * this.#pixels;
    const at = this.room.take(size);
    this.room.bytes().fill(0, at, at + size);
    return at;
  }
}

/** Factors of a stack's weights, `[height, width]`. */
function fadesOver({ x0, y0, width, height }: CellRect, fade: StackFade): Float64Array {
  const factors = new Float64Array(width * height);
  for (let k = 0; k < factors.length; k++) factors[k] = fade(x0 + (k % width), y0 + Math.floor(k / width));
  return factors;
}

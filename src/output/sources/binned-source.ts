// A mosaic whose pixels are the areas of k x k pixels of a finer one.
import { readRegion, rowsPerBlock, type PlaneRegion, type PlaneSource } from './plane-source.js';
import { ReadScratch } from './read-scratch.js';

/** What becomes of the pixels of a bin: their mean; the standard deviation of that mean; the mean of counts, rounded; the sum of counts. */
export type BinRule =
  | { readonly kind: 'mean' }
  /** `correlation` per plane: variance of the mean of k x k pixels over what it were if pixels were independent. */
  | { readonly kind: 'deviation'; readonly correlation: readonly number[] }
  | { readonly kind: 'count' }
  | { readonly kind: 'sum' };

/** Bins with less than this share of their pixels are blank. */
const LEAST_SHARE = 0.5;

/**
 * `source`, whose sides are multiples of `k`, in bins. Means are of the pixels that are there, each with the same weight, so that a bin is the
 * mean surface brightness over its area, whatever the depth of its parts; a bin with fewer than half of its pixels is blank (NaN). Memory: about 1/4 Mpx of the
 * source, however large bins are.
 */
export function binnedSource(source: PlaneSource, k: number, rule: BinRule): PlaneSource {
  if (k === 1) return source;
  const [nx, ny] = [Math.floor(source.nx / k), Math.floor(source.ny / k)];
  const scratch = new ReadScratch();
  const read = (plane: number, { x0, y0, width, height }: PlaneRegion, out: Float32Array) => {
    const fineWidth = width * k;
    const band = rowsPerBlock(fineWidth, k);
    return scratch.use(fineWidth * band, async (fine) => {
      const sums = new BinSums(width, k, rule);
      for (let y = 0; y < height; y++) {
        sums.clear();
        for (let j = 0; j < k; j += band) {
          const rows = Math.min(band, k - j);
          const region = { x0: x0 * k, y0: (y0 + y) * k + j, width: fineWidth, height: rows };
          await readRegion(source, plane, region, fine);
          for (let row = 0; row < rows; row++) sums.addRow(fine, row * fineWidth);
        }
        for (let x = 0; x < width; x++) out[y * width + x] = sums.valueAt(x, plane);
      }
    });
  };
  return {
    nx,
    ny,
    planes: source.planes,
    readRegion: read,
    readRows: (plane, y0, rows, out) => read(plane, { x0: 0, y0, width: nx, height: rows }, out),
  };
}

/** A row of bins, filled one row of pixels after the other. */
class BinSums {
  readonly #sum: Float64Array;
  readonly #known: Uint32Array;
  readonly #covered: Uint32Array;

  constructor(
    private readonly width: number,
    private readonly k: number,
    private readonly rule: BinRule,
  ) {
    this.#sum = new Float64Array(width);
    this.#known = new Uint32Array(width);
    this.#covered = new Uint32Array(width);
  }

  clear(): void {
    for (const sums of [this.#sum, this.#known, this.#covered]) sums.fill(0);
  }

  /** Adds the row of `width * k` pixels at `start`. */
  addRow(fine: Float32Array, start: number): void {
    const squared = this.rule.kind === 'deviation';
    for (let x = 0, i = start; x < this.width; x++) {
      let [sum, known, covered] = [this.#sum[x], 0, 0];
      for (const end = i + this.k; i < end; i++) {
        const v = fine[i];
        if (v !== v) continue;
        sum += squared ? v * v : v;
        known++;
        if (v > 0) covered++;
      }
      this.#sum[x] = sum;
      this.#known[x] += known;
      this.#covered[x] += covered;
    }
  }

  valueAt(x: number, plane: number): number {
    const { rule, k } = this;
    const [sum, n] = [this.#sum[x], this.#known[x]];
    const least = rule.kind === 'sum' ? 0 : LEAST_SHARE * k * k;
    // where values are blank, counts are 0
    if (rule.kind === 'count' && this.#covered[x] < least) return 0;
    if (n === 0 || n < least) return NaN;
    switch (rule.kind) {
      case 'mean':
        return sum / n;
      case 'deviation':
        return Math.sqrt(sum * rule.correlation[plane % rule.correlation.length]) / n;
      case 'count':
        return Math.round(sum / n);
      case 'sum':
        return sum;
    }
  }
}

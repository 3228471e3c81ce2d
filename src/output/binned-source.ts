// A mosaic whose pixels are the areas of k x k pixels of a finer one.
import { readRegion, type PlaneRegion, type PlaneSource } from './plane-source.js';

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
 * mean surface brightness over its area, whatever the depth of its parts; a bin with fewer than half of its pixels is blank (NaN).
 */
export function binnedSource(source: PlaneSource, k: number, rule: BinRule): PlaneSource {
  if (k === 1) return source;
  const [nx, ny] = [Math.floor(source.nx / k), Math.floor(source.ny / k)];
  let fine = new Float32Array(0);
  const read = async (plane: number, { x0, y0, width, height }: PlaneRegion, out: Float32Array) => {
    const region = { x0: x0 * k, width: width * k, height: k };
    if (fine.length < region.width * k) fine = new Float32Array(region.width * k);
    const bin = binner(rule, plane, k);
    for (let y = 0; y < height; y++) {
      await readRegion(source, plane, { ...region, y0: (y0 + y) * k }, fine);
      for (let x = 0; x < width; x++) out[y * width + x] = bin(fine, x * k, region.width);
    }
  };
  return {
    nx,
    ny,
    planes: source.planes,
    readRegion: read,
    readRows: (plane, y0, rows, out) => read(plane, { x0: 0, y0, width: nx, height: rows }, out),
  };
}

type Binner = (fine: Float32Array, start: number, stride: number) => number;

function binner(rule: BinRule, plane: number, k: number): Binner {
  const squared = rule.kind === 'deviation';
  const least = rule.kind === 'sum' ? 0 : LEAST_SHARE * k * k;
  return (fine, start, stride) => {
    let [sum, n, covered] = [0, 0, 0];
    for (let j = 0, row = start; j < k; j++, row += stride) {
      for (let i = row; i < row + k; i++) {
        const v = fine[i];
        if (v !== v) continue;
        sum += squared ? v * v : v;
        n++;
        if (v > 0) covered++;
      }
    }
    // where values are blank, counts are 0
    if (rule.kind === 'count' && covered < least) return 0;
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
  };
}

// Shows that clipping rejects none of a group's samples, in one pass instead of a dozen. The standard deviation of the samples pulled in to within 1.5 s of
// their median m grows with s, because pulling in shortens all distances; call Huber's factor times it f(s). So if the first sigma and f(t) are both >= t, every
// later step of s = f(s) is >= t as well, and with it the sigma that clipping uses. For t, take the largest deviation divided by its kappa.
import { WINSOR_CONSISTENCY, WINSOR_CUTOFF } from '../layout';
import { combineAll, setMean } from './stack-combine';
import { laneAt } from './stack-order';

/** Relative errors of float32 sums of n terms and of a few operations: where it is closer than that, the full loop decides. */
const MARGIN: f32 = 1e-4;
const MARGIN_PER_SAMPLE: f32 = 5e-7;

/**
 * Combines n >= 3 vectors `stride` apart, all valid, one weight a vector, `weight` in all, and returns the lanes that lose nothing: only for them is the
 * combined value of use. `median`, `least` and `most` are theirs; kappas are given as reciprocals. About the median, squares are at most twice the sum of squares
 * about the mean, so their difference loses no digits.
 */
export function combineUnlessClipped(
  values: usize,
  stride: usize,
  weights: usize,
  weight: f64,
  n: u32,
  median: v128,
  least: v128,
  most: v128,
  perKappaLow: f32,
  perKappaHigh: f32,
  winsorise: bool,
): v128 {
  const margin = f32x4.splat(1 + MARGIN + MARGIN_PER_SAMPLE * <f32>n);
  const below = f32x4.sub(median, least);
  const above = f32x4.sub(most, median);
  const low = f32x4.mul(below, f32x4.splat(perKappaLow));
  const high = f32x4.mul(above, f32x4.splat(perKappaHigh));
  const t = f32x4.mul(f32x4.pmax(low, high), margin);
  const wanted = f32x4.mul(f32x4.mul(f32x4.mul(t, t), margin), f32x4.splat(<f32>n - 1));
  if (!winsorise) {
    combineAll(values, stride, weights, weight, n, least);
    return f32x4.ge(spreadOf(values, stride, n, median), wanted);
  }
  const reach = f32x4.mul(t, f32x4.splat(WINSOR_CUTOFF));
  const minus = f32x4.neg(reach);
  let pulledSum = f32x4.splat(0);
  let pulledSquares = pulledSum;
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let at = values;
  const end = values + stride * n;
  do {
    const v = v128.load(at);
    const w = f32x4.pmin(f32x4.pmax(f32x4.sub(v, median), minus), reach);
    pulledSum = f32x4.add(pulledSum, w);
    pulledSquares = f32x4.add(pulledSquares, f32x4.mul(w, w));
    const term = f32x4.mul(v128.load32_splat(weights), f32x4.sub(v, least));
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(term));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<f32>(term, term, 2, 3, 2, 3)));
    at += stride;
    weights += 4;
  } while (at != end);
  setMean(least, sum0, sum1, weight);
  const share = f32x4.splat(1 / <f32>n);
  const mean = f32x4.mul(pulledSum, share);
  const pulled = f32x4.sub(pulledSquares, f32x4.mul(pulledSum, mean));
  const scale = f32x4.splat(WINSOR_CONSISTENCY * WINSOR_CONSISTENCY);
  const proven = f32x4.ge(f32x4.mul(pulled, scale), wanted);
  // Of the spread before pulling in, most often this suffices: what the outermost samples were pulled in by adds, times twice their distance from the mean after
  // it; and as these parts themselves lie at least so far apart, half the square of that.
  const zero = f32x4.splat(0);
  const cutLow = f32x4.pmax(f32x4.sub(below, reach), zero);
  const cutHigh = f32x4.pmax(f32x4.sub(above, reach), zero);
  const apart = f32x4.add(cutLow, cutHigh);
  const along = f32x4.add(
    f32x4.mul(f32x4.add(reach, mean), cutLow),
    f32x4.mul(f32x4.sub(reach, mean), cutHigh),
  );
  const more = f32x4.add(f32x4.add(along, along), f32x4.mul(f32x4.mul(apart, apart), f32x4.splat(0.5)));
  const wide = f32x4.ge(f32x4.add(pulled, more), wanted);
  if (!v128.any_true(v128.andnot(proven, wide))) return proven;
  return v128.and(proven, f32x4.ge(spreadOf(values, stride, n, median), wanted));
}

/** Sum of squares about the mean of n vectors `stride` apart. */
function spreadOf(values: usize, stride: usize, n: u32, median: v128): v128 {
  let sum = f32x4.splat(0);
  let squares = sum;
  const end = values + stride * n;
  do {
    const d = f32x4.sub(v128.load(values), median);
    sum = f32x4.add(sum, d);
    squares = f32x4.add(squares, f32x4.mul(d, d));
    values += stride;
  } while (values != end);
  return f32x4.sub(squares, f32x4.mul(f32x4.mul(sum, sum), f32x4.splat(1 / <f32>n)));
}

/**
 * Lanes that lose nothing of the survivors [lo, hi) of a list of n vectors with a winsorised sigma: `excess` are their distances from their median, ascending, 0 for
 * all others, `sigma` is their plain standard deviation.
 */
export function keepsRest(
  excess: usize,
  n: u32,
  sigma: v128,
  lo: v128,
  hi: v128,
  perKappaLow: f32,
  perKappaHigh: f32,
): v128 {
  const margin = f32x4.splat(1 + MARGIN + MARGIN_PER_SAMPLE * <f32>n);
  const one = i32x4.splat(1);
  const none = i32x4.splat(0);
  const least = laneAt(excess, i32x4.min_s(lo, i32x4.splat(n - 1)));
  const most = laneAt(excess, i32x4.max_s(i32x4.sub(hi, one), none));
  const low = f32x4.mul(least, f32x4.splat(-perKappaLow));
  const high = f32x4.mul(most, f32x4.splat(perKappaHigh));
  const t = f32x4.mul(f32x4.pmax(low, high), margin);
  const reach = f32x4.mul(t, f32x4.splat(WINSOR_CUTOFF));
  const minus = f32x4.neg(reach);
  let sum = f32x4.splat(0);
  let squares = f32x4.splat(0);
  const end = excess + ((<usize>n) << 4);
  let at = excess;
  do {
    const w = f32x4.pmin(f32x4.pmax(v128.load(at), minus), reach);
    sum = f32x4.add(sum, w);
    squares = f32x4.add(squares, f32x4.mul(w, w));
    at += 16;
  } while (at != end);
  const survivors = f32x4.convert_i32x4_s(i32x4.sub(hi, lo));
  const spread = f32x4.sub(squares, f32x4.div(f32x4.mul(sum, sum), survivors));
  const wanted = f32x4.mul(f32x4.mul(t, t), f32x4.mul(margin, f32x4.sub(survivors, f32x4.splat(1))));
  const scale = f32x4.splat(WINSOR_CONSISTENCY * WINSOR_CONSISTENCY);
  return v128.and(f32x4.ge(sigma, f32x4.mul(t, margin)), f32x4.ge(f32x4.mul(spread, scale), wanted));
}

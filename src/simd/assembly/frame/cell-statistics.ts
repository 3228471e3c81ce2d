// Location and scale of the samples of one cell; the twins are `clippedStatistics` and `differenceNoise` in src/photometry, for samples on a lattice of step 1.
import { at, below, failed, setWindow, squaresAbout, sumAbout, total, upTo } from './cell-counts';
import { differencesUsed, differenceSquares, differing, takeUpTo } from './cell-differences';

const CLIP_SIGMA: f64 = 3;
const LIMIT_SIGMA: f64 = 2.5;
const MAX_ITERATIONS: i32 = 12;

/** What `clipCell` has found. */
export let mean: f64 = 0;
export let median: f64 = 0;
export let sigma: f64 = 0;
export let count: u32 = 0;

/** Clips the samples that are looked at; false where some lie beyond what is counted. */
export function clipCell(): bool {
  const all = total();
  median = quantile(0, all, 0.5);
  sigma = median - quantile(0, all, 0.15865525);
  if (failed) return false;
  if (!(sigma > 0)) sigma = 1 / Math.sqrt(12);
  let from: u32 = 0;
  let to = all;
  mean = median;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const reach = clippingReach(CLIP_SIGMA * sigma);
    const low = median - reach;
    const high = median + reach;
    const newFrom = below(low);
    const newTo = upTo(high);
    if (failed) return false;
    if (newTo <= newFrom) break;
    if (iteration > 0 && newFrom == from && newTo == to) break;
    from = newFrom;
    to = newTo;
    setWindow(low, high);
    const n = <f64>(to - from);
    const shift = sumAbout(median) / n;
    const variance = max<f64>(0, squaresAbout(median) / n - shift * shift);
    mean = median + shift;
    median = quantile(from, to, 0.5);
    if (failed) return false;
    if (variance == 0) {
      sigma = 0;
      break;
    }
    sigma = Math.sqrt(variance / (sigma > 0 ? truncatedVariance(max<f64>(1.5, reach / sigma)) : 1));
  }
  count = to - from;
  return true;
}

/** Noise of one sample by the differences that are looked at; `start` is a first guess. NaN where they would reach as far as `steps`, from which on none is told from another. */
export function cellNoise(start: f64, steps: i32): f64 {
  if (differing() == 0) return 0;
  let scale = start > 0 ? start * Math.SQRT2 : Infinity;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const reach = clippingReach(LIMIT_SIGMA * scale);
    if (reach >= <f64>steps) return NaN;
    takeUpTo(<i32>reach);
    const used = <f64>differencesUsed();
    if (used == 0) return scale / Math.SQRT2;
    const inside = truncatedVariance(max<f64>(1.5, reach / scale));
    const next = Math.sqrt(differenceSquares() / used / inside);
    const settled = abs<f64>(next - scale) <= 2e-3 * scale;
    scale = next;
    if (settled || scale == 0) break;
  }
  return scale / Math.SQRT2;
}

@inline
function clippingReach(halfWidth: f64): f64 {
  return max<f64>(1, floor<f64>(halfWidth)) + 0.5;
}

function quantile(from: u32, to: u32, fraction: f64): f64 {
  const rank = <f64>from + fraction * <f64>(to - from);
  const value = <f64>at(min<u32>(to - 1, <u32>rank));
  if (failed) return NaN;
  const start = max<u32>(below(value), from);
  const end = min<u32>(upTo(value), to);
  return value + ((rank - <f64>start) / <f64>(end - start) - 0.5);
}

function truncatedVariance(k: f64): f64 {
  if (k > 8) return 1;
  let term: f64 = 1;
  let sum: f64 = 1;
  for (let n: f64 = 3; term > 1e-17 * sum; n += 2) {
    term *= (k * k) / n;
    sum += term;
  }
  return 1 - 1 / sum;
}

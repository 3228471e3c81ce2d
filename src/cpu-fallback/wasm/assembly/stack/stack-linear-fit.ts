// Kernel stack-linear-fit (src/compute/contracts/stack-linear-fit.ts).
import { LINEAR_FIT_ROUNDING, StackLinearFitJob as Job } from '../layout';
import { end, first, keepRun, medianBetween, rank, stackRanked } from './stack-ranked';

export function stackLinearFit(job: usize, from: u32, to: u32, scratch: usize): void {
  stackRanked(job, job + Job.ADDRESSES, Job.combine(job) != 0, from, to, scratch, reject);
}

function reject(job: usize, list: usize): void {
  const iterations = Job.maxIterations(job);
  for (let i: u32 = 0; i < iterations && end - first >= 3; i++) {
    if (!clipAboutLine(list, <f64>Job.kappaLow(job), <f64>Job.kappaHigh(job))) return;
  }
}

/** One fit and what it rejects; false when that is nothing. */
function clipAboutLine(list: usize, kappaLow: f64, kappaHigh: f64): bool {
  const lo = first;
  const hi = end;
  const n = <f64>(hi - lo);
  const m = medianBetween(list, lo, hi);
  const middle = <f64>(lo + hi - 1) / 2;
  let sum: f64 = 0;
  let tilt: f64 = 0;
  for (let k = lo; k < hi; k++) {
    const d = <f64>rank(list, k) - m;
    sum += d;
    tilt += (<f64>k - middle) * d;
  }
  const slope = (12 * tilt) / (n * (n * n - 1));
  const base = m + sum / n - slope * middle;
  let s: f64 = 0;
  for (let k = lo; k < hi; k++) s += Math.abs(residual(list, k, base, slope));
  s /= n;
  if (!(s > LINEAR_FIT_ROUNDING * (<f64>rank(list, hi - 1) - <f64>rank(list, lo)))) return false;
  let a = lo;
  let b = hi;
  while (a < hi && residual(list, a, base, slope) < -kappaLow * s) a++;
  while (b > lo && residual(list, b - 1, base, slope) > kappaHigh * s) b--;
  return keepRun(list, a, b);
}

// @ts-ignore: decorator
@inline
function residual(list: usize, k: u32, base: f64, slope: f64): f64 {
  return <f64>rank(list, k) - (base + slope * <f64>k);
}

// Iterative clipping of one pixel after the other about the median, for rules that differ in their measure of scatter alone.
import { StackKappaSigmaJob as Job } from '../layout';
import { end, first, keepRun, medianBetween, rank } from './stack-ranked';

/** `scatterOf(list, lo, hi, m)` of samples lo .. hi - 1, at least 3, about their median m; clipping ends where it is 0. */
export function clipAboutMedian(
  job: usize,
  list: usize,
  scatterOf: (list: usize, lo: u32, hi: u32, m: f64) => f64,
): void {
  const iterations = Job.maxIterations(job);
  for (let i: u32 = 0; i < iterations && end - first >= 3; i++) {
    const m = medianBetween(list, first, end);
    const s = scatterOf(list, first, end, m);
    if (s == 0) return;
    const low = m - <f64>Job.kappaLow(job) * s;
    const high = m + <f64>Job.kappaHigh(job) * s;
    let a = first;
    let b = end;
    while (a < end && <f64>rank(list, a) < low) a++;
    while (b > first && <f64>rank(list, b - 1) > high) b--;
    if (!keepRun(list, a, b)) return;
  }
}

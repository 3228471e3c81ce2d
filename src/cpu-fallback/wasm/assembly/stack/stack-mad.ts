// Kernel stack-mad (src/compute/contracts/stack-mad.ts).
import { MAD_CONSISTENCY, StackMadJob as Job } from '../layout';
import { clipAboutMedian } from './stack-about-median';
import { rank, stackRanked } from './stack-ranked';

export function stackMad(job: usize, from: u32, to: u32, scratch: usize): void {
  stackRanked(job, job + Job.ADDRESSES, Job.combine(job) != 0, from, to, scratch, reject);
}

function reject(job: usize, list: usize): void {
  clipAboutMedian(job, list, madSigma);
}

/** Consistent sigma: distances from the median m are merged from the middle outwards up to the middle ones. */
function madSigma(list: usize, lo: u32, hi: u32, m: f64): f64 {
  const n = hi - lo;
  const last = n >> 1;
  let above = <i32>lo;
  while (above < <i32>hi && <f64>rank(list, above) < m) above++;
  let below = above - 1;
  let before: f64 = 0;
  let distance: f64 = 0;
  for (let k: u32 = 0; k <= last; k++) {
    before = distance;
    const down = below >= <i32>lo ? m - <f64>rank(list, below) : Infinity;
    const up = above < <i32>hi ? <f64>rank(list, above) - m : Infinity;
    distance = min(down, up);
    if (down <= up) below--;
    else above++;
  }
  return MAD_CONSISTENCY * (n & 1 ? distance : (before + distance) / 2);
}

// Kernel stack-percentile (src/compute/contracts/stack-percentile.ts).
import { StackPercentileJob as Job } from '../layout';
import { clipAboutMedian } from './stack-about-median';
import { stackRanked } from './stack-ranked';

export function stackPercentile(job: usize, from: u32, to: u32, scratch: usize): void {
  stackRanked(job, job + Job.ADDRESSES, Job.combine(job) != 0, from, to, scratch, reject);
}

function reject(job: usize, list: usize): void {
  clipAboutMedian(job, list, ofMedian);
}

function ofMedian(_list: usize, _lo: u32, _hi: u32, m: f64): f64 {
  return Math.abs(m);
}

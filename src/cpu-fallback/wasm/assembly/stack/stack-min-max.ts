// Kernel stack-min-max (src/compute/contracts/stack-min-max.ts).
import { StackMinMaxJob as Job } from '../layout';
import { end, keepRun, stackRanked } from './stack-ranked';

export function stackMinMax(job: usize, from: u32, to: u32, scratch: usize): void {
  stackRanked(job, job + Job.ADDRESSES, Job.combine(job) != 0, from, to, scratch, reject);
}

function reject(job: usize, list: usize): void {
  const low = Job.dropLow(job);
  const high = Job.dropHigh(job);
  if (<u64>end > <u64>low + high) keepRun(list, low, end - high);
}

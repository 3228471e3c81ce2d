// Kernel stack-median (src/compute/contracts/stack-median.ts).
import { StackMedianJob as Job } from '../layout';
import { stackPixels } from './stack-pixels';
import { KEEP_ALL } from './stack-rejection';

export function stackMedian(job: usize, from: u32, to: u32, scratch: usize): void {
  stackPixels(job, job + Job.ADDRESSES, KEEP_ALL, true, from, to, scratch);
}

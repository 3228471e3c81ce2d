// Kernel stack-winsorised (src/compute/contracts/stack-winsorised.ts).
import { StackWinsorisedJob as Job } from '../layout';
import { stackPixels } from './stack-pixels';
import { WINSORISED } from './stack-rejection';

export function stackWinsorised(job: usize, from: u32, to: u32, scratch: usize): void {
  stackPixels(job, job + Job.ADDRESSES, WINSORISED, Job.combine(job) != 0, from, to, scratch);
}

// Kernel stack-kappa-sigma (src/compute/contracts/stack-kappa-sigma.ts).
import { StackKappaSigmaJob as Job } from '../layout';
import { stackPixels } from './stack-pixels';
import { KAPPA_SIGMA } from './stack-rejection';

export function stackKappaSigma(job: usize, from: u32, to: u32, scratch: usize): void {
  stackPixels(job, job + Job.ADDRESSES, KAPPA_SIGMA, Job.combine(job) != 0, from, to, scratch);
}

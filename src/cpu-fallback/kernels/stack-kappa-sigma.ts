// Twin of contracts/stack-kappa-sigma.ts.
import type { stackKappaSigma as contract } from '../../compute/contracts/stack-kappa-sigma.js';
import type { ParamsOf } from '../../compute/params.js';
import { clipAboutMedian } from '../clip-about-median.js';
import { deviationOf, type StackBuffers } from '../stack-pixels.js';

/** Iterative clipping about the median; see the contract. */
export function stackKappaSigma(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  clipAboutMedian(p, b, deviationOf);
}

// Twin of contracts/stack-median.ts.
import {
  COMBINE_MEAN,
  type Reject,
  type StackBuffers,
  type StackParams,
  stackPixels,
} from '../stack-pixels.js';

const keepAll: Reject = () => undefined;

/** Median of all valid samples; see the contract. */
export function stackMedian(p: StackParams, b: StackBuffers): void {
  stackPixels(p, b, COMBINE_MEAN + 1, keepAll);
}

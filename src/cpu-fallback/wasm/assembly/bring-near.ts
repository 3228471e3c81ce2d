// Samples that are needed soon, asked for before they are: WebAssembly has no instruction for it, so they are loaded and not used.
import { BLOCK_SIZE } from './layout';

const LAST: usize = (BLOCK_SIZE - 1) * 4;

let brought: i32 = 0;

/** Has a row of a block, BLOCK_SIZE samples from `at` on, brought into the cache: one load for each of its lines, of which there are five where it does not start one. */
// @ts-ignore: decorator
@inline
export function bringNear(at: usize): void {
  brought = load<i32>(at) + load<i32>(at, 64) + load<i32>(at, 128) + load<i32>(at, 192) + load<i32>(at, LAST);
}

/** The same of all lines from that of the sample at `from` to that of the one at `to`. */
export function bringRun(from: usize, to: usize): void {
  let sum: i32 = 0;
  for (let at = from & ~63; at <= to; at += 64) sum += load<i32>(at);
  brought = sum;
}

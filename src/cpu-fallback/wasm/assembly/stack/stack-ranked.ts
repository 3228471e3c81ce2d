// The walk over the pixels of a sample cube for rules that judge one pixel after the other by its sorted samples: sorted and combined four at
// once, judged in f64 as the twins do. Units are tiles of 64 pixels of the planes one after the other.
import { StackMeanJob as Shape } from '../layout';
import { combineWithin, lanesMean, lanesWeight, storeResult } from './stack-combine';
import { laneAt, laneMedian, laneOf } from './stack-order';
import { GROUP, setAt, sortedAt, TILE, valuesAt, weightsAt } from './stack-scratch';
import { sortLanes } from './stack-sort';
import { gather, groupIsFull, lanesCount, loadTile } from './stack-tile';

/** Survivors of the pixel in hand: a rule is called with 0 and the number of its samples, at least 3, and narrows them by `keepRun`. */
export let first: u32 = 0;
export let end: u32 = 0;

/** Sample of rank k of a sorted list, one lane of four. */
// @ts-ignore: decorator
@inline
export function rank(list: usize, k: u32): f32 {
  return load<f32>(list + (<usize>k << 4));
}

/** Median of samples lo .. hi - 1. */
export function medianBetween(list: usize, lo: u32, hi: u32): f64 {
  const middle = (lo + hi) >> 1;
  const upper = <f64>rank(list, middle);
  return (hi - lo) & 1 ? upper : (<f64>rank(list, middle - 1) + upper) / 2;
}

/**
 * Narrows the survivors to samples a .. b - 1 and what equals their extremes. Where nothing would be left, what equals the lower of the middle samples
 * stays. True when something was rejected.
 */
export function keepRun(list: usize, a: u32, b: u32): bool {
  const lo = first;
  const hi = end;
  if (a >= b) {
    a = (lo + hi - 1) >> 1;
    b = a + 1;
  }
  while (a > lo && rank(list, a - 1) == rank(list, a)) a--;
  while (b < hi && rank(list, b) == rank(list, b - 1)) b++;
  first = a;
  end = b;
  return a != lo || b != hi;
}

/** `rule(job, list)` narrows the survivors of a sorted list. */
export function stackRanked(
  job: usize,
  buffers: usize,
  median: bool,
  from: u32,
  to: u32,
  scratch: usize,
  rule: (job: usize, list: usize) => void,
): void {
  const pixels = Shape.pixels(job);
  const slots = Shape.slots(job);
  const tiles = (pixels + TILE - 1) / TILE;
  const set = setAt(scratch, slots, GROUP);
  const values = valuesAt(set, slots);
  const sorted = sortedAt(set, slots);
  const zero = i32x4.splat(0);
  for (let unit = from; unit < to; unit++) {
    const c = unit / tiles;
    const start = (unit % tiles) * TILE;
    const size = min(TILE, pixels - start);
    loadTile(job, buffers, c, start, size, scratch);
    for (let i: u32 = 0; i < size; i += 4) {
      const place = (<usize>c * pixels + start + i) * 4;
      const n = gather(slots, i >> 2, scratch, set);
      if (n == 0) {
        storeResult(buffers, place, size - i, zero, zero, zero, zero, zero);
        continue;
      }
      const count = lanesCount;
      sortLanes(groupIsFull ? values : sorted, 16, sorted, n);
      let low = zero;
      let high = count;
      for (let lane: u32 = 0; lane < 4; lane++) {
        const samples = laneOf(count, lane);
        if (samples < 3) continue;
        first = 0;
        end = samples;
        rule(job, sorted + <usize>lane * 4);
        const only = i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(lane));
        low = v128.bitselect(i32x4.splat(first), low, only);
        high = v128.bitselect(i32x4.splat(end), high, only);
      }
      const used = i32x4.sub(high, low);
      const least = laneAt(sorted, i32x4.min_s(low, i32x4.splat(<i32>n - 1)));
      const most = laneAt(sorted, i32x4.max_s(i32x4.sub(high, i32x4.splat(1)), zero));
      combineWithin(values, weightsAt(set, slots), true, n, least, most, least);
      const value = median ? laneMedian(sorted, low, high) : lanesMean;
      storeResult(buffers, place, size - i, value, lanesWeight, used, low, i32x4.sub(count, high));
    }
  }
}

// The walk over the pixels of a sample cube that the sorting stacks share; units are tiles of 64 pixels of the planes one after the other.
import { StackKappaSigmaJob as Clipping, StackMeanJob as Shape } from './layout';
import { clipLanes, survivorsHigh, survivorsLow } from './stack-clip';
import {
  combineLanes,
  excessAt,
  gather,
  laneAt,
  laneMedian,
  lanesCount,
  lanesMean,
  lanesWeight,
  loadTile,
  sortedAt,
  storeResult,
  TILE,
} from './stack-lanes';
import { sortLanes } from './stack-sort';

/** How samples are rejected. */
export const KEEP_ALL: u32 = 0;
export const KAPPA_SIGMA: u32 = 1;
export const WINSORISED: u32 = 2;

/** `buffers` are the seven addresses of the stack contracts; the job is that of a clipping stack unless all is kept. */
export function stackPixels(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  from: u32,
  to: u32,
  scratch: usize,
): void {
  const pixels = Shape.pixels(job);
  const tiles = (pixels + TILE - 1) / TILE;
  for (let unit = from; unit < to; unit++) {
    const c = unit / tiles;
    const start = (unit % tiles) * TILE;
    const size = min(TILE, pixels - start);
    loadTile(job, load<u32>(buffers), c, start, size, scratch);
    for (let i: u32 = 0; i < size; i += 4) {
      const at = (<usize>c * pixels + start + i) * 4;
      stackLanes(job, buffers, rejection, median, c, i >> 2, at, size - i, scratch);
    }
  }
}

// @ts-ignore: decorator
@inline
function stackLanes(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  c: u32,
  group: u32,
  at: usize,
  lanes: u32,
  scratch: usize,
): void {
  const slots = Shape.slots(job);
  const zero = i32x4.splat(0);
  const n = gather(job, load<u32>(buffers, 4), c, group, scratch);
  if (n == 0) {
    storeResult(buffers, at, lanes, zero, zero, zero, zero, zero);
    return;
  }
  const sorted = sortedAt(scratch, slots);
  const count = lanesCount;
  sortLanes(sorted, n);
  let lo = zero;
  let hi = count;
  if (rejection != KEEP_ALL) {
    const low = Clipping.kappaLow(job);
    const high = Clipping.kappaHigh(job);
    const iterations = Clipping.maxIterations(job);
    clipLanes(sorted, excessAt(scratch, slots), n, count, low, high, iterations, rejection == WINSORISED);
    lo = survivorsLow;
    hi = survivorsHigh;
  }
  const least = laneAt(sorted, lo);
  const most = laneAt(sorted, i32x4.max_s(i32x4.sub(hi, i32x4.splat(1)), zero));
  combineLanes(slots, n, least, most, least, scratch);
  const value = median ? laneMedian(sorted, lo, hi) : lanesMean;
  storeResult(buffers, at, lanes, value, lanesWeight, i32x4.sub(hi, lo), lo, i32x4.sub(count, hi));
}

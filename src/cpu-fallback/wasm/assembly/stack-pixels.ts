// The walk over the pixels of a sample cube that the sorting stacks share; units are tiles of 64 pixels of the planes one after the other.
import { StackKappaSigmaJob as Clipping, StackMeanJob as Shape } from './layout';
import { clipPair, highA, highB, lowA, lowB } from './stack-clip';
import {
  combineLanes,
  gather,
  laneAt,
  laneMedian,
  lanesCount,
  lanesMean,
  lanesWeight,
  loadTile,
  setAt,
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
    for (let i: u32 = 0; i < size; i += 8) {
      const at = (<usize>c * pixels + start + i) * 4;
      stackPair(job, buffers, rejection, median, c, i >> 2, at, size - i, scratch);
    }
  }
}

/** Two groups of four pixels (the second one may lie outside): clipping waits for divisions and roots, which overlap in pairs. */
function stackPair(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  c: u32,
  group: u32,
  at: usize,
  pixels: u32,
  scratch: usize,
): void {
  const slots = Shape.slots(job);
  const setA = setAt(scratch, slots, 0);
  const setB = setAt(scratch, slots, 1);
  const weights = load<u32>(buffers, 4);
  const nA = gather(job, weights, c, group, scratch, setA);
  const countA = lanesCount;
  sortLanes(sortedAt(setA, slots), nA);
  let nB: u32 = 0;
  let countB = i32x4.splat(0);
  if (pixels > 4) {
    nB = gather(job, weights, c, group + 1, scratch, setB);
    countB = lanesCount;
    sortLanes(sortedAt(setB, slots), nB);
  }
  let loA = i32x4.splat(0);
  let loB = loA;
  let hiA = countA;
  let hiB = countB;
  if (rejection != KEEP_ALL) {
    const low = Clipping.kappaLow(job);
    const high = Clipping.kappaHigh(job);
    const iterations = Clipping.maxIterations(job);
    clipPair(setA, setB, slots, max(nA, nB), countA, countB, low, high, iterations, rejection == WINSORISED);
    loA = lowA;
    loB = lowB;
    hiA = highA;
    hiB = highB;
  }
  finishLanes(buffers, slots, nA, median, countA, loA, hiA, at, pixels, setA);
  if (pixels > 4) {
    finishLanes(buffers, slots, nB, median, countB, loB, hiB, at + 16, pixels - 4, setB);
  }
}

function finishLanes(
  buffers: usize,
  slots: u32,
  n: u32,
  median: bool,
  count: v128,
  lo: v128,
  hi: v128,
  at: usize,
  lanes: u32,
  set: usize,
): void {
  const zero = i32x4.splat(0);
  if (n == 0) {
    storeResult(buffers, at, lanes, zero, zero, zero, zero, zero);
    return;
  }
  const sorted = sortedAt(set, slots);
  const least = laneAt(sorted, i32x4.min_s(lo, i32x4.splat(<i32>n - 1)));
  const most = laneAt(sorted, i32x4.max_s(i32x4.sub(hi, i32x4.splat(1)), zero));
  combineLanes(slots, n, least, most, least, set);
  const value = median ? laneMedian(sorted, lo, hi) : lanesMean;
  storeResult(buffers, at, lanes, value, lanesWeight, i32x4.sub(hi, lo), lo, i32x4.sub(count, hi));
}

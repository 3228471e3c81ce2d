// The walk over the pixels of a sample cube that the sorting stacks share; units are tiles of 64 pixels of the planes one after the other. Pixels
// of which nothing is rejected, nearly all, are done on the spot, four at once; the others wait until sixteen of them can be clipped together.
import { BLANK_VALUE, StackKappaSigmaJob as Clipping, StackMeanJob as Shape } from '../layout';
import { combineAll, lanesMean, lanesWeight, storeResult } from './stack-combine';
import { laneMedian, laneOf, medianOfRuns } from './stack-order';
import { combineUnlessClipped } from './stack-proof';
import { KEEP_ALL, WINSORISED } from './stack-rejection';
import {
  GROUP,
  setAt,
  sortedAt,
  TILE,
  TILE_ROW,
  tileAt,
  tileWeightsAt,
  valuesAt,
  weightsAt,
} from './stack-scratch';
import { mergeLast, sortRuns } from './stack-sort';
import { gather, groupIsFull, lanesCount, loadTile, rowsWeight, tileIsFull, tileRows, tileWeight } from './stack-tile';
import { addWaiting, finishWaiting, startWaiting, waitingIsFull } from './stack-waiting';

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
  const slots = Shape.slots(job);
  const tiles = (pixels + TILE - 1) / TILE;
  startWaiting();
  for (let unit = from; unit < to; unit++) {
    const c = unit / tiles;
    const start = (unit % tiles) * TILE;
    const size = min(TILE, pixels - start);
    loadTile(job, buffers, c, start, size, scratch);
    for (let i: u32 = 0; i < size; i += 4) {
      const place = (<usize>c * pixels + start + i) * 4;
      takeGroup(slots, i, scratch);
      const open = settleGroup(job, buffers, rejection, median, groupMedian(slots, scratch), place, size - i, scratch);
      letWait(job, buffers, rejection, median, open, place, scratch);
    }
  }
  finishWaiting(job, buffers, rejection, median, scratch);
}

/** The group of four neighbouring pixels in hand: vectors of its samples and how far they are apart, their weights and the sum of these, how many there are, of each lane too. */
let values: usize = 0;
let stride: usize = 0;
let weights: usize = 0;
let weight: f64 = 0;
export let groupLength: u32 = 0;
export let groupCount: v128 = i32x4.splat(0);
/** Its samples are sorted into runs, the first of so many. */
let half: u32 = 0;

/** Takes pixel i of the tile and the next three in hand. */
export function takeGroup(slots: u32, i: u32, scratch: usize): void {
  const set = setAt(scratch, slots, GROUP);
  groupLength = tileRows;
  groupCount = i32x4.splat(tileRows);
  values = tileAt(scratch) + <usize>i * 4;
  stride = TILE_ROW;
  weights = tileWeightsAt(scratch, slots);
  weight = tileWeight;
  let unsorted = values;
  if (!tileIsFull) {
    groupLength = gather(slots, i >> 2, scratch, set);
    groupCount = lanesCount;
    values = valuesAt(set, slots);
    unsorted = groupIsFull ? values : sortedAt(set, slots);
    stride = 16;
    weights = weightsAt(set, slots);
    weight = rowsWeight;
  }
  half = sortRuns(unsorted, stride, sortedAt(set, slots), groupLength);
}

/** Medians of the lanes of the group that have a sample in every slot of it. */
export function groupMedian(slots: u32, scratch: usize): v128 {
  if (groupLength == 0) return f32x4.splat(BLANK_VALUE);
  return medianOfRuns(sortedAt(setAt(scratch, slots, GROUP), slots), half, groupLength);
}

/** The same of all lanes, whatever their number of samples. */
export function lanesMedian(slots: u32, scratch: usize): v128 {
  const sorted = sortedAt(setAt(scratch, slots, GROUP), slots);
  mergeLast(sorted, half, groupLength);
  half = groupLength;
  const has = i32x4.gt_s(groupCount, i32x4.splat(0));
  return v128.bitselect(laneMedian(sorted, i32x4.splat(0), groupCount), f32x4.splat(BLANK_VALUE), has);
}

/** Stacks the pixels of the group, `lanes` of which are pixels of the plane, that lose nothing, and returns bits of the others. */
export function settleGroup(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  middle: v128,
  place: usize,
  lanes: u32,
  scratch: usize,
): i32 {
  const n = groupLength;
  const zero = i32x4.splat(0);
  if (n == 0) {
    storeResult(buffers, place, lanes, zero, zero, zero, zero, zero);
    return 0;
  }
  const slots = Shape.slots(job);
  const sorted = sortedAt(setAt(scratch, slots, GROUP), slots);
  const least = n > half ? f32x4.pmin(v128.load(sorted), v128.load(sorted + (<usize>half << 4))) : v128.load(sorted);
  let settled = i32x4.eq(groupCount, i32x4.splat(n));
  if (rejection != KEEP_ALL && n >= 3) {
    const perLow: f32 = <f32>1 / Clipping.kappaLow(job);
    const perHigh: f32 = <f32>1 / Clipping.kappaHigh(job);
    const last = v128.load(sorted + (<usize>(n - 1) << 4));
    const most = n > half ? f32x4.pmax(v128.load(sorted + (<usize>(half - 1) << 4)), last) : last;
    const winsorise = rejection == WINSORISED;
    const kept = combineUnlessClipped(values, stride, weights, weight, n, middle, least, most, perLow, perHigh, winsorise);
    settled = v128.and(settled, kept);
  } else combineAll(values, stride, weights, weight, n, least);
  const all = (1 << min(lanes, 4)) - 1;
  const open = ~i32x4.bitmask(settled) & all;
  if (open != all) {
    storeResult(buffers, place, lanes, median ? middle : lanesMean, lanesWeight, groupCount, zero, zero);
  }
  return open;
}

/** Lets pixels of the group wait, by bits. */
export function letWait(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  open: i32,
  place: usize,
  scratch: usize,
): void {
  for (; open != 0; open &= open - 1) {
    const lane = <u32>ctz(open);
    const count = laneOf(groupCount, lane);
    addWaiting(job, values, stride, weights, groupLength, lane, count, place + <usize>lane * 4, scratch);
    if (waitingIsFull()) finishWaiting(job, buffers, rejection, median, scratch);
  }
}

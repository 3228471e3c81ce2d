// Pixels that clipping may take samples from. They are few among their neighbours, so eight of them are brought together from wherever they are and clipped
// side by side: clipping waits for divisions and roots, which overlap in two groups of four lanes.
import { BLANK_LIMIT, BLANK_VALUE, StackKappaSigmaJob as Clipping, StackMeanJob as Shape } from './layout';
import { clipPair, highA, highB, lowA, lowB } from './stack-clip';
import { combineWithin, lanesMean, lanesWeight, storeLane } from './stack-combine';
import { laneAt, laneMedian } from './stack-order';
import { KEEP_ALL, WINSORISED } from './stack-rejection';
import { setAt, sortedAt, valuesAt, WAITING, weightsAt } from './stack-scratch';
import { sortLanes } from './stack-sort';

/** Lanes of both sets. */
const LANES: u32 = 8;
/** Fields of the record of a waiting pixel. */
const PLACE: usize = 0;
const LENGTH: usize = 32;
const COUNT: usize = 64;

let waiting: u32 = 0;

/** Forgets what an interrupted call has left. */
export function startWaiting(): void {
  waiting = 0;
}

/**
 * Takes in pixel `lane` of a group of n slots: values `stride` bytes apart, one weight each. `count` of them are valid, and the result goes to byte
 * `place` of the outputs.
 */
export function addWaiting(
  job: usize,
  values: usize,
  stride: usize,
  weights: usize,
  n: u32,
  lane: u32,
  count: u32,
  place: usize,
  scratch: usize,
): void {
  const slots = Shape.slots(job);
  const record = scratch + <usize>waiting * 4;
  store<u32>(record, <u32>place, PLACE);
  store<u32>(record, n, LENGTH);
  store<u32>(record, count, COUNT);
  const set = setAt(scratch, slots, WAITING + (waiting >> 2));
  const column = <usize>(waiting & 3) * 4;
  let toValue = valuesAt(set, slots) + column;
  let toWeight = weightsAt(set, slots) + column;
  let value = values + <usize>lane * 4;
  const end = toValue + (<usize>n << 4);
  for (; toValue < end; toValue += 16) {
    store<f32>(toValue, load<f32>(value));
    store<f32>(toWeight, load<f32>(weights));
    toWeight += 16;
    value += stride;
    weights += 4;
  }
  waiting++;
}

// @ts-ignore: decorator
@inline
export function waitingIsFull(): bool {
  return waiting == LANES;
}

/** Clips and combines the pixels that wait, and writes their results. */
export function finishWaiting(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  scratch: usize,
): void {
  if (waiting == 0) return;
  const slots = Shape.slots(job);
  for (let i = waiting; i < LANES; i++) {
    store<u32>(scratch + <usize>i * 4, 0, LENGTH);
    store<u32>(scratch + <usize>i * 4, 0, COUNT);
  }
  let n: u32 = 0;
  for (let i: u32 = 0; i < waiting; i++) n = max(n, load<u32>(scratch + <usize>i * 4, LENGTH));
  const setA = setAt(scratch, slots, WAITING);
  const setB = setAt(scratch, slots, WAITING + 1);
  for (let i: u32 = 0; i < LANES; i++) {
    fillUp(i < 4 ? setA : setB, slots, i & 3, load<u32>(scratch + <usize>i * 4, LENGTH), n);
  }
  sortSet(setA, slots, n);
  if (waiting > 4) sortSet(setB, slots, n);
  const countA = v128.load(scratch, COUNT);
  const countB = v128.load(scratch, COUNT + 16);
  let low: f32 = 0;
  let high: f32 = 0;
  let iterations: u32 = 0;
  if (rejection != KEEP_ALL) {
    low = Clipping.kappaLow(job);
    high = Clipping.kappaHigh(job);
    iterations = Clipping.maxIterations(job);
  }
  clipPair(setA, setB, slots, n, countA, countB, low, high, iterations, rejection == WINSORISED);
  finish(buffers, slots, n, median, countA, lowA, highA, setA, scratch, min(waiting, 4));
  if (waiting > 4) finish(buffers, slots, n, median, countB, lowB, highB, setB, scratch + 16, waiting - 4);
  waiting = 0;
}

/** Sorts the values of a set, blanks as infinities. */
function sortSet(set: usize, slots: u32, n: u32): void {
  const limit = f32x4.splat(BLANK_LIMIT);
  const infinity = f32x4.splat(Infinity);
  const values = valuesAt(set, slots);
  const sorted = sortedAt(set, slots);
  for (let at: usize = 0; at < <usize>n << 4; at += 16) {
    const v = v128.load(values + at);
    v128.store(sorted + at, v128.bitselect(v, infinity, f32x4.gt(v, limit)));
  }
  sortLanes(sorted, 16, sorted, n);
}

/** Blanks behind the `length` entries of a lane. */
function fillUp(set: usize, slots: u32, lane: u32, length: u32, n: u32): void {
  for (let k = length; k < n; k++) {
    const at = (<usize>k << 4) + <usize>lane * 4;
    store<f32>(valuesAt(set, slots) + at, BLANK_VALUE);
    store<f32>(weightsAt(set, slots) + at, 0);
  }
}

function finish(
  buffers: usize,
  slots: u32,
  n: u32,
  median: bool,
  count: v128,
  lo: v128,
  hi: v128,
  set: usize,
  places: usize,
  lanes: u32,
): void {
  const sorted = sortedAt(set, slots);
  const least = laneAt(sorted, i32x4.min_s(lo, i32x4.splat(<i32>n - 1)));
  const most = laneAt(sorted, i32x4.max_s(i32x4.sub(hi, i32x4.splat(1)), i32x4.splat(0)));
  combineWithin(valuesAt(set, slots), weightsAt(set, slots), false, n, least, most, least);
  const value = median ? laneMedian(sorted, lo, hi) : lanesMean;
  const used = i32x4.sub(hi, lo);
  const rejectedHigh = i32x4.sub(count, hi);
  for (let i: u32 = 0; i < lanes; i++) {
    storeLane(buffers, load<u32>(places + <usize>i * 4, PLACE), i, value, lanesWeight, used, lo, rejectedHigh);
  }
}

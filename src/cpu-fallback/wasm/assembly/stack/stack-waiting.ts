// Pixels that clipping may take samples from. They are few among their neighbours, so sixteen of them are brought together from wherever they are and clipped
// side by side: clipping waits for divisions and roots, which overlap in four groups of four lanes.
import { BLANK_VALUE, StackKappaSigmaJob as Clipping, StackMeanJob as Shape } from '../layout';
import { clipWaiting } from './stack-clip';
import { combineWithin, lanesMean, lanesWeight, storeLane } from './stack-combine';
import { laneAt, laneMedian } from './stack-order';
import { KEEP_ALL, WINSORISED } from './stack-rejection';
import { COUNT, HIGH, LANES, LENGTH, LOW, PLACE, setAt, sortedAt, valuesAt, WAITING, weightsAt } from './stack-scratch';
import { sortLanes } from './stack-sort';
import { blanksToInfinity } from './stack-tile';

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
  // In pairs, as the winsorised sigma takes them.
  const groups = ((waiting + 7) & ~7) >> 2;
  for (let i = waiting; i < groups * 4; i++) {
    store<u32>(scratch + <usize>i * 4, 0, LENGTH);
    store<u32>(scratch + <usize>i * 4, 0, COUNT);
  }
  let n: u32 = 0;
  for (let i: u32 = 0; i < waiting; i++) n = max(n, load<u32>(scratch + <usize>i * 4, LENGTH));
  for (let i: u32 = 0; i < groups * 4; i++) {
    fillUp(setAt(scratch, slots, WAITING + (i >> 2)), slots, i & 3, load<u32>(scratch + <usize>i * 4, LENGTH), n);
  }
  for (let group: u32 = 0; group < groups; group++) sortSet(setAt(scratch, slots, WAITING + group), slots, n);
  let low: f32 = 0;
  let high: f32 = 0;
  let iterations: u32 = 0;
  if (rejection != KEEP_ALL) {
    low = Clipping.kappaLow(job);
    high = Clipping.kappaHigh(job);
    iterations = Clipping.maxIterations(job);
  }
  clipWaiting(scratch, slots, n, groups, low, high, iterations, rejection == WINSORISED);
  for (let group: u32 = 0; group * 4 < waiting; group++) {
    const set = setAt(scratch, slots, WAITING + group);
    finish(buffers, slots, n, median, set, scratch + group * 16, min(waiting - group * 4, 4));
  }
  waiting = 0;
}

/** Sorts the values of a set, blanks as infinities. */
function sortSet(set: usize, slots: u32, n: u32): void {
  const sorted = sortedAt(set, slots);
  blanksToInfinity(valuesAt(set, slots), sorted, n);
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

function finish(buffers: usize, slots: u32, n: u32, median: bool, set: usize, record: usize, lanes: u32): void {
  const sorted = sortedAt(set, slots);
  const lo = v128.load(record, LOW);
  const hi = v128.load(record, HIGH);
  const least = laneAt(sorted, i32x4.min_s(lo, i32x4.splat(<i32>n - 1)));
  const most = laneAt(sorted, i32x4.max_s(i32x4.sub(hi, i32x4.splat(1)), i32x4.splat(0)));
  combineWithin(valuesAt(set, slots), weightsAt(set, slots), false, n, least, most, least);
  const value = median ? laneMedian(sorted, lo, hi) : lanesMean;
  const used = i32x4.sub(hi, lo);
  const rejectedHigh = i32x4.sub(v128.load(record, COUNT), hi);
  for (let i: u32 = 0; i < lanes; i++) {
    storeLane(buffers, load<u32>(record + <usize>i * 4, PLACE), i, value, lanesWeight, used, lo, rejectedHigh);
  }
}

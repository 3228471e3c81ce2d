// How far the samples of a block may be off its medians, as far as that is the same for all slots. Limits are lower than the contract's: whatever
// comes near them is looked at more closely.
import { BLANK_LIMIT, BLANK_VALUE, GUARD_NEAR, GUARD_STEP_NOISE, MEDIAN_VARIANCE, PAIR_KAPPA } from '../layout';
import { MEDIAN, NOISE, ROW, SLOPE, USED, WEIGHT } from './guard-scratch';

/** Rounding of single precision can hide no sample from the closer look: limits of the first are lower by this part. */
const LOWER: f32 = 0.9998;
/**
 * What a sample of a pair may be off the mean of the two, half of what it is off the other, over what it might be off a median: with u its share of the weight of
 * both the part of the noise is PAIR_KAPPA / 2 sqrt(1 / ((1 - u) (1 + MEDIAN_VARIANCE u))), least at u = (MEDIAN_VARIANCE - 1) / (2 MEDIAN_VARIANCE).
 */
const OF_PAIR: f32 = (PAIR_KAPPA * sqrt<f32>(MEDIAN_VARIANCE)) / (1 + MEDIAN_VARIANCE);

/** The parameters of the guard in hand. */
export let guardLow: f32 = 0;
export let guardHigh: f32 = 0;
export let guardSlope: f32 = 0;
export let pairSlope: f32 = 0;

export function setGuard(kappaLow: f32, kappaHigh: f32, slope: f32, ofPair: f32): void {
  guardLow = kappaLow;
  guardHigh = kappaHigh;
  guardSlope = slope;
  pairSlope = ofPair;
}

/** Makes the last vector of a row of medians blank behind the block's columns: no sample there is near anything. */
export function endRow(row: usize, columns: u32): void {
  for (let x = columns; x & 3; x++) {
    store<f32>(row + <usize>x * 4, BLANK_VALUE, MEDIAN);
    store<u32>(row + <usize>x * 4, 0, USED);
  }
}

/** Of the rows in hand: the variance of the slot with the least noise, and the greatest of a median of which samples may go. */
let leastVariance: f32 = 0;
let mostUncertain: f32 = 0;

/** Begins a block, or rows of it; `least` is the variance of the slot with the least noise. */
export function startLimits(least: f32): void {
  leastVariance = least;
  mostUncertain = 0;
}

/** The greatest variance of a median that `setLimits` has come upon in them: when it grows, what `noiseOf` said holds no longer. */
// @ts-ignore: decorator
@inline
export function uncertain(): f32 {
  return mostUncertain;
}

/**
 * Fills in SLOPE and NOISE of row `y` of a block from medians, also of the rows above and below, their weights and numbers; false where no sample may go at all.
 */
export function setLimits(scratch: usize, y: u32, columns: u32, rows: u32, maxSamples: u32): bool {
  const part = f32x4.splat(LOWER * GUARD_NEAR * guardSlope);
  const blank = f32x4.splat(BLANK_LIMIT);
  const noise = f32x4.splat(GUARD_STEP_NOISE);
  const factor = f32x4.splat(MEDIAN_VARIANCE);
  const own = f32x4.splat(leastVariance);
  const kappa = f32x4.splat(LOWER * GUARD_NEAR * min(guardLow, guardHigh));
  const two = i32x4.splat(2);
  const ofPair = f32x4.splat(OF_PAIR);
  const most = i32x4.splat(maxSamples);
  let any = i32x4.splat(0);
  let greatest = f32x4.splat(mostUncertain);
  for (let x: u32 = 0; x < columns; x += 4) {
    const at = scratch + ROW * y + x * 4;
    const m = v128.load(at, MEDIAN);
    const n = v128.load(at, USED);
    const variance = f32x4.div(factor, v128.load(at, WEIGHT));
    let d = stepsTo(m, y > 0 ? v128.load(at - ROW, MEDIAN) : m, blank);
    d = f32x4.pmax(d, stepsTo(m, y + 1 < rows ? v128.load(at + ROW, MEDIAN) : m, blank));
    d = f32x4.pmax(d, stepsTo(m, leftOf(at + MEDIAN, m, x > 0), blank));
    d = f32x4.pmax(d, stepsTo(m, rightOf(at + MEDIAN, m, x + 4 < columns), blank));
    const beyond = f32x4.pmax(f32x4.splat(0), f32x4.sub(d, f32x4.mul(noise, f32x4.sqrt(variance))));
    const may = v128.and(v128.and(i32x4.ge_u(n, two), i32x4.le_u(n, most)), f32x4.gt(m, blank));
    any = v128.or(any, may);
    greatest = f32x4.pmax(greatest, v128.and(variance, may));
    // of a pair the steps of the other sample count, which each slot has to ask for
    const pair = i32x4.eq(n, two);
    const slope = v128.andnot(f32x4.mul(part, beyond), pair);
    const deviation = f32x4.mul(kappa, f32x4.sqrt(f32x4.add(variance, own)));
    v128.store(at, v128.bitselect(slope, f32x4.splat(Infinity), may), SLOPE);
    v128.store(at, v128.bitselect(f32x4.mul(deviation, ofPair), deviation, pair), NOISE);
  }
  greatest = f32x4.pmax(greatest, v128.shuffle<f32>(greatest, greatest, 2, 3, 0, 1));
  mostUncertain = max(f32x4.extract_lane(greatest, 0), f32x4.extract_lane(greatest, 1));
  return v128.any_true(any);
}

/**
 * How many times NOISE a slot of inverse variance `weight` may be off by its noise, no more than is so anywhere in the rows so far: with V the variance of the
 * median, (V + own) / (V + least) falls as V grows.
 */
export function noiseOf(weight: f32): f32 {
  return sqrt<f32>((mostUncertain + 1 / weight) / (mostUncertain + leastVariance));
}

/** The vector one column before; where there is none in the block, the first lane stands for its neighbour. */
// @ts-ignore: decorator
@inline
function leftOf(at: usize, own: v128, inside: bool): v128 {
  return inside ? v128.load(at - 4) : v128.shuffle<f32>(own, own, 0, 0, 1, 2);
}

// @ts-ignore: decorator
@inline
function rightOf(at: usize, own: v128, inside: bool): v128 {
  return inside ? v128.load(at, 4) : v128.shuffle<f32>(own, own, 1, 2, 3, 3);
}

// @ts-ignore: decorator
@inline
function stepsTo(m: v128, q: v128, blank: v128): v128 {
  return v128.and(f32x4.abs(f32x4.sub(m, q)), f32x4.gt(q, blank));
}

// What the last step of both warps shares: sums over lanes, levels, writing a row of the cube.
import { BLANK_VALUE, LEVEL_TERMS, WarpJob as Job } from '../layout';
import * as scratchOf from './warp-scratch';

const LEVEL_BYTES: usize = (1 + LEVEL_TERMS) * 4;

/** Says whether a block of the cell is blank in the slot: nothing is written there then (blank-blocks.ts). */
// @ts-ignore: decorator
@inline
export function markBlock(job: usize, block: u32, blank: bool): void {
  store<u8>(Job.blankBlocks_at(job) + <usize>block * Job.slots(job) + Job.slot(job), blank ? 1 : 0);
}

/** Blanks columns `from` to `to` of the row at `target`. */
export function blankRow(from: usize, to: usize, target: usize): void {
  let i = from;
  for (; i + 4 <= to; i += 4) v128.store(target + i * 4, f32x4.splat(BLANK_VALUE));
  for (; i < to; i++) store<f32>(target + i * 4, BLANK_VALUE);
}

/** Bytes between the sums of two columns in the lists of warp-scratch.ts. */
const SUMS_STEP: usize = 48;

// @ts-ignore: decorator
@inline
export function laneSums(at: usize): v128 {
  return fourSums(at, SUMS_STEP);
}

// @ts-ignore: decorator
@inline
export function laneMinima(at: usize): v128 {
  return fourMinima(at, SUMS_STEP);
}

/** Sums of the lanes of four vectors that stand `step` bytes apart, in the order of the vectors. */
// @ts-ignore: decorator
@inline
export function fourSums(at: usize, step: usize): v128 {
  const a = v128.load(at);
  const b = v128.load(at + step);
  const c = v128.load(at + 2 * step);
  const d = v128.load(at + 3 * step);
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The least lanes in the same way. */
// @ts-ignore: decorator
@inline
export function fourMinima(at: usize, step: usize): v128 {
  const a = v128.load(at);
  const b = v128.load(at + step);
  const c = v128.load(at + 2 * step);
  const d = v128.load(at + 3 * step);
  const ab = f32x4.pmin(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.pmin(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.pmin(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Coefficient `k` of plane `c`, in all lanes: the gain, then the terms of the level. */
// @ts-ignore: decorator
@inline
export function levelTerm(job: usize, c: u32, k: usize): v128 {
  return v128.load32_splat(Job.levels_at(job) + c * LEVEL_BYTES + k * 4);
}

/** gain * (value - level) at the row's normalised frame coordinates, from all seven coefficients. */
// @ts-ignore: decorator
@inline
export function levelled(
  value: v128,
  list: usize,
  gain: v128,
  constant: v128,
  termX: v128,
  termY: v128,
  termXX: v128,
  termXY: v128,
  termYY: v128,
): v128 {
  const x = v128.load(list, scratchOf.LEVEL_X);
  const y = v128.load(list, scratchOf.LEVEL_Y);
  const alongX = f32x4.add(f32x4.add(termX, f32x4.mul(x, termXX)), f32x4.mul(y, termXY));
  const alongY = f32x4.add(termY, f32x4.mul(y, termYY));
  const level = f32x4.add(f32x4.add(constant, f32x4.mul(x, alongX)), f32x4.mul(y, alongY));
  return f32x4.mul(gain, f32x4.sub(value, level));
}

/** The first `count` lanes, 1 to 4. */
// @ts-ignore: decorator
@inline
export function storeLanes(at: usize, sample: v128, count: u32): void {
  if (count >= 4) {
    v128.store(at, sample);
    return;
  }
  v128.store32_lane(at, sample, 0);
  if (count > 1) v128.store32_lane(at, sample, 1, 4);
  if (count > 2) v128.store32_lane(at, sample, 2, 8);
}

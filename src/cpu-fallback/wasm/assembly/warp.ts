// Kernel warp (src/compute/contracts/warp.ts); units are rows of the cell, and no call crosses a row of blocks.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, MAP_STRIDE, WARP_LANCZOS3, WarpJob as Job } from './layout';
import { exactValue } from './warp-exact';
import { blockPolynomials, mayTouch, rowPositions } from './warp-positions';
import { blankRow, laneMinima, laneSums, levelled, storeLanes } from './warp-rows';
import * as scratchOf from './warp-scratch';
import { rowSums } from './warp-sums';

export function warp(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.cellWidth(job);
  const blocksAcross = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blockRow = from / BLOCK_SIZE;
  const pixels = <usize>width * Job.cellHeight(job);
  const planes = Job.planes(job);
  const slot = Job.cube_at(job) + <usize>Job.slot(job) * planes * pixels * 4;
  for (let b: u32 = 0; b < blocksAcross; b++) {
    const block = Job.map_at(job) + (<usize>blockRow * blocksAcross + b) * MAP_STRIDE * 4;
    const start = b * BLOCK_SIZE;
    const columns = min(BLOCK_SIZE, width - start);
    const touches = mayTouch(job, block);
    if (touches) blockPolynomials(block, scratch);
    for (let y = from; y < to; y++) {
      const target = slot + (<usize>y * width + start) * 4;
      if (touches && rowPositions(job, block, y - blockRow * BLOCK_SIZE, columns, scratch)) {
        rowSums(job, columns, scratch);
        for (let c: u32 = 0; c < planes; c++) finishRow(job, c, columns, target + c * pixels * 4, scratch);
      } else {
        for (let c: u32 = 0; c < planes; c++) blankRow(columns, target + c * pixels * 4);
      }
    }
  }
}

/** Clamps, normalises and levels the sums of plane `c` and writes the row. */
function finishRow(job: usize, c: u32, columns: u32, target: usize, scratch: usize): void {
  const sums = scratch + scratchOf.SUMS + c * scratchOf.SUMS_BYTES;
  const limit = f32x4.splat(BLANK_LIMIT);
  const blank = f32x4.splat(BLANK_VALUE);
  const half = f32x4.splat(0.5);
  const clamps = Job.kernel(job) == WARP_LANCZOS3;
  const threshold = f32x4.splat(Job.clampThreshold(job));
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const at = sums + 256 + i * 48;
    const centre = v128.load(sums + i * 4);
    const least = laneMinima(at + 32);
    let sum = laneSums(at);
    let weight = v128.load(list, scratchOf.WEIGHT);
    if (clamps) {
      const magnitude = laneSums(at + 16);
      const weightMagnitude = v128.load(list, scratchOf.MAGNITUDE);
      const positive = f32x4.mul(f32x4.add(magnitude, sum), half);
      const negative = f32x4.mul(f32x4.sub(magnitude, sum), half);
      const plusWeight = f32x4.mul(f32x4.add(weightMagnitude, weight), half);
      const minusWeight = f32x4.mul(f32x4.sub(weightMagnitude, weight), half);
      // P and N of the contract: the same sums about the least tap.
      const p = f32x4.sub(positive, f32x4.mul(plusWeight, least));
      const n = f32x4.sub(negative, f32x4.mul(minusWeight, least));
      const clamped = f32x4.gt(n, f32x4.mul(threshold, p));
      sum = v128.bitselect(positive, sum, clamped);
      weight = v128.bitselect(plusWeight, weight, clamped);
    }
    const value = f32x4.add(centre, f32x4.div(sum, weight));
    const tap = v128.load(list, scratchOf.TAP);
    const whole = i32x4.ge_s(tap, i32x4.splat(0));
    const holds = v128.and(whole, f32x4.gt(f32x4.add(centre, least), limit));
    let sample = v128.bitselect(levelled(job, c, value, list), blank, holds);
    // A blank among the taps, or taps outside the window.
    let rest = i32x4.bitmask(v128.andnot(i32x4.ne(tap, i32x4.splat(scratchOf.OUTSIDE)), holds));
    if (rest != 0) {
      const patch = scratch + scratchOf.PATCH;
      v128.store(patch, v128.load(sums + i * 4));
      let exact = i32x4.splat(0);
      while (rest != 0) {
        const lane = <usize>ctz(rest);
        if (i + lane < columns) store<f32>(patch + lane * 4, exactValue(job, c, i + lane, scratch));
        exact = v128.or(exact, i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(<i32>lane)));
        rest &= rest - 1;
      }
      const values = v128.load(patch);
      const valid = f32x4.gt(values, limit);
      const corrected = v128.bitselect(levelled(job, c, values, list), blank, valid);
      sample = v128.bitselect(corrected, sample, exact);
    }
    storeLanes(target + i * 4, sample, columns - <u32>i);
  }
}

// Kernel warp-cfa (src/compute/contracts/warp-cfa.ts); units are rows of the cell, and no call crosses a row of blocks. What warp and warp-cfa share
// reads the call as one of warp: the common parameters and buffers stand in the same places.
import { exactSite } from './cfa-exact';
import { siteLists } from './cfa-sites';
import { siteSums } from './cfa-sums';
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  MAP_STRIDE,
  WARP_LANCZOS3,
  WarpCfaJob as Job,
} from './layout';
import { hasBlanks } from './split-cfa';
import { blockPolynomials, mayTouch, rowPositions } from './warp-positions';
import { blankRow, laneMinima, laneSums, levelled, storeLanes } from './warp-rows';
import * as scratchOf from './warp-scratch';

export function warpCfa(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.cellWidth(job);
  const blocksAcross = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blockRow = from / BLOCK_SIZE;
  const pixels = <usize>width * Job.cellHeight(job);
  const slot = Job.cube_at(job) + <usize>Job.slot(job) * 3 * pixels * 4;
  const blanks = Job.kernel(job) == WARP_LANCZOS3 || hasBlanks(job);
  for (let b: u32 = 0; b < blocksAcross; b++) {
    const block = Job.map_at(job) + (<usize>blockRow * blocksAcross + b) * MAP_STRIDE * 4;
    const start = b * BLOCK_SIZE;
    const columns = min(BLOCK_SIZE, width - start);
    const touches = mayTouch(job, block);
    if (touches) blockPolynomials(block, scratch);
    for (let y = from; y < to; y++) {
      const target = slot + (<usize>y * width + start) * 4;
      const any = touches && rowPositions(job, block, y - blockRow * BLOCK_SIZE, columns, scratch);
      for (let c: u32 = 0; c < 3; c++) {
        if (any) colourRow(job, c, columns, target + c * pixels * 4, scratch, blanks);
        else blankRow(columns, target + c * pixels * 4);
      }
    }
  }
}

function colourRow(job: usize, c: u32, columns: u32, target: usize, scratch: usize, blanks: bool): void {
  siteLists(job, c, columns, scratch);
  if (Job.kernel(job) != WARP_LANCZOS3) siteSums(job, c, columns, scratch, blanks);
  finishRow(job, c, columns, target, scratch, blanks);
}

/** Adds the central tap to the sums, levels and writes the row. */
function finishRow(job: usize, c: u32, columns: u32, target: usize, scratch: usize, blanks: bool): void {
  const sums = scratch + scratchOf.SUMS;
  const limit = f32x4.splat(BLANK_LIMIT);
  const blank = f32x4.splat(BLANK_VALUE);
  const zero = i32x4.splat(0);
  const summed = i32x4.splat(Job.kernel(job) != WARP_LANCZOS3 ? -1 : 0);
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const at = sums + 256 + i * 48;
    const centre = v128.load(sums + i * 4);
    const tap = v128.load(list, scratchOf.SITE_TAP);
    let holds = v128.and(i32x4.ge_s(tap, zero), summed);
    if (blanks) holds = v128.and(holds, f32x4.gt(f32x4.add(centre, laneMinima(at + 32)), limit));
    let sample = v128.bitselect(levelled(job, c, f32x4.add(centre, laneSums(at)), list), blank, holds);
    // A blank among the taps, or taps outside the window.
    let rest = i32x4.bitmask(v128.andnot(i32x4.ne(tap, i32x4.splat(scratchOf.OUTSIDE)), holds));
    if (rest != 0) {
      const patch = scratch + scratchOf.PATCH;
      v128.store(patch, blank);
      let exact = zero;
      while (rest != 0) {
        const lane = <usize>ctz(rest);
        if (i + lane < columns) store<f32>(patch + lane * 4, exactSite(job, c, i + lane, scratch));
        exact = v128.or(exact, i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(<i32>lane)));
        rest &= rest - 1;
      }
      const values = v128.load(patch);
      const corrected = v128.bitselect(levelled(job, c, values, list), blank, f32x4.gt(values, limit));
      sample = v128.bitselect(corrected, sample, exact);
    }
    storeLanes(target + i * 4, sample, columns - <u32>i);
  }
}

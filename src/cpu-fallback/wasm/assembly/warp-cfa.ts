// Kernel warp-cfa (src/compute/contracts/warp-cfa.ts); units are rows of the cell, and no call crosses a row of blocks. What warp and warp-cfa share
// reads the call as one of warp: the common parameters, buffers and tables stand in the same places.
import { exactSite } from './cfa-exact';
import { lanczosValues } from './cfa-lanczos';
import { hasBlanks, planeAt } from './cfa-lattice';
import { siteLists, tapPitch } from './cfa-sites';
import { siteValues } from './cfa-sums';
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  MAP_STRIDE,
  WARP_BILINEAR,
  WARP_LANCZOS3,
  WarpCfaJob as Job,
} from './layout';
import { blockPolynomials, interiorPositions, isInterior, mayTouch, rowPositions } from './warp-positions';
import { blankRow, levelled, levelTerm, storeLanes } from './warp-rows';
import * as scratchOf from './warp-scratch';
import { clearOfBlanks } from './warp-taps';

export function warpCfa(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.cellWidth(job);
  const blocksAcross = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blockRow = from / BLOCK_SIZE;
  const pixels = <usize>width * Job.cellHeight(job);
  const slot = Job.cube_at(job) + <usize>Job.slot(job) * 3 * pixels * 4;
  const blanks = hasBlanks(job);
  for (let b: u32 = 0; b < blocksAcross; b++) {
    const block = Job.map_at(job) + (<usize>blockRow * blocksAcross + b) * MAP_STRIDE * 4;
    const start = b * BLOCK_SIZE;
    const columns = min(BLOCK_SIZE, width - start);
    const touches = mayTouch(job, block);
    const interior = isInterior(job, block);
    if (touches) blockPolynomials(block, scratch);
    for (let y = from; y < to; y++) {
      const target = slot + (<usize>y * width + start) * 4;
      const row = y - blockRow * BLOCK_SIZE;
      if (interior) interiorPositions(job, block, row, columns, scratch);
      const any = interior || (touches && rowPositions(job, block, row, columns, scratch));
      for (let c: u32 = 0; c < 3; c++) {
        if (any) colourRow(job, c, columns, target + c * pixels * 4, scratch, blanks);
        else blankRow(columns, target + c * pixels * 4);
      }
    }
  }
}

function colourRow(job: usize, c: u32, columns: u32, target: usize, scratch: usize, blanks: bool): void {
  const lanczos = Job.kernel(job) == WARP_LANCZOS3;
  const before = lanczos ? 2 : 1;
  const plane = planeAt(job, c);
  const pitch = tapPitch(job, c);
  siteLists(job, c, columns, before, scratch);
  if (blanks) leaveBlanks(plane, pitch, columns, 2 * before + 2, scratch);
  if (lanczos) lanczosValues(plane, pitch, columns, Job.lanczosPhases_at(job), scratch);
  else siteValues(plane, pitch, columns, Job.kernel(job) == WARP_BILINEAR, scratch);
  finishRow(job, c, columns, target, scratch);
}

function leaveBlanks(plane: usize, pitch: usize, columns: u32, taps: u32, scratch: usize): void {
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const clear = clearOfBlanks(plane, pitch, list + scratchOf.SITE_TAP, taps);
    v128.store(list, v128.and(clear, v128.load(list, scratchOf.WHOLE)), scratchOf.WHOLE);
  }
}

/** Levels and writes the row. */
function finishRow(job: usize, c: u32, columns: u32, target: usize, scratch: usize): void {
  const gain = levelTerm(job, c, 0);
  const l0 = levelTerm(job, c, 1);
  const lx = levelTerm(job, c, 2);
  const ly = levelTerm(job, c, 3);
  const lxx = levelTerm(job, c, 4);
  const lxy = levelTerm(job, c, 5);
  const lyy = levelTerm(job, c, 6);
  const blank = f32x4.splat(BLANK_VALUE);
  const limit = f32x4.splat(BLANK_LIMIT);
  const outside = i32x4.splat(scratchOf.OUTSIDE);
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const inside = i32x4.ne(v128.load(list, scratchOf.TAP), outside);
    // A blank among the taps, or taps outside the window.
    const rest = i32x4.bitmask(v128.andnot(inside, v128.load(list, scratchOf.WHOLE)));
    if (rest != 0) exactSites(job, c, i, columns, rest, scratch);
    const value = v128.load(list, scratchOf.VALUE);
    const holds = v128.and(inside, f32x4.gt(value, limit));
    const sample = levelled(value, list, gain, l0, lx, ly, lxx, lxy, lyy);
    storeLanes(target + i * 4, v128.bitselect(sample, blank, holds), columns - <u32>i);
  }
}

/** Computes the columns of `rest` one by one. */
function exactSites(job: usize, c: u32, i: usize, columns: u32, rest: i32, scratch: usize): void {
  while (rest != 0) {
    const lane = <usize>ctz(rest);
    if (i + lane < columns) store<f32>(scratch + (i + lane) * 4, exactSite(job, c, i + lane, scratch), scratchOf.VALUE);
    rest &= rest - 1;
  }
}

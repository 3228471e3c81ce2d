// Kernel warp (src/compute/contracts/warp.ts); units are rows of the cell, and no call crosses a row of blocks.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, MAP_STRIDE, WARP_LANCZOS3, WarpJob as Job } from '../layout';
import { WEIGHTS_BYTES } from './lanczos-taps';
import { exactValue } from './warp-exact';
import { interiorRow } from './warp-interior';
import { blockPolynomials, interiorPositions, mayTouch, rowPositions } from './warp-positions';
import { makeRegion, REGION_BYTES } from './warp-region';
import { blankRow, laneMinima, laneSums, levelled, levelTerm, markBlock, storeLanes } from './warp-rows';
import * as scratchOf from './warp-scratch';
import { isInside, rowSpans } from './warp-spans';
import { clampedValues, rowSums } from './warp-sums';
import { clearOfBlanks, hasBlanks } from './warp-taps';

/** Taps reach no further than this from a position, on either side. */
const REACH: f64 = 4;

export function warp(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.cellWidth(job);
  const blocksAcross = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blocksDown = from / BLOCK_SIZE;
  const firstRow = blocksDown * BLOCK_SIZE;
  const pixels = <usize>width * Job.cellHeight(job);
  const planes = Job.planes(job);
  const slot = Job.cube_at(job) + <usize>Job.slot(job) * planes * pixels * 4;
  const blanks = Job.kernel(job) == WARP_LANCZOS3 && hasBlanks(job);
  const room = (scratch + scratchOf.SUMS + planes * scratchOf.SUMS_BYTES + BLOCK_SIZE * WEIGHTS_BYTES + 63) & ~63;
  for (let b: u32 = 0; b < blocksAcross; b++) {
    const block = Job.map_at(job) + (<usize>blocksDown * blocksAcross + b) * MAP_STRIDE * 4;
    const start = b * BLOCK_SIZE;
    const columns = min(BLOCK_SIZE, width - start);
    const touches = mayTouch(job, block);
    markBlock(job, blocksDown * blocksAcross + b, !touches);
    if (!touches) continue;
    const inside = isInside(job, block, REACH);
    blockPolynomials(block, scratch);
    const region =
      Job.kernel(job) == WARP_LANCZOS3 && makeRegion(job, block, from - firstRow, to - firstRow, room, scratch)
        ? room
        : 0;
    for (let y = from; y < to; y++) {
      const target = slot + (<usize>y * width + start) * 4;
      blockRow(job, block, y - firstRow, columns, target, pixels, blanks, inside, region, scratch);
    }
  }
}

/** One row of one block in all planes, each from `target` on, `pixels` apart. */
function blockRow(
  job: usize,
  block: usize,
  row: u32,
  columns: u32,
  target: usize,
  pixels: usize,
  blanks: bool,
  inside: bool,
  region: usize,
  scratch: usize,
): void {
  rowSpans(job, block, row, columns, inside, REACH, scratch);
  const first = load<u32>(scratch, scratchOf.SPANS);
  const inner = load<u32>(scratch, scratchOf.SPANS + 4);
  const innerEnd = load<u32>(scratch, scratchOf.SPANS + 8);
  const end = load<u32>(scratch, scratchOf.SPANS + 12);
  for (let c: u32 = 0; c < Job.planes(job); c++) {
    blankRow(0, min(first, columns), target + c * pixels * 4);
    blankRow(end, columns, target + c * pixels * 4);
  }
  edgeColumns(job, block, row, first, inner, columns, target, pixels, blanks, scratch);
  edgeColumns(job, block, row, innerEnd, end, columns, target, pixels, blanks, scratch);
  if (inner >= innerEnd) return;
  if (region != 0) {
    const pixelsAt = region + Job.planes(job) * REGION_BYTES;
    interiorRow(job, block, row, inner, innerEnd, columns, target, pixels, region, pixelsAt, scratch);
    return;
  }
  interiorPositions(job, block, row, inner, innerEnd, scratch);
  rowSums(job, inner, innerEnd, scratch);
  const whole = Job.kernel(job) == WARP_LANCZOS3 && !blanks;
  for (let c: u32 = 0; c < Job.planes(job); c++) {
    finishRow(job, c, inner, innerEnd, columns, target + c * pixels * 4, scratch, blanks, whole);
  }
}

/** Columns `from` to `to` of all planes, of which some may lie outside the frame or lack taps. */
function edgeColumns(
  job: usize,
  block: usize,
  row: u32,
  from: u32,
  to: u32,
  columns: u32,
  target: usize,
  pixels: usize,
  blanks: bool,
  scratch: usize,
): void {
  if (from >= to) return;
  const any = rowPositions(job, block, row, from, to, scratch);
  if (any) rowSums(job, from, to, scratch);
  for (let c: u32 = 0; c < Job.planes(job); c++) {
    const plane = target + c * pixels * 4;
    if (any) finishRow(job, c, from, to, columns, plane, scratch, blanks, false);
    else blankRow(from, min(to, columns), plane);
  }
}

/** Clamps, normalises and levels the sums of plane `c` and writes the row; `whole` of Lanczos-3 without blanks or missing taps. Columns `from` to `to`. */
function finishRow(
  job: usize,
  c: u32,
  from: u32,
  to: u32,
  columns: u32,
  target: usize,
  scratch: usize,
  blanks: bool,
  whole: bool,
): void {
  const sums = scratch + scratchOf.SUMS + c * scratchOf.SUMS_BYTES;
  const gain = levelTerm(job, c, 0);
  const l0 = levelTerm(job, c, 1);
  const lx = levelTerm(job, c, 2);
  const ly = levelTerm(job, c, 3);
  const lxx = levelTerm(job, c, 4);
  const lxy = levelTerm(job, c, 5);
  const lyy = levelTerm(job, c, 6);
  const row = <usize>Job.windowWidth(job) * 4;
  const plane = Job.planes_at(job) + c * row * Job.windowHeight(job);
  const limit = f32x4.splat(BLANK_LIMIT);
  const blank = f32x4.splat(BLANK_VALUE);
  const lanczos = Job.kernel(job) == WARP_LANCZOS3;
  // With a threshold of 1 or more only what comes out below the least tap can be clamped.
  const most = f32x4.splat(Job.clampThreshold(job) >= 1 ? 0 : Infinity);
  let i: usize = from;
  do {
    const list = scratch + i * 4;
    const at = sums + 256 + i * 48;
    const centre = v128.load(sums + i * 4);
    const least = laneMinima(at + 32);
    const about = laneSums(at);
    let value = f32x4.add(centre, about);
    if (whole) {
      const below = i32x4.bitmask(f32x4.lt(f32x4.sub(about, least), most));
      if (below != 0) value = clampedValues(job, c, i, below, value, scratch);
      storeLanes(target + i * 4, levelled(value, list, gain, l0, lx, ly, lxx, lxy, lyy), columns - <u32>i);
      i += 4;
      continue;
    }
    const tap = v128.load(list, scratchOf.TAP);
    let holds = i32x4.ge_s(tap, i32x4.splat(0));
    if (lanczos) {
      const doubted = i32x4.bitmask(v128.and(holds, f32x4.lt(f32x4.sub(about, least), most)));
      if (doubted != 0) value = clampedValues(job, c, i, doubted, value, scratch);
      if (blanks) holds = v128.and(holds, clearOfBlanks(plane, row, list + scratchOf.TAP, 6));
    } else {
      holds = v128.and(holds, f32x4.gt(f32x4.add(centre, least), limit));
    }
    // A blank among the taps, or taps outside the window.
    let rest = i32x4.bitmask(v128.andnot(i32x4.ne(tap, i32x4.splat(scratchOf.OUTSIDE)), holds));
    if (rest != 0) {
      const values = list + scratchOf.VALUE;
      v128.store(values, value);
      while (rest != 0) {
        const lane = <usize>ctz(rest);
        if (i + lane < columns) store<f32>(values + lane * 4, exactValue(job, c, i + lane, scratch));
        rest &= rest - 1;
      }
      value = v128.load(values);
    }
    const valid = v128.and(i32x4.ne(tap, i32x4.splat(scratchOf.OUTSIDE)), f32x4.gt(value, limit));
    const sample = levelled(value, list, gain, l0, lx, ly, lxx, lxy, lyy);
    storeLanes(target + i * 4, v128.bitselect(sample, blank, valid), columns - <u32>i);
    i += 4;
  } while (i < <usize>to);
}

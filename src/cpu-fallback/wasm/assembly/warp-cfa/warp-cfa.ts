// Kernel warp-cfa (src/compute/contracts/warp-cfa.ts), of windows in one form or another (inner-contracts.ts); units are blocks of the cell. Rows see a part of the window
// (cfa-region.ts) as the window of a call of warp-cfa, and what warp and warp-cfa share reads that as one of warp: the common parameters, buffers and tables stand in the same places.
import { cubicOfTaps, gatherTaps, listTaps } from './cfa-cubic';
import { exactSite } from './cfa-exact';
import { interiorSites, ONE_F, prepareInterior, THREE } from './cfa-interior';
import { lanczosValues } from './cfa-lanczos';
import { firstColumn, firstRow, hasBlanks } from './cfa-lattice';
import { regionOf } from './cfa-region';
import { siteLists, tapPitch } from './cfa-sites';
import { bendOf, fourValues, siteValues } from './cfa-sums';
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  MAP_STRIDE,
  WARP_BILINEAR,
  WARP_CUBIC,
  WARP_LANCZOS3,
  WarpCfaJob as Job,
  WarpWindowJob as Call,
} from '../layout';
import { blockPolynomials, mayTouch, rowPositions } from '../warp/warp-positions';
import { blankRow, levelled, levelTerm, storeLanes } from '../warp/warp-rows';
import * as scratchOf from '../warp/warp-scratch';
import { isInside, rowSpans } from '../warp/warp-spans';
import { isClear, leastTap } from '../warp/warp-taps';

export function warpWindow(call: usize, from: u32, to: u32, scratch: usize): void {
  const across = (Call.cellWidth(call) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const pitch = <usize>Call.cellWidth(call) * 4;
  const plane = pitch * Call.cellHeight(call);
  const slot = Call.cube_at(call) + <usize>Call.slot(call) * 3 * plane;
  for (let b = from; b < to; b++) {
    const target = slot + pitch * BLOCK_SIZE * (b / across) + <usize>(b % across) * BLOCK_SIZE * 4;
    if (mayShow(call, b)) warpRows(call, b, 0, BLOCK_SIZE, target, pitch, plane, scratch);
  }
}

/** False where block `b` of the cell is blank: there nothing is to be written (blank-blocks.ts). */
export function mayShow(call: usize, b: u32): bool {
  const touches = mayTouch(call, Call.map_at(call) + <usize>b * MAP_STRIDE * 4);
  store<u8>(Call.blankBlocks_at(call) + <usize>b * Call.slots(call) + Call.slot(call), touches ? 0 : 1);
  return touches;
}

/** Rows `first` to `end` of block `b` of the cell, as far as it has them, into planes `plane` bytes apart, with rows `pitch` bytes apart, from `target` on. */
export function warpRows(call: usize, b: u32, first: u32, end: u32, target: usize, pitch: usize, plane: usize, scratch: usize): void {
  const across = (Call.cellWidth(call) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const columns = min(BLOCK_SIZE, Call.cellWidth(call) - (b % across) * BLOCK_SIZE);
  const last = min(end, Call.cellHeight(call) - b / across * BLOCK_SIZE);
  if (first >= last) return;
  const block = Call.map_at(call) + <usize>b * MAP_STRIDE * 4;
  const reach = reachOf(call);
  const inside = isInside(call, block, reach);
  const job = regionOf(call, block, first, last, reach, scratch + scratchOf.CFA_BYTES);
  const blanks = hasBlanks(job);
  prepareInterior(job, beforeOf(job), scratch);
  blockPolynomials(block, scratch);
  for (let y = first; y < last; y++) {
    rowSpans(call, block, y, columns, inside, reach, scratch);
    blockRow(job, block, y, columns, target, plane, blanks, scratch);
    target += pitch;
  }
}

/** Taps before the central one, along each axis; bilinear is done as cubic. */
// @ts-ignore: decorator
@inline
function beforeOf(job: usize): i32 {
  return Job.kernel(job) == WARP_LANCZOS3 ? 2 : 1;
}

/** How far taps lie from a position, in pixels: sites are two pixels apart, along a row or diagonally. */
// @ts-ignore: decorator
@inline
function reachOf(job: usize): f64 {
  return 2 * <f64>beforeOf(job) + 2;
}

/** One row of one block in all colours, each from `target` on, `plane` bytes apart, whose spans are known. */
function blockRow(
  job: usize,
  block: usize,
  row: u32,
  columns: u32,
  target: usize,
  plane: usize,
  blanks: bool,
  scratch: usize,
): void {
  const first = load<u32>(scratch, scratchOf.SPANS);
  const inner = load<u32>(scratch, scratchOf.SPANS + 4);
  const innerEnd = load<u32>(scratch, scratchOf.SPANS + 8);
  const end = load<u32>(scratch, scratchOf.SPANS + 12);
  for (let c: u32 = 0; c < 3; c++) {
    blankRow(0, min(first, columns), target + c * plane);
    blankRow(end, columns, target + c * plane);
  }
  edgeColumns(job, block, row, first, inner, columns, target, plane, blanks, scratch);
  edgeColumns(job, block, row, innerEnd, end, columns, target, plane, blanks, scratch);
  if (inner >= innerEnd) return;
  interiorSites(job, block, row, inner, innerEnd, scratch);
  for (let c: u32 = 0; c < 3; c++) {
    interiorColumns(job, c, inner, innerEnd, columns, target + c * plane, scratch);
  }
  if (!blanks) return;
  for (let c: u32 = 0; c < 3; c++) {
    let fours = blankFours(tapPitch(job, c), inner, innerEnd, beforeOf(job), scratch + c * scratchOf.SITES_BYTES);
    if (Job.kernel(job) == WARP_CUBIC) {
      if (fours != 0) cubicFours(job, c, fours, columns, target + c * plane, scratch);
      continue;
    }
    // Runs of columns, four by four.
    while (fours != 0) {
      const from = <u32>ctz(fours);
      const length = <u32>ctz(~(fours >> from));
      fours = fours >> (from + length) << (from + length);
      rowPositions(job, block, row, 4 * from, 4 * (from + length), scratch);
      edgeColour(job, c, 4 * from, 4 * (from + length), columns, target + c * plane, true, scratch);
    }
  }
}

/** A bit for every four of the columns `from` to `to` that have a blank among their taps, none of which is missing, by the list of sites at `sites`. */
function blankFours(pitch: usize, from: u32, to: u32, before: i32, sites: usize): u32 {
  let bits: u32 = 0;
  let i = from;
  do {
    const list = sites + <usize>i * 4;
    let least = leastTap(load<u32>(list, scratchOf.SITE_TAP), pitch, before);
    least = f32x4.pmin(least, leastTap(load<u32>(list, scratchOf.SITE_TAP + 4), pitch, before));
    least = f32x4.pmin(least, leastTap(load<u32>(list, scratchOf.SITE_TAP + 8), pitch, before));
    least = f32x4.pmin(least, leastTap(load<u32>(list, scratchOf.SITE_TAP + 12), pitch, before));
    bits |= <u32>!i32x4.all_true(f32x4.gt(least, f32x4.splat(BLANK_LIMIT))) << (i >> 2);
    i += 4;
  } while (i < to);
  return bits;
}

/** Samples once more of those of the columns of `fours` that have a blank among their taps, none of which is missing: of one colour, cubic. */
function cubicFours(job: usize, c: u32, fours: u32, columns: u32, target: usize, scratch: usize): void {
  const pitch = tapPitch(job, c);
  const sites = scratch + c * scratchOf.SITES_BYTES;
  const taps = scratch + scratchOf.TAPS;
  const limit = f32x4.splat(BLANK_LIMIT);
  const gain = levelTerm(job, c, 0);
  const l0 = levelTerm(job, c, 1);
  const lx = levelTerm(job, c, 2);
  const ly = levelTerm(job, c, 3);
  const lxx = levelTerm(job, c, 4);
  const lxy = levelTerm(job, c, 5);
  const lyy = levelTerm(job, c, 6);
  do {
    const i = 4 * <usize>ctz(fours);
    const list = sites + i * 4;
    const clear = f32x4.gt(listTaps(pitch, list, taps), limit);
    const value = cubicOfTaps(v128.load(list, scratchOf.SITE_FRACTION_X), v128.load(list, scratchOf.SITE_FRACTION_Y), taps);
    const sample = levelled(value, scratch + i * 4, gain, l0, lx, ly, lxx, lxy, lyy);
    const holds = f32x4.gt(value, limit);
    v128.store(taps, v128.bitselect(sample, f32x4.splat(BLANK_VALUE), holds));
    for (let lanes = ~i32x4.bitmask(clear) & 15; lanes != 0; lanes &= lanes - 1) {
      const lane = <usize>ctz(lanes);
      const x = <u32>(i + lane);
      if (x < columns) store<f32>(target + <usize>x * 4, load<f32>(taps + lane * 4));
    }
    fours &= fours - 1;
  } while (fours != 0);
}

/** Columns `from` to `to` of all colours, of which some may lie outside the frame or lack taps. */
function edgeColumns(
  job: usize,
  block: usize,
  row: u32,
  from: u32,
  to: u32,
  columns: u32,
  target: usize,
  plane: usize,
  blanks: bool,
  scratch: usize,
): void {
  if (from >= to) return;
  const any = rowPositions(job, block, row, from, to, scratch);
  for (let c: u32 = 0; c < 3; c++) {
    const colour = target + c * plane;
    if (any) edgeColour(job, c, from, to, columns, colour, blanks, scratch);
    else blankRow(from, min(to, columns), colour);
  }
}

/** Columns `from` to `to` of one colour, whose positions are listed. */
function edgeColour(job: usize, c: u32, from: u32, to: u32, columns: u32, target: usize, blanks: bool, scratch: usize): void {
  const sites = scratch + c * scratchOf.SITES_BYTES;
  const pitch = tapPitch(job, c);
  const before = beforeOf(job);
  siteLists(job, c, from, to, before, scratch);
  if (blanks) leaveBlanks(pitch, from, to, 2 * before + 2, sites, scratch);
  if (Job.kernel(job) == WARP_LANCZOS3) lanczosValues(pitch, from, to, Job.lanczosPhases_at(job), sites, scratch);
  else siteValues(pitch, from, to, Job.kernel(job) == WARP_BILINEAR, sites, scratch);
  finishEdge(job, c, from, to, columns, target, scratch);
}

function leaveBlanks(pitch: usize, from: usize, to: usize, taps: u32, sites: usize, scratch: usize): void {
  for (let i = from; i < to; i++) {
    if (!isClear(load<u32>(sites + i * 4, scratchOf.SITE_TAP), pitch, taps)) store<i32>(scratch + i * 4, 0, scratchOf.WHOLE);
  }
}

/** Samples of one colour whose taps are all there. */
function interiorColumns(job: usize, c: u32, from: u32, to: u32, columns: u32, target: usize, scratch: usize): void {
  const gain = levelTerm(job, c, 0);
  const l0 = levelTerm(job, c, 1);
  const lx = levelTerm(job, c, 2);
  const ly = levelTerm(job, c, 3);
  const lxx = levelTerm(job, c, 4);
  const lxy = levelTerm(job, c, 5);
  const lyy = levelTerm(job, c, 6);
  const pitch = tapPitch(job, c);
  const sites = scratch + c * scratchOf.SITES_BYTES;
  if (Job.kernel(job) == WARP_LANCZOS3) {
    lanczosValues(pitch, from, to, Job.lanczosPhases_at(job), sites, scratch);
    for (let i: usize = from; i < <usize>to; i += 4) {
      const list = scratch + i * 4;
      const value = v128.load(list, scratchOf.VALUE);
      storeLanes(target + i * 4, levelled(value, list, gain, l0, lx, ly, lxx, lxy, lyy), columns - <u32>i);
    }
    return;
  }
  const bend = bendOf(Job.kernel(job) == WARP_BILINEAR);
  const constants = scratch + scratchOf.CONSTANTS;
  let i: usize = from;
  do {
    const list = scratch + i * 4;
    const one = v128.load(constants, ONE_F);
    const three = v128.load(constants, THREE);
    const value = fourValues(pitch, sites + i * 4, bend, one, three, scratch + scratchOf.COLUMN_SUMS);
    storeLanes(target + i * 4, levelled(value, list, gain, l0, lx, ly, lxx, lxy, lyy), columns - <u32>i);
    i += 4;
  } while (i < <usize>to);
}

/** Levels and writes columns `from` to `to`, those with taps that are missing or blank one by one. */
function finishEdge(job: usize, c: u32, from: u32, to: u32, columns: u32, target: usize, scratch: usize): void {
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
  const a = <i32>firstColumn(job, c);
  const b = <i32>firstRow(job, c);
  const cubic = Job.kernel(job) == WARP_CUBIC;
  let i: usize = from;
  do {
    const list = scratch + i * 4;
    const inside = i32x4.ne(v128.load(list, scratchOf.TAP), outside);
    // A blank among the taps, or taps outside the window.
    const rest = v128.andnot(inside, v128.load(list, scratchOf.WHOLE));
    if (v128.any_true(rest)) {
      if (cubic) cubicSites(job, c, rest, list, scratch + c * scratchOf.SITES_BYTES + i * 4, scratch + scratchOf.TAPS);
      else exactSites(job, c, a, b, i, i32x4.bitmask(rest), scratch);
    }
    const value = v128.load(list, scratchOf.VALUE);
    const holds = v128.and(inside, f32x4.gt(value, limit));
    const sample = levelled(value, list, gain, l0, lx, ly, lxx, lxy, lyy);
    storeLanes(target + i * 4, v128.bitselect(sample, blank, holds), columns - <u32>i);
    i += 4;
  } while (i < <usize>to);
}

/** Computes the pixels of `rest`, of four. */
function cubicSites(job: usize, c: u32, rest: v128, list: usize, site: usize, taps: usize): void {
  gatherTaps(job, c, v128.load(list, scratchOf.SITE_M), v128.load(list, scratchOf.SITE_N), taps);
  const value = cubicOfTaps(v128.load(site, scratchOf.SITE_FRACTION_X), v128.load(site, scratchOf.SITE_FRACTION_Y), taps);
  v128.store(list, v128.bitselect(value, v128.load(list, scratchOf.VALUE), rest), scratchOf.VALUE);
}

/** Computes the columns of `rest` from column `i` on, one by one. */
function exactSites(job: usize, c: u32, a: i32, b: i32, i: usize, rest: i32, scratch: usize): void {
  while (rest != 0) {
    const column = i + <usize>ctz(rest);
    store<f32>(scratch + column * 4, exactSite(job, c, a, b, column, scratch), scratchOf.VALUE);
    rest &= rest - 1;
  }
}

// Where the pixels of a row lie among the sites of one colour (contract warp-cfa): lists of first taps and fractions.
import { GREEN } from './cfa';
import {
  firstColumn,
  firstGreenRow,
  firstRow,
  greenParity,
  greenRowBytes,
  isWide,
  squareRowBytes,
} from './cfa-lattice';
import { WarpCfaJob as Job } from './layout';
import * as scratchOf from './warp-scratch';

/** Bytes from a tap to the one at the next n and the same m: along green's diagonals they lie one row up and one column on. */
export function tapPitch(job: usize, c: u32): usize {
  if (c != GREEN) return squareRowBytes(job);
  return isWide(job) ? greenRowBytes(job) - 4 : greenRowBytes(job) + 4;
}

/** Fills SITE_TAP, WHOLE and the fractions for a kernel whose taps begin `before` sites before the central one and end one further behind it. */
export function siteLists(job: usize, c: u32, columns: u32, before: i32, scratch: usize): void {
  if (c == GREEN) greenLists(job, columns, before, scratch);
  else squareLists(job, c, columns, before, scratch);
}

// @ts-ignore: decorator
@inline
function halved(whole: v128, fraction: v128): v128 {
  const odd = f32x4.convert_i32x4_s(v128.and(whole, i32x4.splat(1)));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(odd, fraction));
}

/** Where taps are missing the offset is 0, so that what is read there, and not used, lies inside the memory. */
// @ts-ignore: decorator
@inline
function storeTap(offset: v128, whole: v128, list: usize): void {
  v128.store(list, v128.and(offset, whole), scratchOf.SITE_TAP);
  v128.store(list, whole, scratchOf.WHOLE);
}

function squareLists(job: usize, c: u32, columns: u32, before: i32, scratch: usize): void {
  const a = <i32>firstColumn(job, c);
  const b = <i32>firstRow(job, c);
  // Sites along each axis from which all others follow.
  const others = 2 * before + 1;
  const firstsX = i32x4.splat(max((<i32>Job.windowWidth(job) - a + 1) / 2 - others, 0));
  const firstsY = i32x4.splat(max((<i32>Job.windowHeight(job) - b + 1) / 2 - others, 0));
  const row = i32x4.splat(<i32>squareRowBytes(job));
  const ahead = i32x4.splat(before);
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const x = i32x4.sub(v128.load(list, scratchOf.PIXEL_X), i32x4.splat(a));
    const y = i32x4.sub(v128.load(list, scratchOf.PIXEL_Y), i32x4.splat(b));
    v128.store(list, halved(x, v128.load(list, scratchOf.FRACTION_X)), scratchOf.SITE_FRACTION_X);
    v128.store(list, halved(y, v128.load(list, scratchOf.FRACTION_Y)), scratchOf.SITE_FRACTION_Y);
    const m = i32x4.sub(i32x4.shr_s(x, 1), ahead);
    const n = i32x4.sub(i32x4.shr_s(y, 1), ahead);
    const whole = v128.and(i32x4.lt_u(m, firstsX), i32x4.lt_u(n, firstsY));
    storeTap(i32x4.add(i32x4.mul(n, row), i32x4.shl(m, 2)), whole, list);
  }
}

function greenLists(job: usize, columns: u32, before: i32, scratch: usize): void {
  const g = <i32>greenParity(job);
  const parity = i32x4.splat(g);
  const pitch = i32x4.splat(<i32>tapPitch(job, GREEN));
  // Of the site (0, 0), less what lies before it.
  const rows = (before + firstGreenRow(job)) * <i32>greenRowBytes(job);
  const start = i32x4.splat((isWide(job) ? 0 : 4 * (g - 2 * before)) - rows);
  // The square of sites stands on a corner: that far it reaches to the left and upwards, and as many pixels follow.
  const left = i32x4.splat(2 * before);
  const above = i32x4.splat(2 * before + 1);
  const others = 4 * before + 2;
  const firstsX = i32x4.splat(max(<i32>Job.windowWidth(job) - others, 0));
  const firstsY = i32x4.splat(max(<i32>Job.windowHeight(job) - others, 0));
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const px = v128.load(list, scratchOf.PIXEL_X);
    const py = v128.load(list, scratchOf.PIXEL_Y);
    const fx = v128.load(list, scratchOf.FRACTION_X);
    const fy = v128.load(list, scratchOf.FRACTION_Y);
    const q = f32x4.add(fx, fy);
    const r = f32x4.sub(fx, fy);
    const floorQ = f32x4.floor(q);
    const floorR = f32x4.floor(r);
    const s = i32x4.add(i32x4.sub(i32x4.add(px, py), parity), i32x4.trunc_sat_f32x4_s(floorQ));
    const t = i32x4.add(i32x4.sub(i32x4.sub(px, py), parity), i32x4.trunc_sat_f32x4_s(floorR));
    v128.store(list, halved(s, f32x4.sub(q, floorQ)), scratchOf.SITE_FRACTION_X);
    v128.store(list, halved(t, f32x4.sub(r, floorR)), scratchOf.SITE_FRACTION_Y);
    const m = i32x4.shr_s(s, 1);
    const n = i32x4.shr_s(t, 1);
    const x = i32x4.add(i32x4.add(m, n), parity);
    const y = i32x4.sub(m, n);
    const whole = v128.and(
      i32x4.lt_u(i32x4.sub(x, left), firstsX),
      i32x4.lt_u(i32x4.sub(y, above), firstsY),
    );
    storeTap(i32x4.add(i32x4.add(i32x4.mul(n, pitch), i32x4.shl(m, 2)), start), whole, list);
  }
}

// Where the pixels of a row lie among the sites of one colour (contract warp-cfa), in pixels of the window.
import { colourAt, GREEN } from './cfa';
import { WarpCfaJob as Job } from './layout';
import { halfRowBytes } from './split-cfa';
import * as scratchOf from './warp-scratch';

/** Column and row of the colour's first site in the window's 2x2 tile; for green the sum of both is the parity of its sites' x + y. */
// @ts-ignore: decorator
@inline
export function firstColumn(job: usize, c: u32): u32 {
  return firstSite(job, c) & 1;
}

// @ts-ignore: decorator
@inline
export function firstRow(job: usize, c: u32): u32 {
  return firstSite(job, c) >> 1;
}

function firstSite(job: usize, c: u32): u32 {
  const x = <u32>Job.windowX(job);
  const y = <u32>Job.windowY(job);
  for (let site: u32 = 0; site < 4; site++) {
    if (colourAt(Job.pattern(job), x + (site & 1), y + (site >> 1)) == c) return site;
  }
  return 0;
}

/** Fills SITE_TAP, SITE_ODD_TAP (green) and the fractions. */
export function siteLists(job: usize, c: u32, columns: u32, scratch: usize): void {
  if (c == GREEN) greenLists(job, columns, scratch);
  else squareLists(job, c, columns, scratch);
}

// @ts-ignore: decorator
@inline
function halved(whole: v128, fraction: v128): v128 {
  const odd = f32x4.convert_i32x4_s(v128.and(whole, i32x4.splat(1)));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(odd, fraction));
}

/** Offsets where all taps are in the window, PARTIAL elsewhere, OUTSIDE where the position is. */
// @ts-ignore: decorator
@inline
function tapOr(offset: v128, whole: v128, list: usize): v128 {
  const outside = i32x4.splat(scratchOf.OUTSIDE);
  const tap = v128.bitselect(offset, i32x4.splat(scratchOf.PARTIAL), whole);
  return v128.bitselect(outside, tap, i32x4.eq(v128.load(list, scratchOf.TAP), outside));
}

function squareLists(job: usize, c: u32, columns: u32, scratch: usize): void {
  const a = <i32>firstColumn(job, c);
  const b = <i32>firstRow(job, c);
  const width = <i32>Job.windowWidth(job);
  const height = <i32>Job.windowHeight(job);
  const half = <i32>halfRowBytes(width);
  // Sites along each axis from which three others follow.
  const firstsX = i32x4.splat(max((width - a + 1) / 2 - 3, 0));
  const firstsY = i32x4.splat(max((height - b + 1) / 2 - 3, 0));
  const start = i32x4.splat(b * 2 * half + a * half);
  const row = i32x4.splat(4 * half);
  const one = i32x4.splat(1);
  for (let i: usize = 0; i < columns; i += 4) {
    const list = scratch + i * 4;
    const x = i32x4.sub(v128.load(list, scratchOf.PIXEL_X), i32x4.splat(a));
    const y = i32x4.sub(v128.load(list, scratchOf.PIXEL_Y), i32x4.splat(b));
    v128.store(list, halved(x, v128.load(list, scratchOf.FRACTION_X)), scratchOf.SITE_FRACTION_X);
    v128.store(list, halved(y, v128.load(list, scratchOf.FRACTION_Y)), scratchOf.SITE_FRACTION_Y);
    const m = i32x4.sub(i32x4.shr_s(x, 1), one);
    const n = i32x4.sub(i32x4.shr_s(y, 1), one);
    const whole = v128.and(i32x4.lt_u(m, firstsX), i32x4.lt_u(n, firstsY));
    const offset = i32x4.add(i32x4.add(i32x4.mul(n, row), i32x4.shl(m, 2)), start);
    v128.store(list, tapOr(offset, whole, list), scratchOf.SITE_TAP);
  }
}

/** Green site (m, n) lies at x = m + n + parity, y = m - n: taps that have a row in common are neighbours among the row's greens. */
function greenLists(job: usize, columns: u32, scratch: usize): void {
  const parity = i32x4.splat(<i32>(firstColumn(job, GREEN) ^ firstRow(job, GREEN)));
  const width = <i32>Job.windowWidth(job);
  const half = i32x4.splat(<i32>halfRowBytes(width));
  const pitch = i32x4.splat(2 * <i32>halfRowBytes(width));
  // Rows up to three away are read in vectors of four greens, from five pixels before to seven behind the central site.
  const firstsX = i32x4.splat(max(width - 12, 0));
  const firstsY = i32x4.splat(max(<i32>Job.windowHeight(job) - 6, 0));
  const one = i32x4.splat(1);
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
      i32x4.lt_u(i32x4.sub(x, i32x4.splat(5)), firstsX),
      i32x4.lt_u(i32x4.sub(y, i32x4.splat(3)), firstsY),
    );
    // The row of the site, from one green before it; and the row above, from the green that lies up and left.
    const before = i32x4.sub(x, one);
    const even = i32x4.add(
      i32x4.add(i32x4.mul(y, pitch), i32x4.mul(v128.and(x, one), half)),
      i32x4.shl(i32x4.sub(i32x4.shr_s(x, 1), one), 2),
    );
    const odd = i32x4.add(
      i32x4.add(i32x4.mul(i32x4.sub(y, one), pitch), i32x4.mul(v128.and(before, one), half)),
      i32x4.shl(i32x4.shr_s(before, 1), 2),
    );
    v128.store(list, tapOr(even, whole, list), scratchOf.SITE_TAP);
    v128.store(list, odd, scratchOf.SITE_ODD_TAP);
  }
}

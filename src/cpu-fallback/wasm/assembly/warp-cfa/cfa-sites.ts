// Where the pixels of a row lie among the sites of a colour (contract warp-cfa): lists of first taps and fractions.
import { GREEN } from '../cfa';
import {
  firstColumn,
  firstGreenRow,
  firstRow,
  greenParity,
  greenRowBytes,
  isWide,
  planeAt,
  squareRowBytes,
} from './cfa-lattice';
import { WarpCfaJob as Job } from '../layout';
import * as scratchOf from '../warp/warp-scratch';

/** Bytes from a tap to the one at the next n and the same m: along green's diagonals they lie one row up and one column on. */
export function tapPitch(job: usize, c: u32): usize {
  if (c != GREEN) return squareRowBytes(job);
  return isWide(job) ? greenRowBytes(job) - 4 : greenRowBytes(job) + 4;
}

/** Address of the first tap of the site (0, 0), where taps begin `before` sites before the central one. */
export function firstTapAt(job: usize, c: u32, before: i32): usize {
  const plane = planeAt(job, c);
  if (c != GREEN) return plane - before * (squareRowBytes(job) + 4);
  const aside = isWide(job) ? 0 : 4 * (<i32>greenParity(job) - 2 * before);
  return plane + aside - (before + firstGreenRow(job)) * <i32>greenRowBytes(job);
}

/** Number of the site at or before `x`, whose fraction is `f`, of red or blue along one axis; stores its own fraction. */
// @ts-ignore: decorator
@inline
export function squareSite(x: v128, f: v128, one: v128, half: v128, fraction: usize): v128 {
  v128.store(fraction, f32x4.mul(half, f32x4.add(f32x4.convert_i32x4_s(v128.and(x, one)), f)));
  return i32x4.shr_s(x, 1);
}

/** Number of green's site along m, at the sum `s` of whole coordinates, less the parity, and `q` of fractions; stores its own fraction. */
// @ts-ignore: decorator
@inline
export function siteAlongM(s: v128, q: v128, one: v128, half: v128, oneF: v128, fraction: usize): v128 {
  const over = f32x4.ge(q, oneF);
  return squareSite(i32x4.sub(s, over), f32x4.sub(q, v128.and(over, oneF)), one, half, fraction);
}

/** The same along n, with differences. */
// @ts-ignore: decorator
@inline
export function siteAlongN(t: v128, r: v128, one: v128, half: v128, oneF: v128, fraction: usize): v128 {
  const under = f32x4.lt(r, f32x4.splat(0));
  return squareSite(i32x4.add(t, under), f32x4.add(r, v128.and(under, oneF)), one, half, fraction);
}

/** Address of the first tap of site (m, n). */
// @ts-ignore: decorator
@inline
export function tapOf(m: v128, n: v128, pitch: v128, first: v128): v128 {
  return i32x4.add(first, i32x4.add(i32x4.mul(n, pitch), i32x4.shl(m, 2)));
}

/** Sites of red or blue across the window; for green its pixels, of which every second is one. */
export function sitesAcross(job: usize, c: u32): i32 {
  const width = <i32>Job.windowWidth(job);
  return c == GREEN ? width : (width - <i32>firstColumn(job, c) + 1) / 2;
}

/** The same from top to bottom. */
export function sitesDown(job: usize, c: u32): i32 {
  const height = <i32>Job.windowHeight(job);
  return c == GREEN ? height : (height - <i32>firstRow(job, c) + 1) / 2;
}

/**
 * Fills WHOLE, the numbers of sites and the lists of colour `c`, columns `from` to `to`, for a kernel whose taps begin `before` sites before the central one and end one further
 * behind it. Where taps are missing those at the start of the plane stand in: what is read there is not used.
 */
export function siteLists(job: usize, c: u32, from: usize, to: usize, before: i32, scratch: usize): void {
  const sites = scratch + c * scratchOf.SITES_BYTES;
  const first = i32x4.splat(<i32>firstTapAt(job, c, before));
  const start = i32x4.splat(<i32>planeAt(job, c));
  const pitch = i32x4.splat(<i32>tapPitch(job, c));
  const green = c == GREEN;
  const originX = i32x4.splat(green ? <i32>greenParity(job) : <i32>firstColumn(job, c));
  const originY = i32x4.splat(green ? 0 : <i32>firstRow(job, c));
  // How far taps reach to the left and upwards, in window pixels or sites, and how many follow from there.
  const left = i32x4.splat(green ? 2 * before : before);
  const above = i32x4.splat(green ? 2 * before + 1 : before);
  const others = green ? 4 * before + 2 : 2 * before + 1;
  const firstsX = i32x4.splat(max(sitesAcross(job, c) - others, 0));
  const firstsY = i32x4.splat(max(sitesDown(job, c) - others, 0));
  const one = i32x4.splat(1);
  const half = f32x4.splat(0.5);
  const oneF = f32x4.splat(1);
  let i = from;
  do {
    const list = scratch + i * 4;
    const site = sites + i * 4;
    const x = i32x4.sub(v128.load(list, scratchOf.PIXEL_X), originX);
    const y = i32x4.sub(v128.load(list, scratchOf.PIXEL_Y), originY);
    const fx = v128.load(list, scratchOf.FRACTION_X);
    const fy = v128.load(list, scratchOf.FRACTION_Y);
    const atX = site + scratchOf.SITE_FRACTION_X;
    const atY = site + scratchOf.SITE_FRACTION_Y;
    let m: v128, n: v128, reachX: v128, reachY: v128;
    if (green) {
      m = siteAlongM(i32x4.add(x, y), f32x4.add(fx, fy), one, half, oneF, atX);
      n = siteAlongN(i32x4.sub(x, y), f32x4.sub(fx, fy), one, half, oneF, atY);
      reachX = i32x4.add(i32x4.add(m, n), originX);
      reachY = i32x4.sub(m, n);
    } else {
      m = squareSite(x, fx, one, half, atX);
      n = squareSite(y, fy, one, half, atY);
      reachX = m;
      reachY = n;
    }
    const whole = v128.and(
      i32x4.lt_u(i32x4.sub(reachX, left), firstsX),
      i32x4.lt_u(i32x4.sub(reachY, above), firstsY),
    );
    v128.store(list, whole, scratchOf.WHOLE);
    v128.store(list, m, scratchOf.SITE_M);
    v128.store(list, n, scratchOf.SITE_N);
    v128.store(site, v128.bitselect(tapOf(m, n, pitch, first), start, whole), scratchOf.SITE_TAP);
    i += 4;
  } while (i < to);
}

// Cubic values of one colour where taps are blank or outside the window, four pixels at a time: in f64, every sum in the order of the taps, as the contract
// (warp-cfa) has it. What lacks nothing is done in cfa-sums.ts.
import { GREEN } from '../cfa';
import { greenParity, planeAt } from './cfa-lattice';
import { firstTapAt, sitesAcross, sitesDown, tapOf, tapPitch } from './cfa-sites';
import { BLANK_LIMIT, BLANK_VALUE, WarpCfaJob as Job } from '../layout';
import * as scratchOf from '../warp/warp-scratch';

/** Taps along each axis. */
const SIDE: usize = 4;
/** Bytes of a tap of four pixels. */
const TAP: usize = 16;

/** Lists the taps of four sites of `list` that has all of them, `[n, m, pixel]`; returns the least of every pixel. */
export function listTaps(pitch: usize, list: usize, taps: usize): v128 {
  let p = <usize>load<u32>(list, scratchOf.SITE_TAP);
  let q = <usize>load<u32>(list, scratchOf.SITE_TAP + 4);
  let r = <usize>load<u32>(list, scratchOf.SITE_TAP + 8);
  let s = <usize>load<u32>(list, scratchOf.SITE_TAP + 12);
  let least = f32x4.splat(Infinity);
  for (let n: usize = 0; n < SIDE; n++) {
    const a = v128.load(p);
    const b = v128.load(q);
    const c = v128.load(r);
    const d = v128.load(s);
    const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    const first = v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5);
    const second = v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7);
    const third = v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5);
    const fourth = v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7);
    v128.store(taps, first);
    v128.store(taps, second, TAP);
    v128.store(taps, third, 2 * TAP);
    v128.store(taps, fourth, 3 * TAP);
    least = f32x4.pmin(least, f32x4.pmin(f32x4.pmin(first, second), f32x4.pmin(third, fourth)));
    p += pitch;
    q += pitch;
    r += pitch;
    s += pitch;
    taps += SIDE * TAP;
  }
  return least;
}

/** The same of sites (m, n) of colour `c` that may lack taps, which count as blank. */
export function gatherTaps(job: usize, c: u32, m: v128, n: v128, taps: usize): void {
  const green = c == GREEN;
  const first = i32x4.splat(<i32>firstTapAt(job, c, 0));
  const start = i32x4.splat(<i32>planeAt(job, c));
  const pitch = i32x4.splat(<i32>tapPitch(job, c));
  const parity = i32x4.splat(<i32>greenParity(job));
  const across = i32x4.splat(sitesAcross(job, c));
  const down = i32x4.splat(sitesDown(job, c));
  const blank = f32x4.splat(BLANK_VALUE);
  for (let j = -1; j < 3; j++) {
    const tapN = i32x4.add(n, i32x4.splat(j));
    for (let i = -1; i < 3; i++) {
      const tapM = i32x4.add(m, i32x4.splat(i));
      const x = green ? i32x4.add(i32x4.add(tapM, tapN), parity) : tapM;
      const y = green ? i32x4.sub(tapM, tapN) : tapN;
      const inside = v128.and(i32x4.lt_u(x, across), i32x4.lt_u(y, down));
      const at = v128.bitselect(tapOf(tapM, tapN, pitch, first), start, inside);
      let tap = v128.load32_zero(<usize><u32>i32x4.extract_lane(at, 0));
      tap = v128.load32_lane(<usize><u32>i32x4.extract_lane(at, 1), tap, 1);
      tap = v128.load32_lane(<usize><u32>i32x4.extract_lane(at, 2), tap, 2);
      tap = v128.load32_lane(<usize><u32>i32x4.extract_lane(at, 3), tap, 3);
      v128.store(taps, v128.bitselect(tap, blank, inside));
      taps += TAP;
    }
  }
}

/** Values at fractions `fm` and `fn` between the sites of the listed taps; BLANK_VALUE where too little is valid. */
export function cubicOfTaps(fm: v128, fn: v128, taps: usize): v128 {
  const end = taps + SIDE * SIDE * TAP;
  const low = pairOfTaps(f64x2.promote_low_f32x4(fm), f64x2.promote_low_f32x4(fn), taps, end);
  const highM = f64x2.promote_low_f32x4(v128.shuffle<f32>(fm, fm, 2, 3, 2, 3));
  const highN = f64x2.promote_low_f32x4(v128.shuffle<f32>(fn, fn, 2, 3, 2, 3));
  return v128.shuffle<f32>(low, pairOfTaps(highM, highN, taps + 8, end), 0, 1, 4, 5);
}

/** Of two pixels, whose taps stand at `taps`; behind those of all there is room for four vectors. */
function pairOfTaps(fm: v128, fn: v128, taps: usize, end: usize): v128 {
  const limit = f64x2.splat(BLANK_LIMIT);
  // About the first valid tap: constants stay constant.
  let first = tapAt(taps);
  for (let at = taps + TAP; at < end; at += TAP) {
    const known = f64x2.gt(first, limit);
    if (i64x2.all_true(known)) break;
    first = v128.bitselect(first, tapAt(at), known);
  }
  const gm = f64x2.sub(f64x2.splat(1), fm);
  const gn = f64x2.sub(f64x2.splat(1), fn);
  const m0 = outer(fm, gm);
  const m1 = inner(fm);
  const m2 = inner(gm);
  const m3 = outer(gm, fm);
  v128.store(end, outer(fn, gn));
  v128.store(end, inner(fn), 16);
  v128.store(end, inner(gn), 32);
  v128.store(end, outer(gn, fn), 48);
  let sums = f64x2.splat(0);
  let weights = f64x2.splat(0);
  let ofRow = end;
  do {
    const n = v128.load(ofRow);
    let v = tapAt(taps);
    let valid = f64x2.gt(v, limit);
    let weight = f64x2.mul(n, m0);
    sums = f64x2.add(sums, part(v, first, valid, weight));
    weights = f64x2.add(weights, v128.and(weight, valid));
    v = tapAt(taps + TAP);
    valid = f64x2.gt(v, limit);
    weight = f64x2.mul(n, m1);
    sums = f64x2.add(sums, part(v, first, valid, weight));
    weights = f64x2.add(weights, v128.and(weight, valid));
    v = tapAt(taps + 2 * TAP);
    valid = f64x2.gt(v, limit);
    weight = f64x2.mul(n, m2);
    sums = f64x2.add(sums, part(v, first, valid, weight));
    weights = f64x2.add(weights, v128.and(weight, valid));
    v = tapAt(taps + 3 * TAP);
    valid = f64x2.gt(v, limit);
    weight = f64x2.mul(n, m3);
    sums = f64x2.add(sums, part(v, first, valid, weight));
    weights = f64x2.add(weights, v128.and(weight, valid));
    ofRow += 16;
    taps += SIDE * TAP;
  } while (ofRow < end + SIDE * 16);
  const value = f64x2.add(first, f64x2.div(sums, weights));
  const holds = f64x2.ge(weights, f64x2.splat(0.5));
  return f32x4.demote_f64x2_zero(v128.bitselect(value, f64x2.splat(BLANK_VALUE), holds));
}

// @ts-ignore: decorator
@inline
function tapAt(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** What a tap adds to the sum about the first one: where it is not valid, 0. */
// @ts-ignore: decorator
@inline
function part(v: v128, first: v128, valid: v128, weight: v128): v128 {
  return f64x2.mul(weight, f64x2.sub(v128.bitselect(v, first, valid), first));
}

/** Weight of a tap more than a site away, at the fractions `f` and `g`, of which the sum is 1. */
// @ts-ignore: decorator
@inline
function outer(f: v128, g: v128): v128 {
  return f64x2.mul(f64x2.mul(f64x2.mul(f64x2.splat(-0.5), f), g), g);
}

/** Weight of a tap `f` away. */
// @ts-ignore: decorator
@inline
function inner(f: v128): v128 {
  const bend = f64x2.sub(f64x2.mul(f64x2.splat(1.5), f), f64x2.splat(2.5));
  return f64x2.add(f64x2.splat(1), f64x2.mul(f64x2.mul(f, f), bend));
}

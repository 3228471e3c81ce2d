// Cubic and bilinear values of one colour, four pixels at a time: the sites' rows first, then their columns. Each step adds weighted differences to the
// site before the position, whose own weight is never needed: constants stay constant. Bilinear has outer weights of 0.
import * as scratchOf from '../warp/warp-scratch';

/** Difference of two rows of sites, weighted. */
// @ts-ignore: decorator
@inline
function part(at: usize, central: v128, weight: v128): v128 {
  return f32x4.mul(f32x4.sub(v128.load(at), central), weight);
}

/**
 * Stores the four columns at `p`, whose rows lie `pitch` apart, at one fraction of n. The engine's compiler moves loads up to the last store: without
 * one for each pixel it would load the taps of all four first and have no registers for them.
 */
// @ts-ignore: decorator
@inline
function storeColumns(p: usize, pitch: usize, w0: v128, w2: v128, w3: v128, target: usize): void {
  const central = v128.load(p + pitch);
  const q = p + 2 * pitch;
  const inner = f32x4.add(central, part(q, central, w2));
  v128.store(target, f32x4.add(inner, f32x4.add(part(p, central, w0), part(q + pitch, central, w3))));
}

/** Fills VALUE of columns `from` to `to` by the lists of sites at `sites`. */
export function siteValues(pitch: usize, from: usize, to: usize, bilinear: bool, sites: usize, scratch: usize): void {
  const bend = bendOf(bilinear);
  const one = f32x4.splat(1);
  const three = f32x4.splat(3);
  let i = from;
  do {
    const value = fourValues(pitch, sites + i * 4, bend, one, three, scratch + scratchOf.COLUMN_SUMS);
    v128.store(scratch + i * 4, value, scratchOf.VALUE);
    i += 4;
  } while (i < to);
}

// @ts-ignore: decorator
@inline
export function bendOf(bilinear: bool): v128 {
  return f32x4.splat(bilinear ? 0 : -0.5);
}

/**
 * Four values at the sites of `list`; `sums` has room for four vectors. `bend` is -1/2 for the cubic of Keys, 0 for bilinear: with g = 1 - f
 * and t = bend f g the weights of the taps -1, 1 and 2 are t g, f + t (1 - 3 f) and t f. `one` and `three` are 1 and 3.
 */
// @ts-ignore: decorator
@inline
export function fourValues(pitch: usize, list: usize, bend: v128, one: v128, three: v128, sums: usize): v128 {
  const fn = v128.load(list, scratchOf.SITE_FRACTION_Y);
  const gn = f32x4.sub(one, fn);
  const tn = f32x4.mul(f32x4.mul(bend, fn), gn);
  const w0 = f32x4.mul(tn, gn);
  const w2 = f32x4.add(fn, f32x4.mul(tn, f32x4.sub(one, f32x4.mul(three, fn))));
  const w3 = f32x4.mul(tn, fn);
  storeColumns(
    load<u32>(list, scratchOf.SITE_TAP),
    pitch,
    v128.shuffle<f32>(w0, w0, 0, 0, 0, 0),
    v128.shuffle<f32>(w2, w2, 0, 0, 0, 0),
    v128.shuffle<f32>(w3, w3, 0, 0, 0, 0),
    sums,
  );
  storeColumns(
    load<u32>(list, scratchOf.SITE_TAP + 4),
    pitch,
    v128.shuffle<f32>(w0, w0, 1, 1, 1, 1),
    v128.shuffle<f32>(w2, w2, 1, 1, 1, 1),
    v128.shuffle<f32>(w3, w3, 1, 1, 1, 1),
    sums + 16,
  );
  storeColumns(
    load<u32>(list, scratchOf.SITE_TAP + 8),
    pitch,
    v128.shuffle<f32>(w0, w0, 2, 2, 2, 2),
    v128.shuffle<f32>(w2, w2, 2, 2, 2, 2),
    v128.shuffle<f32>(w3, w3, 2, 2, 2, 2),
    sums + 32,
  );
  storeColumns(
    load<u32>(list, scratchOf.SITE_TAP + 12),
    pitch,
    v128.shuffle<f32>(w0, w0, 3, 3, 3, 3),
    v128.shuffle<f32>(w2, w2, 3, 3, 3, 3),
    v128.shuffle<f32>(w3, w3, 3, 3, 3, 3),
    sums + 48,
  );
  const a = v128.load(sums);
  const b = v128.load(sums, 16);
  const c = v128.load(sums, 32);
  const d = v128.load(sums, 48);
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  const central = v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7);
  const d0 = f32x4.sub(v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5), central);
  const d2 = f32x4.sub(v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), central);
  const d3 = f32x4.sub(v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), central);
  const fm = v128.load(list, scratchOf.SITE_FRACTION_X);
  const gm = f32x4.sub(one, fm);
  const tm = f32x4.mul(f32x4.mul(bend, fm), gm);
  return f32x4.add(
    f32x4.add(central, f32x4.mul(d2, f32x4.add(fm, f32x4.mul(tm, f32x4.sub(one, f32x4.mul(three, fm)))))),
    f32x4.add(f32x4.mul(d0, f32x4.mul(tm, gm)), f32x4.mul(d3, f32x4.mul(tm, fm))),
  );
}

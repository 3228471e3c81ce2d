// What the stretch of a picture is chosen by: src/output/picture/stretch.ts and sky-statistics.ts say what is right.
import { f32At, putF32, putU32 } from '../words';

/** Copies every `step`th of `count` values (f32) at `values`, from number `first` on, to `out`; how many these are. */
export function thinned(values: usize, count: u32, first: u32, step: u32, out: usize): u32 {
  let n: u32 = 0;
  for (let at = first; at < count; at += step, n++) store<u32>(out + (<usize>n << 2), load<u32>(values + (<usize>at << 2)));
  return n;
}

/** The same of those that are finite. */
export function thinnedFinite(values: usize, count: u32, first: u32, step: u32, out: usize): u32 {
  let n: u32 = 0;
  for (let at = first; at < count; at += step) {
    const v = load<f32>(values + (<usize>at << 2));
    if (v - v == 0) putF32(out, n++, v);
  }
  return n;
}

/** Sums of three planes (f32), less a sky and times a gain each, of the pixels where these are finite, to `out`, which may be one of the planes; how many these are. */
export function luminances(
  a: usize,
  b: usize,
  c: usize,
  count: u32,
  skyA: f64,
  skyB: f64,
  skyC: f64,
  gainA: f64,
  gainB: f64,
  gainC: f64,
  out: usize,
): u32 {
  let n: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const one = <f32>(gainA * (f32At(a, k) - skyA));
    const two = <f32>(<f64>one + gainB * (f32At(b, k) - skyB));
    const light = <f32>(<f64>two + gainC * (f32At(c, k) - skyC));
    if (light - light == 0) putF32(out, n++, light);
  }
  return n;
}

/** The mean of those of `count` ascending values (f32) that lie in the first window of `width` that holds most of them. */
export function densestMean(sorted: usize, count: u32, width: f64): f64 {
  let first: u32 = 0;
  let most: u32 = 0;
  // a window is looked into only beyond the number that the best one so far holds
  for (let start: u32 = 0; start + most < count; start++) {
    const limit = f32At(sorted, start) + width;
    if (!(f32At(sorted, start + most) <= limit)) continue;
    while (start + most < count && f32At(sorted, start + most) <= limit) most++;
    first = start;
  }
  let sum: f64 = 0;
  for (let k = first; k < first + most; k++) sum += f32At(sorted, k);
  return sum / <f64>most;
}

/** Copies those of `count` values (f32) from `low` to `high` to `out`, and says how many lie below at `below` (u32); how many these are. */
export function valuesBetween(values: usize, count: u32, low: f64, high: f64, below: usize, out: usize): u32 {
  let less: u32 = 0;
  let n: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const v = f32At(values, k);
    if (v < low) less++;
    else if (v <= high) putF32(out, n++, v);
  }
  putU32(below, 0, less);
  return n;
}

// The twin is `FilteredSamples.list` in src/astrometry/stars/filtered-samples.ts.

/**
 * Columns from x0 to x1 - 1 of the row at `row` (f32, rows `stride` samples apart) that lie above `least`, no lower than their four neighbours, and whose parabolas
 * rise above `needed`; to `out` (u32). Returns how many.
 */
export function listPeaks(row: usize, stride: u32, x0: u32, x1: u32, least: f64, needed: f64, out: usize): u32 {
  const below = <usize>stride * 4;
  const bound = f32x4.splat(<f32>least);
  let target = out;
  let x = x0;
  // what is above a bound in float64 is no lower than that bound in float32
  for (; x + 4 <= x1; x += 4) {
    const at = row + <usize>x * 4;
    const v = v128.load(at);
    const high = f32x4.ge(v, bound);
    if (!v128.any_true(high)) continue;
    const along = v128.and(f32x4.ge(v, v128.load(at - 4)), f32x4.ge(v, v128.load(at, 4)));
    const across = v128.and(f32x4.ge(v, v128.load(at - below)), f32x4.ge(v, v128.load(at + below)));
    let lanes = i32x4.bitmask(v128.and(high, v128.and(along, across)));
    for (; lanes != 0; lanes &= lanes - 1) {
      const k = x + ctz(lanes);
      if (!isPromising(row + <usize>k * 4, below, least, needed)) continue;
      store<u32>(target, k);
      target += 4;
    }
  }
  for (; x < x1; x++) {
    if (!isPromising(row + <usize>x * 4, below, least, needed)) continue;
    store<u32>(target, x);
    target += 4;
  }
  return <u32>((target - out) >> 2);
}

function isPromising(at: usize, below: usize, least: f64, needed: f64): bool {
  const v = <f64>load<f32>(at);
  if (v <= least) return false;
  const left = <f64>load<f32>(at - 4);
  const right = <f64>load<f32>(at, 4);
  const before = <f64>load<f32>(at - below);
  const after = <f64>load<f32>(at + below);
  if (v < left || v < right || v < before || v < after) return false;
  return v + lift(v, left, right) + lift(v, before, after) > needed;
}

// @ts-ignore: decorator
@inline
function lift(middle: f64, before: f64, after: f64): f64 {
  const curvature = 2 * middle - before - after;
  return curvature > 0 ? ((after - before) * (after - before)) / (8 * curvature) : 0;
}

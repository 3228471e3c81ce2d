// The figures of a square of the mosaic: src/quality/sky-noise.ts says what they are.
import { countedMedian } from '../counted-median';

/**
 * Every second pixel of every second row of the square of `side` pixels at `values` and `sigmas` (f32, rows `stride` pixels apart), `lag` pixels from its sides: to
 * `out` (f64) go the medians of squares of second differences over their variance, of sigmas, and of values. False where a square has no value. `scratch` has room
 * for two numbers of 8 bytes for each pixel. Between its lags a row has a multiple of eight pixels.
 */
export function noiseSquare(
  values: usize,
  sigmas: usize,
  stride: u32,
  side: u32,
  lag: u32,
  scratch: usize,
  out: usize,
): bool {
  const reach = <usize>lag << 2;
  const pixels = (side >> 1) * ((side - 2 * lag) >> 1);
  const ownSigmas = scratch + (<usize>pixels << 3);
  const ownValues = ownSigmas + (<usize>pixels << 2);
  let n: usize = 0;
  for (let y: u32 = 0; y < side; y += 2) {
    let known = i64x2.splat(-1);
    for (let x = lag; x < side - lag; x += 8, n += 16) {
      const offset = <usize>(y * stride + x) << 2;
      const v = values + offset;
      const s = sigmas + offset;
      const level = everySecond(v);
      const sigma = everySecond(s);
      v128.store(ownValues + n, level);
      v128.store(ownSigmas + n, sigma);
      const left = everySecond(v - reach);
      const right = everySecond(v + reach);
      const before = everySecond(s - reach);
      const after = everySecond(s + reach);
      const first = squares(left, level, right, before, sigma, after);
      const second = squares(upper(left), upper(level), upper(right), upper(before), upper(sigma), upper(after));
      v128.store(scratch + 2 * n, first);
      v128.store(scratch + 2 * n, second, 16);
      const none = f64x2.splat(0);
      known = v128.and(known, v128.and(f64x2.ge(first, none), f64x2.ge(second, none)));
    }
    if (!i64x2.all_true(known)) return false;
  }
  store<f64>(out, countedMedian<f64>(scratch, pixels, 0));
  store<f64>(out, countedMedian<f32>(ownSigmas, pixels, 0), 8);
  store<f64>(out, countedMedian<f32>(ownValues, pixels, 0), 16);
  return true;
}

/** Four of the eight floats at `at`. */
// @ts-ignore: decorator
@inline
function everySecond(at: usize): v128 {
  return i32x4.shuffle(v128.load(at), v128.load(at, 16), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return i64x2.shuffle(v, v, 1, 1);
}

/** Of the lower two of four pixels. */
// @ts-ignore: decorator
@inline
function squares(left: v128, middle: v128, right: v128, before: v128, here: v128, after: v128): v128 {
  const twice = f64x2.mul(f64x2.splat(2), f64x2.promote_low_f32x4(middle));
  const z = f64x2.add(f64x2.sub(f64x2.promote_low_f32x4(left), twice), f64x2.promote_low_f32x4(right));
  const own = square(f64x2.promote_low_f32x4(here));
  const sides = f64x2.add(square(f64x2.promote_low_f32x4(before)), f64x2.mul(f64x2.splat(4), own));
  return f64x2.div(square(z), f64x2.add(sides, square(f64x2.promote_low_f32x4(after))));
}

// @ts-ignore: decorator
@inline
function square(v: v128): v128 {
  return f64x2.mul(v, v);
}

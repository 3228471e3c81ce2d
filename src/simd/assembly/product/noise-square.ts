// The figures of a square of the mosaic: src/quality/sky-noise.ts says what they are.
import { medianOf } from '../select';

/**
 * Every second pixel of every second row of the square of `side` pixels at `values` and `sigmas` (f32, rows `stride` pixels apart), `lag` pixels from its sides: to
 * `out` (f64) go the medians of squares of second differences over their variance, of sigmas, and of values. False where a square has no value. `scratch` has room
 * for three numbers of 8 bytes for each pixel.
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
  const spare = scratch + (<usize>pixels << 3);
  let n: usize = 0;
  for (let y: u32 = 0; y < side; y += 2) {
    for (let x = lag; x < side - lag; x += 2, n += 8) {
      const offset = <usize>(y * stride + x) << 2;
      const v = values + offset;
      const s = sigmas + offset;
      const z = <f64>load<f32>(v - reach) - 2 * <f64>load<f32>(v) + <f64>load<f32>(v + reach);
      const before = <f64>load<f32>(s - reach);
      const here = <f64>load<f32>(s);
      const after = <f64>load<f32>(s + reach);
      const square = (z * z) / (before * before + 4 * (here * here) + after * after);
      if (!(square >= 0)) return false;
      store<f64>(scratch + n, square);
    }
  }
  store<f64>(out, medianOf<f64>(scratch, pixels, spare));
  store<f64>(out, medianOfSquare(sigmas, stride, side, lag, scratch), 8);
  store<f64>(out, medianOfSquare(values, stride, side, lag, scratch), 16);
  return true;
}

function medianOfSquare(plane: usize, stride: u32, side: u32, lag: u32, scratch: usize): f64 {
  let n: usize = 0;
  for (let y: u32 = 0; y < side; y += 2)
    for (let x = lag; x < side - lag; x += 2, n += 4)
      store<f32>(scratch + n, load<f32>(plane + (<usize>(y * stride + x) << 2)));
  return medianOf<f32>(scratch, <u32>(n >> 2), scratch + n);
}

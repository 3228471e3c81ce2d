// What lies around the defects of a sensor, and what they get of it; src/pipeline/integrate/windows/repair-defects.ts says how.
import { f64At, putF64, putU32, u32At } from '../words';

/** Stands for a neighbour that there is not. */
const NONE: u32 = 0xffffffff;

/**
 * Of `count` defects (u32 at `pixels`, y * nx + x, ascending) those in the `width` x `height` pixels from (x0, y0) on: their places there to `places` (u32), and for each to `around` (u32)
 * those of its eight neighbours at distance `step`; NONE for one that lies outside or is a defect. Returns how many defects.
 */
export function soundNeighbours(
  pixels: usize,
  count: u32,
  nx: u32,
  x0: i32,
  y0: i32,
  width: i32,
  height: i32,
  step: i32,
  places: usize,
  around: usize,
): u32 {
  let found: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const pixel = u32At(pixels, k);
    const j = <i32>(pixel / nx) - y0;
    const i = <i32>(pixel % nx) - x0;
    if (<u32>i >= <u32>width || <u32>j >= <u32>height) continue;
    let n = 8 * found;
    for (let y = j - step; y <= j + step; y += step) {
      for (let x = i - step; x <= i + step; x += step) {
        if (x == i && y == j) continue;
        const isThere = <u32>x < <u32>width && <u32>y < <u32>height && !holds(pixels, count, (y0 + y) * nx + x0 + x);
        putU32(around, n++, isThere ? y * width + x : NONE);
      }
    }
    putU32(places, found++, j * width + i);
  }
  return found;
}

function holds(sorted: usize, count: u32, value: u32): bool {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u32At(sorted, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low < count && u32At(sorted, low) == value;
}

/** Medians of `count` times eight values (f64 at `values`, which it sorts) of those that are numbers, to `out` (f64): the mean of the middle two of an even number, NaN of none. */
export function neighbourMedians(values: usize, count: u32, out: usize): void {
  for (let k: u32 = 0; k < count; k++) {
    const eight = values + (<usize>k << 6);
    let n: u32 = 0;
    for (let i: u32 = 0; i < 8; i++) {
      const value = f64At(eight, i);
      if (value != value) continue;
      let to = n++;
      for (; to > 0 && f64At(eight, to - 1) > value; to--) putF64(eight, to, f64At(eight, to - 1));
      putF64(eight, to, value);
    }
    const half = n >> 1;
    const middle = n == 0 ? NaN : (n & 1) == 1 ? f64At(eight, half) : 0.5 * (f64At(eight, half - 1) + f64At(eight, half));
    putF64(out, k, middle);
  }
}

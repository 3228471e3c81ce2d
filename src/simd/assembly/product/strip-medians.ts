// Medians of strips of pixels beside a line: src/quality/seams.ts says which.
import { countedMedian } from '../counted-median';
import { f64At } from '../words';

/**
 * Where the samples of `strips` strips lie, to `out` (i32): at `x + a ux + r vx`, `y + a uy + r vy`, to the nearest pixel, for a from -`half` to `half` and r over the reach of a strip, the
 * first and last of which stand at `reaches` (f64); as the number of a pixel in a ring of `ringRows` rows (a power of two) of `nx` columns, -1 beyond these and rows y0 to y1 - 1.
 */
export function stripPlaces(
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  reaches: usize,
  strips: u32,
  across: f64,
  half: f64,
  along: f64,
  nx: i32,
  y0: i32,
  y1: i32,
  ringRows: i32,
  out: usize,
): void {
  for (let s: u32 = 0; s < strips; s++) {
    const to = f64At(reaches, 2 * s + 1);
    for (let r = f64At(reaches, 2 * s); r <= to; r += across) {
      for (let a = -half; a <= half; a += along) {
        const px = <i32>floor<f64>(x + a * ux + r * vx + 0.5);
        const py = <i32>floor<f64>(y + a * uy + r * vy + 0.5);
        const inside = px >= 0 && px < nx && py >= y0 && py < y1;
        store<i32>(out, inside ? (py & (ringRows - 1)) * nx + px : -1);
        out += 4;
      }
    }
  }
}

/** The median of `count` values (f32, a multiple of 4) at `values`, NaN left out; NaN where fewer than `least` are left. */
export function stripMedian(values: usize, count: u32, least: f64): f64 {
  return countedMedian<f32>(values, count, least);
}

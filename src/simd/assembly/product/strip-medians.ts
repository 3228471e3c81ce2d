// Medians of strips of pixels beside a line: src/quality/seams.ts says which.
import { countedMedian } from '../counted-median';
import { f64At, i32At } from '../words';

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

/**
 * The step at an edge, the slope of the sky taken off, by the medians of six strips of `count` samples (a multiple of 4) of a ring (f32) at `ring`, whose numbers (i32) stand at
 * `places`, -1 for none: outer and inner strip of the line outside, of the edge, and of the line inside. NaN where one has fewer than `least` values that are not NaN.
 * `spare` has room for the values of a strip.
 */
export function edgeStep(ring: usize, places: usize, count: u32, least: f64, spare: usize): f64 {
  const pair = <usize>(2 * count) << 2;
  // what lacks a sky lacks it far out first
  const far = lineStep(ring, places, count, least, spare);
  if (far != far) return NaN;
  const step = lineStep(ring, places + pair, count, least, spare);
  return step - (lineStep(ring, places + 2 * pair, count, least, spare) + far) / 2;
}

/** Median of the outer strip less that of the inner one. */
function lineStep(ring: usize, places: usize, count: u32, least: f64, spare: usize): f64 {
  const outer = stripMedian(ring, places, count, least, spare);
  if (outer != outer) return NaN;
  return outer - stripMedian(ring, places + (<usize>count << 2), count, least, spare);
}

function stripMedian(ring: usize, places: usize, count: u32, least: f64, spare: usize): f64 {
  for (let k: u32 = 0; k < count; k++) {
    const place = i32At(places, k);
    store<f32>(spare + (<usize>k << 2), place < 0 ? <f32>NaN : load<f32>(ring + (<usize>place << 2)));
  }
  return countedMedian<f32>(spare, count, least);
}

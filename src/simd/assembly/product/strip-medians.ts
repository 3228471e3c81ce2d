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

/** The median of `count` values (f32, a multiple of 4) at `values`, NaN left out; NaN where fewer than `least` are left. */
export function stripMedian(values: usize, count: u32, least: f64): f64 {
  return countedMedian<f32>(values, count, least);
}

/**
 * Outside less inside, the mean of the same at the lines beside it taken off, of six strips of `samples` pixels (a multiple of 4) of the plane (f32) at `plane` whose numbers stand at `places`:
 * the outer and inner ones of the line outside, of the edge, and of the line inside. NaN where one has fewer than `least` values. `values` has room for a strip.
 */
export function edgeStep(plane: usize, places: usize, samples: u32, values: usize, least: f64): f64 {
  const far = sidesOf(plane, places, samples, values, least);
  if (far != far) return far;
  const own = sidesOf(plane, places + (<usize>samples << 3), samples, values, least);
  if (own != own) return own;
  const near = sidesOf(plane, places + (<usize>samples << 4), samples, values, least);
  return own - (near + far) / 2;
}

/** Outer less inner. */
function sidesOf(plane: usize, places: usize, samples: u32, values: usize, least: f64): f64 {
  const outer = medianAt(plane, places, samples, values, least);
  if (outer != outer) return outer;
  return outer - medianAt(plane, places + (<usize>samples << 2), samples, values, least);
}

function medianAt(plane: usize, places: usize, samples: u32, values: usize, least: f64): f64 {
  for (let k: u32 = 0; k < samples; k++) {
    const place = i32At(places, k);
    const v = load<f32>(plane + (<isize>place << 2));
    store<f32>(values + (<usize>k << 2), select<f32>(NaN, v, place < 0));
  }
  return countedMedian<f32>(values, samples, least);
}

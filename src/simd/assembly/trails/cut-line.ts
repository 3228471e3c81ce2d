// The samples about a line, piece by piece along it.
import { f32At, putF32 } from '../words';

/** Samples along a piece of a line. */
export const PIECE: i32 = 8;
/** Parts of a sample across. */
export const FINE: i32 = 2;
/** Samples to either side of the line that are looked at. */
export const REACH: i32 = 24;
export const ACROSS: i32 = 2 * REACH * FINE + 1;

/** A filtered frame (f32 at `data`, rows `width` apart) and the columns and rows of it that count: first, and one behind the last. */
@unmanaged
export class Coarse {
  data: usize;
  width: i32;
  x0: i32;
  x1: i32;
  y0: i32;
  y1: i32;
}

/** x nx + y ny = offset. */
@unmanaged
export class Line {
  nx: f64;
  ny: f64;
  offset: f64;
}

/** Pieces f32 [count, ACROSS] along a line from `start` on: means of the samples, NaN where there are none. */
@unmanaged
export class Pieces {
  start: f64;
  means: usize;
  count: i32;
}

/** Pieces that a line through so many samples comes to at most. */
export function mostPieces(nx: i32, ny: i32): i32 {
  return (nx + ny) / PIECE + 2;
}

/** Means of the samples about a line: `pieces` within `out`; both that and `counts` have room for f32 [mostPieces, ACROSS]. */
export function cutLine(coarse: Coarse, line: Line, out: usize, counts: usize, pieces: Pieces): void {
  const x0 = coarse.x0, x1 = coarse.x1, y0 = coarse.y0, y1 = coarse.y1;
  const data = coarse.data, width = coarse.width;
  const nx = line.nx, ny = line.ny, offset = line.offset;
  const left = <f64>x0 * ny, right = <f64>(x1 - 1) * ny, top = <f64>y0 * nx, bottom = <f64>(y1 - 1) * nx;
  const lowest = min<f64>(min<f64>(left - top, right - top), min<f64>(left - bottom, right - bottom));
  const highest = max<f64>(max<f64>(left - top, right - top), max<f64>(left - bottom, right - bottom));
  const most = <i32>ceil<f64>((highest - lowest + 1) / PIECE);
  const bytes = <usize>(most * ACROSS) << 2;
  memory.fill(out, 0, bytes);
  memory.fill(counts, 0, bytes);
  const isSteep = abs<f64>(nx) > abs<f64>(ny);
  // along the axis that the line is nearer to, then across
  const a0 = isSteep ? y0 : x0, a1 = isSteep ? y1 : x1, b0 = isSteep ? x0 : y0, b1 = isSteep ? x1 : y1;
  const na = isSteep ? ny : nx, nb = isSteep ? nx : ny;
  const reach = (<f64>REACH + 0.25) / abs<f64>(nb);
  for (let a = a0; a < a1; a++) {
    const middle = (offset - <f64>a * na) / nb;
    const last = <i32>min<f64>(<f64>(b1 - 1), floor<f64>(middle + reach));
    for (let b = <i32>max<f64>(<f64>b0, ceil<f64>(middle - reach)); b <= last; b++) {
      const x = isSteep ? b : a, y = isSteep ? a : b;
      const across = <i32>rounded(<f64>FINE * (<f64>x * nx + <f64>y * ny - offset)) + REACH * FINE;
      if (across < 0 || across >= ACROSS) continue;
      const piece = <i32>floor<f64>((<f64>x * ny - <f64>y * nx - lowest) / PIECE);
      const at = <u32>(piece * ACROSS + across);
      putF32(out, at, f32At(out, at) + f32At(data, <u32>(y * width + x)));
      putF32(counts, at, f32At(counts, at) + 1);
    }
  }
  let first = 0;
  while (first < most && !isWithin(coarse, line, lowest + (<f64>first + 0.5) * PIECE)) first++;
  let end = first;
  while (end < most && isWithin(coarse, line, lowest + (<f64>end + 0.5) * PIECE)) end++;
  for (let k = <u32>(first * ACROSS); k < <u32>(end * ACROSS); k++) putF32(out, k, f32At(out, k) / f32At(counts, k));
  pieces.start = lowest + <f64>(first * PIECE);
  pieces.means = out + (<usize>(first * ACROSS) << 2);
  pieces.count = end - first;
}

/** Whether the place `t` along the line lies in the frame. */
function isWithin(coarse: Coarse, line: Line, t: f64): bool {
  const x = line.offset * line.nx + t * line.ny, y = line.offset * line.ny - t * line.nx;
  return x >= <f64>coarse.x0 && x < <f64>coarse.x1 && y >= <f64>coarse.y0 && y < <f64>coarse.y1;
}

/** The nearest whole number, halves upwards. */
export function rounded(v: f64): f64 {
  const up = ceil<f64>(v);
  return up - 0.5 > v ? up - 1 : up;
}

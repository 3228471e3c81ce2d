// The stars that a picture is balanced by: src/output/picture/star-balance.ts says what they are for.
import { ranked } from '../select';
import { f32At, putF32, putF64, putU32, u32At } from '../words';

/**
 * The highest value of every piece of `piece` pixels (a multiple of 4) of `rows` rows of `nx` pixels (f32) at `values`, NaN left out, to `out` (f32); -Infinity
 * where there is none. Returns the highest of all.
 */
export function rowMaxima(values: usize, nx: u32, rows: u32, piece: u32, out: usize): f32 {
  let highest: f32 = -Infinity;
  for (let y: u32 = 0; y < rows; y++) {
    for (let x: u32 = 0; x < nx; x += piece) {
      const most = highestOf(values + (<usize>x << 2), min<u32>(piece, nx - x));
      store<f32>(out, most);
      out += 4;
      highest = max<f32>(highest, most);
    }
    values += <usize>nx << 2;
  }
  return highest;
}

function highestOf(values: usize, count: u32): f32 {
  let highest = f32x4.splat(-Infinity);
  let at: u32 = 0;
  // pmax keeps the first where the second is NaN
  for (; at + 4 <= count; at += 4) highest = f32x4.pmax(highest, v128.load(values + (<usize>at << 2)));
  let most = max<f32>(
    max<f32>(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1)),
    max<f32>(f32x4.extract_lane(highest, 2), f32x4.extract_lane(highest, 3)),
  );
  for (; at < count; at++) {
    const v = load<f32>(values + (<usize>at << 2));
    if (v > most) most = v;
  }
  return most;
}

/**
 * Pixels between `low` and `high` that none of the eight around them exceeds, in the columns from `from` to `to` - 1 of `rows` rows of `nx` pixels (f32) at `values`,
 * with a row before them and one behind: their numbers from pixel `base` on, in their order, to `numbers` (u32), and their values to `found` (f32). `maxima` are those
 * of the rows' pieces. Returns how many.
 */
export function pictureStars(
  values: usize,
  nx: u32,
  rows: u32,
  from: u32,
  to: u32,
  maxima: usize,
  piece: u32,
  low: f64,
  high: f64,
  base: u32,
  numbers: usize,
  found: usize,
): u32 {
  const pieces = (nx + piece - 1) / piece;
  const row = <usize>nx << 2;
  let count: u32 = 0;
  for (let y: u32 = 0; y < rows; y++) {
    for (let p: u32 = 0; p < pieces; p++) {
      if (!(f32At(maxima, y * pieces + p) > low)) continue;
      const end = min<u32>(to, (p + 1) * piece);
      for (let x = max<u32>(from, p * piece); x < end; x++) {
        const at = values + ((<usize>y * nx + x) << 2);
        const v = load<f32>(at);
        if (!(<f64>v > low && <f64>v < high) || exceeded(at, row, v)) continue;
        putU32(numbers, count, base + y * nx + x);
        putF32(found, count, v);
        count++;
      }
    }
  }
  return count;
}

function exceeded(at: usize, row: usize, v: f32): bool {
  for (let line = at - row; line <= at + row; line += row)
    if (load<f32>(line - 4) > v || load<f32>(line) > v || load<f32>(line + 4) > v) return true;
  return false;
}

/**
 * The colour of a star in the middle of squares of `2 reach + 1` pixels of R, G and B (f32, one behind the other) at `squares`: the sums of red and of blue over 5 x 5 pixels,
 * less the median of the square's border, over that of green, to `out` (f64). False where one is not above 0 or a border has a gap, or where the star stands out of
 * the border by less than half of what it does of the sky, `level` in green. `spare` has room for 3 times as many floats as a border.
 */
export function pictureStarColour(squares: usize, reach: i32, level: f64, spare: usize, out: usize): bool {
  const side = 2 * reach + 1;
  const bytes = <usize>(side * side) << 2;
  const greens = squares + bytes;
  const top = f32At(greens, reach * side + reach);
  const ground = borderMedian(greens, side, spare);
  if (top - ground < 0.5 * (top - level)) return false;
  const green = light(greens, reach, ground);
  const red = light(squares, reach, borderMedian(squares, side, spare));
  const blues = greens + bytes;
  const blue = light(blues, reach, borderMedian(blues, side, spare));
  if (!(green > 0 && red > 0 && blue > 0)) return false;
  putF64(out, 0, red / green);
  putF64(out, 1, blue / green);
  return true;
}

/** Sum over 5 x 5 pixels less the level of the border; NaN near blanks. */
function light(square: usize, reach: i32, ground: f64): f64 {
  const side = 2 * reach + 1;
  let sum: f64 = 0;
  for (let y = reach - 2; y <= reach + 2; y++)
    for (let x = reach - 2; x <= reach + 2; x++) sum += f32At(square, y * side + x);
  return sum - 25 * ground;
}

/** Corners count twice; NaN near blanks. */
function borderMedian(square: usize, side: i32, spare: usize): f64 {
  let n: u32 = 0;
  for (let k = 0; k < side; k++) {
    putF32(spare, n++, f32At(square, k));
    putF32(spare, n++, f32At(square, (side - 1) * side + k));
    putF32(spare, n++, f32At(square, k * side));
    putF32(spare, n++, f32At(square, k * side + side - 1));
  }
  for (let k: u32 = 0; k < n; k++) {
    const v = f32At(spare, k);
    if (v != v) return NaN;
  }
  return <f64>ranked<f32>(spare, n, n >> 1, spare + (<usize>n << 2));
}

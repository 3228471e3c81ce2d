// The straight line that most marks lie on beyond what chance puts there; src/astrometry/trails/row-of-marks.ts says how.
import { f64At, i32At, putF64, putI32 } from '../words';

/** Places across a line are whole numbers of this part of a box: less than a tenth of one is lost over 1000 boxes. */
const UNIT_BITS = 14;
const UNIT = 1 << UNIT_BITS;
/** A sine of less than this is that of an axis. */
const FLAT: f64 = 1e-9;

/**
 * Of the lines x cos + y sin = offset, offset a whole number, with `angles` directions (cos and sin of each, f64, at `directions`), the one with the greatest excess of marks (i32 `xs`, `ys`,
 * `count` of them, among nx x ny boxes) within a box over those of chance, in square roots of the latter. To `out`: number of the direction, offset, excess, f64 each. Returns 1, or 0 where
 * none has more than `least` of all that cross `leastChord` boxes. `votes` has room for `bins` = ceil(hypot(nx, ny)) + nx + 4 i32, four times.
 */
export function strongestRow(
  xs: usize,
  ys: usize,
  count: u32,
  nx: i32,
  ny: i32,
  directions: usize,
  angles: u32,
  least: f64,
  leastChord: f64,
  votes: usize,
  bins: u32,
  out: usize,
): u32 {
  const share = <f64>(2 * count) / <f64>(nx * ny);
  const zero = nx + 1;
  const start = zero * UNIT;
  // no longer line needs fewer
  const needed = share * leastChord + least * sqrt<f64>(share * leastChord);
  let most = least;
  let found: u32 = 0;
  for (let a: u32 = 0; a < angles; a++) {
    const cos = f64At(directions, 2 * a), sin = f64At(directions, 2 * a + 1);
    const across = <i32>floor<f64>(cos * UNIT + 0.5), down = <i32>floor<f64>(sin * UNIT + 0.5);
    vote(xs, ys, count, across, down, start, votes, bins);
    for (let r: u32 = 0; r + 1 < bins; r++) {
      const sum = <f64>(i32At(votes, r) + i32At(votes, r + 1));
      if (sum < needed) continue;
      const offset = <f64>(<i32>r + 1 - zero);
      const chord = chordOf(cos, sin, offset, nx, ny);
      if (chord < leastChord) continue;
      const excess = (sum - share * chord) / sqrt<f64>(share * chord);
      // without marks it is no number
      if (!(excess > most)) continue;
      most = excess;
      found = 1;
      putF64(out, 0, a);
      putF64(out, 1, offset);
      putF64(out, 2, excess);
    }
  }
  return found;
}

/** Counts marks by their places across lines of a direction; `votes` has room for four times the bins. Marks side by side are counted apart, for they often fall into one bin, and each would wait for the one before. */
function vote(xs: usize, ys: usize, count: u32, across: i32, down: i32, start: i32, votes: usize, bins: u32): void {
  const bytes = <usize>bins << 2;
  memory.fill(votes, 0, 4 * bytes);
  const end = xs + (<usize>(count & ~3) << 2);
  const columns = i32x4.splat(across), rows = i32x4.splat(down), first = i32x4.splat(start);
  for (; xs < end; xs += 16, ys += 16) {
    const place = i32x4.add(i32x4.add(i32x4.mul(v128.load(xs), columns), i32x4.mul(v128.load(ys), rows)), first);
    const bin = i32x4.shl(i32x4.shr_s(place, UNIT_BITS), 2);
    addVote(votes + i32x4.extract_lane(bin, 0));
    addVote(votes + bytes + i32x4.extract_lane(bin, 1));
    addVote(votes + 2 * bytes + i32x4.extract_lane(bin, 2));
    addVote(votes + 3 * bytes + i32x4.extract_lane(bin, 3));
  }
  for (let m: u32 = 0; m < (count & 3); m++)
    addVote(votes + (<usize>((i32At(xs, m) * across + i32At(ys, m) * down + start) >> UNIT_BITS) << 2));
  for (let r: u32 = 0; r < bins; r++)
    putI32(votes, r, i32At(votes, r) + i32At(votes, r + bins) + i32At(votes, r + 2 * bins) + i32At(votes, r + 3 * bins));
}

@inline
function addVote(at: usize): void {
  store<i32>(at, load<i32>(at) + 1);
}

/** Length of the line within the boxes. */
function chordOf(cos: f64, sin: f64, offset: f64, nx: i32, ny: i32): f64 {
  // points of the line: offset (cos, sin) + t (-sin, cos); along an axis it crosses the other never
  const alongY = abs<f64>(sin) < FLAT, alongX = abs<f64>(cos) < FLAT;
  const acrossX = <f64>nx / (2 * abs<f64>(sin)), acrossY = <f64>ny / (2 * abs<f64>(cos));
  // where the line passes the middle of the boxes along both axes
  const x = offset * cos - <f64>(nx - 1) / 2, y = offset * sin - <f64>(ny - 1) / 2;
  if (alongY) return abs<f64>(x) > <f64>nx / 2 ? 0 : 2 * acrossY;
  if (alongX) return abs<f64>(y) > <f64>ny / 2 ? 0 : 2 * acrossX;
  const atX = x / sin, atY = -y / cos;
  return max<f64>(0, min<f64>(atX + acrossX, atY + acrossY) - max<f64>(atX - acrossX, atY - acrossY));
}

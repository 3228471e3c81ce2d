// How the colours of a frame's stars go with those that all frames show: `src/pipeline/planning/frames/wrong-pattern.ts` says what is made of it.
import { medianOf } from '../select';
import { f32At, f64At, putF64, putU32, u32At } from '../words';

/**
 * Stars of one frame whose S/N is `leastSnr` and more and that have light in both colours, each number once, with ln(red / blue), the later one of a star that stands there twice; returns how many. `index` (into f32 `red`, `blue`, `snr`) and
 * `star` (their numbers) are u32 [count], `at` is u32 [numbers], zeros, as which it is left.
 */
export function starColours(
  red: usize,
  blue: usize,
  snr: usize,
  index: usize,
  star: usize,
  count: u32,
  leastSnr: f64,
  at: usize,
  outStar: usize,
  outColour: usize,
): u32 {
  let found: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const i = u32At(index, k);
    const r = f32At(red, i), b = f32At(blue, i);
    if (!(f32At(snr, i) >= leastSnr && r > 0 && b > 0)) continue;
    const number = u32At(star, k);
    let place = u32At(at, number);
    if (place == 0) {
      putU32(outStar, found, number);
      putU32(at, number, (place = ++found));
    }
    putF64(outColour, place - 1, Math.log(r / b));
  }
  for (let k: u32 = 0; k < found; k++) putU32(at, u32At(outStar, k), 0);
  return found;
}

/** Medians of the colours of stars that stand there `least` times and more, NaN for the others, to `common`: f64 [stars]. `start`, `to`: `sortByStar`; `shown` f64 [count], `spare` has room for twice as many as one star has. */
export function commonColours(
  star: usize,
  colour: usize,
  count: u32,
  stars: u32,
  least: u32,
  start: usize,
  to: usize,
  shown: usize,
  spare: usize,
  common: usize,
): void {
  sortByStar(star, count, stars, start, to);
  for (let k: u32 = 0; k < count; k++) putF64(shown, u32At(to, k), f64At(colour, k));
  for (let s: u32 = 0; s < stars; s++) {
    const from = u32At(start, s);
    const own = u32At(start, s + 1) - from;
    putF64(common, s, own >= least ? medianOf<f64>(shown + (<usize>from << 3), own, spare) : NaN);
  }
}

/**
 * How a frame's colours go with the common ones, about the medians of both, those further than `farthest` from them left out: without the one star that takes the slope down most, so that none alone tells it. The slope, its sigma, and the variance about it in units of
 * the variance of the common colours to `out`, f64 [3]; false where fewer than `least` stars tell. `x` and `y` have room for `count` f64, `spare` for twice as many.
 */
export function colourSlope(
  star: usize,
  colour: usize,
  count: u32,
  common: usize,
  least: u32,
  farthest: f64,
  x: usize,
  y: usize,
  spare: usize,
  out: usize,
): bool {
  let both: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const mean = f64At(common, u32At(star, k));
    if (isNaN(mean)) continue;
    putF64(x, both, mean);
    putF64(y, both++, f64At(colour, k));
  }
  if (both < least) return false;
  const x0 = medianOf<f64>(x, both, spare);
  const y0 = medianOf<f64>(y, both, spare);
  let points: u32 = 0;
  let allXx: f64 = 0, allXy: f64 = 0;
  for (let k: u32 = 0; k < both; k++) {
    const dx = f64At(x, k) - x0;
    const dy = f64At(y, k) - y0;
    if (!(abs(dx) < farthest && abs(dy) < farthest)) continue;
    putF64(x, points, dx);
    putF64(y, points++, dy);
    allXx += dx * dx;
    allXy += dx * dy;
  }
  if (points < least || allXx == 0) return false;
  let slope = -Infinity;
  let left: u32 = 0;
  for (let k: u32 = 0; k < points; k++) {
    const dx = f64At(x, k);
    const without = (allXy - dx * f64At(y, k)) / (allXx - dx * dx);
    if (!(without > slope)) continue;
    slope = without;
    left = k;
  }
  const xx = allXx - f64At(x, left) * f64At(x, left);
  let squares: f64 = 0;
  for (let k: u32 = 0; k < points; k++) squares += off(x, y, k, slope);
  squares -= off(x, y, left, slope);
  putF64(out, 0, slope);
  putF64(out, 1, sqrt<f64>(squares / <f64>(points - 3) / xx));
  putF64(out, 2, squares / xx);
  return true;
}

@inline
function off(x: usize, y: usize, k: u32, slope: f64): f64 {
  const rest = f64At(y, k) - slope * f64At(x, k);
  return rest * rest;
}

/**
 * Sorts `count` numbers of stars, below `stars`: what stands at place k of `star` goes to place `to[k]`, stars in turn and each one's in their order, those of star s from `start[s]` to `start[s + 1] - 1`.
 * u32 [count], [stars + 2], whose last word is spare.
 */
function sortByStar(star: usize, count: u32, stars: u32, start: usize, to: usize): void {
  memory.fill(start, 0, <usize>(stars + 2) << 2);
  // counted two places on: while places are given away each start moves to where it belongs
  for (let k: u32 = 0; k < count; k++) {
    const at = u32At(star, k) + 2;
    putU32(start, at, u32At(start, at) + 1);
  }
  for (let s: u32 = 2; s < stars + 2; s++) putU32(start, s, u32At(start, s) + u32At(start, s - 1));
  for (let k: u32 = 0; k < count; k++) {
    const at = u32At(star, k) + 1;
    const place = u32At(start, at);
    putU32(to, k, place);
    putU32(start, at, place + 1);
  }
}

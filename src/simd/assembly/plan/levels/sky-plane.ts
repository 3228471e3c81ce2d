// The plane under a sky that holds nebulae: `src/photometry/levels/sky-plane.ts` says what is sought, and what the constants are.
import { addF64, f64At, putF64 } from '../../words';

/**
 * Of `count` values at x, y (f64 each) those that are not NaN, thinned evenly to `most` at most: to v, and their places about the mean, in units of half the extent, to u and w. Returns
 * how many; the mean and half the extent along both axes, f64 [2, 2], to `out`.
 */
export function skyPlaneNodes(
  values: usize,
  x: usize,
  y: usize,
  count: u32,
  most: u32,
  v: usize,
  u: usize,
  w: usize,
  out: usize,
): u32 {
  let known: u32 = 0;
  for (let i: u32 = 0; i < count; i++) known += u32(!isNaN(f64At(values, i)));
  const stride = max<u32>(1, (known + most - 1) / most);
  let kept: u32 = 0;
  let number: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = f64At(values, i);
    if (isNaN(value) || number++ % stride != 0) continue;
    putF64(v, kept, value);
    putF64(u, kept, f64At(x, i));
    putF64(w, kept++, f64At(y, i));
  }
  centre(u, kept, out);
  centre(w, kept, out + 16);
  return kept;
}

function centre(places: usize, count: u32, out: usize): void {
  let sum: f64 = 0;
  let least: f64 = Infinity;
  let most: f64 = -Infinity;
  for (let k: u32 = 0; k < count; k++) {
    const place = f64At(places, k);
    sum += place;
    if (place < least) least = place;
    if (place > most) most = place;
  }
  const mean = sum / max<u32>(1, count);
  const half = most > least ? (most - least) / 2 : 0;
  for (let k: u32 = 0; k < count; k++) putF64(places, k, half == 0 ? 0 : (f64At(places, k) - mean) / half);
  putF64(out, 0, mean);
  putF64(out, 1, half);
}

/** Level and slopes of the plane, f64 [3] at `plane`, from those there, by weights whose width shrinks from `width` to `scatter` by the factor `shrink`; `sums` is f64 [9]. */
export function skyPlaneFit(
  v: usize,
  u: usize,
  w: usize,
  count: u32,
  width: f64,
  scatter: f64,
  shrink: f64,
  sums: usize,
  plane: usize,
): void {
  for (; ; width *= shrink) {
    const last = width <= scatter;
    const rounds = last ? 10 : 3;
    for (let k = 0; k < rounds; k++) {
      memory.fill(sums, 0, 72);
      skyPlaneSums(v, u, w, count, f64At(plane, 0), f64At(plane, 1), f64At(plane, 2), max<f64>(width, scatter), sums);
      solvePlane(sums, plane);
    }
    if (last) break;
  }
}

/** Normal equations of 1, u, w by Cramer's rule; positions of two axes that do not depend on each other. */
function solvePlane(sums: usize, plane: usize): void {
  const s = f64At(sums, 0), su = f64At(sums, 1), sw = f64At(sums, 2);
  const suu = f64At(sums, 3), suw = f64At(sums, 4), sww = f64At(sums, 5);
  const v = f64At(sums, 6), vu = f64At(sums, 7), vw = f64At(sums, 8);
  const m00 = suu * sww - suw * suw;
  const m01 = suw * sw - su * sww;
  const m02 = su * suw - suu * sw;
  const m11 = s * sww - sw * sw;
  const m12 = su * sw - s * suw;
  const m22 = s * suu - su * su;
  const determinant = s * m00 + su * m01 + sw * m02;
  putF64(plane, 0, (m00 * v + m01 * vu + m02 * vw) / determinant);
  putF64(plane, 1, (m01 * v + m11 * vu + m12 * vw) / determinant);
  putF64(plane, 2, (m02 * v + m12 * vu + m22 * vw) / determinant);
}

/**
 * How many values lie within `reach` of the plane, and how many further below, and how far those on it are spread along both axes in units of all nodes' spread: f64 [4] to `out`.
 * `spare` is f64 [2, count].
 */
export function skyPlaneSupport(
  v: usize,
  u: usize,
  w: usize,
  count: u32,
  plane: usize,
  reach: f64,
  spare: usize,
  out: usize,
): void {
  const a = f64At(plane, 0);
  const b = f64At(plane, 1);
  const c = f64At(plane, 2);
  const onW = spare + (<usize>count << 3);
  let on: u32 = 0;
  let below: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const above = f64At(v, i) - a - b * f64At(u, i) - c * f64At(w, i);
    if (above < -reach) below++;
    if (!(abs<f64>(above) < reach)) continue;
    putF64(spare, on, f64At(u, i));
    putF64(onW, on++, f64At(w, i));
  }
  putF64(out, 0, on);
  putF64(out, 1, below);
  putF64(out, 2, deviation(spare, on) / deviation(u, count));
  putF64(out, 3, deviation(onW, on) / deviation(w, count));
}

function deviation(values: usize, length: u32): f64 {
  const count = max<u32>(1, length);
  let sum: f64 = 0;
  for (let k: u32 = 0; k < length; k++) sum += f64At(values, k);
  const mean = sum / count;
  let squares: f64 = 0;
  for (let k: u32 = 0; k < length; k++) squares += (f64At(values, k) - mean) * (f64At(values, k) - mean);
  return sqrt<f64>(squares / count);
}

/**
 * Adds to `sums`, f64 [9], the normal equations of a plane over `count` values at positions u, w (f64 each): of weights 1, u, w, uu, uw, ww, and of the values
 * by 1, u, w. Weights fall fast above the plane (a, b, c) and slowly below it, over `width`: see `src/photometry/levels/sky-plane.ts`.
 */
function skyPlaneSums(
  values: usize,
  u: usize,
  w: usize,
  count: u32,
  a: f64,
  b: f64,
  c: f64,
  width: f64,
  sums: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const value = f64At(values, i);
    const x = f64At(u, i);
    const y = f64At(w, i);
    const z = (value - a - b * x - c * y) / width;
    const t = 1 + z * z;
    const weight = z > 0 ? 1 / (t * t) : 1 / sqrt<f64>(t);
    addF64(sums, 0, weight);
    addF64(sums, 1, weight * x);
    addF64(sums, 2, weight * y);
    addF64(sums, 3, weight * x * x);
    addF64(sums, 4, weight * x * y);
    addF64(sums, 5, weight * y * y);
    addF64(sums, 6, weight * value);
    addF64(sums, 7, weight * value * x);
    addF64(sums, 8, weight * value * y);
  }
}

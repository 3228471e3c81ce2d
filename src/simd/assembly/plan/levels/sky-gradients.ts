// Slopes over the nodes of frames: `src/pipeline/planning/sky/sky-by-colour.ts` and `sky-colour.ts` ask.
import { surface } from '../surface';
import { addF64, f32At, f64At, i32At, putF64, putU32, u32At } from '../../words';

const TERMS: u32 = 6;

/** Mean column and row of nodes that are numbered row by row over a grid `blocksX` wide, to `out`, f64 [2]; NaN without any. */
export function middleOfNodes(node: usize, count: u32, blocksX: u32, out: usize): void {
  let x: f64 = 0;
  let y: f64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const n = u32At(node, i);
    x += n % blocksX;
    y += n / blocksX;
  }
  putF64(out, 0, x / count);
  putF64(out, 1, y / count);
}

/**
 * Adds to `sums`, f64 [5], the products uu, uv, vv, us, vs of columns u, rows v and the surface s at `c` over the nodes of one frame, each about its mean there; `spare` is f64
 * [count], and count at least 1.
 */
export function gradientSums(
  node: usize,
  x: usize,
  y: usize,
  count: u32,
  c: usize,
  blocksX: u32,
  spare: usize,
  sums: usize,
): void {
  let mu: f64 = 0;
  let mv: f64 = 0;
  let ms: f64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = surface(c, TERMS, f32At(x, i), f32At(y, i));
    putF64(spare, i, value);
    const n = u32At(node, i);
    mu += n % blocksX;
    mv += n / blocksX;
    ms += value;
  }
  mu /= count;
  mv /= count;
  ms /= count;
  for (let i: u32 = 0; i < count; i++) {
    const n = u32At(node, i);
    const a = <f64>(n % blocksX) - mu;
    const b = <f64>(n / blocksX) - mv;
    const t = f64At(spare, i) - ms;
    addF64(sums, 0, a * a);
    addF64(sums, 1, a * b);
    addF64(sums, 2, b * b);
    addF64(sums, 3, a * t);
    addF64(sums, 4, b * t);
  }
}

/** Pairs of entries of two frames that show a node in all channels, their nodes ascending: u32 pairs to `pairs`; returns how many. Levels of a channel stand `apart` bytes from those of the one before. */
export function sharedNodes(
  node: usize,
  level: usize,
  count: u32,
  otherNode: usize,
  otherLevel: usize,
  others: u32,
  channels: u32,
  apart: usize,
  pairs: usize,
): u32 {
  let shared: u32 = 0;
  let i: u32 = 0;
  let j: u32 = 0;
  while (i < count && j < others) {
    const a = i32At(node, i);
    const b = i32At(otherNode, j);
    if (a < b) i++;
    else if (a > b) j++;
    else {
      let known = true;
      for (let c: u32 = 0; c < channels; c++) {
        const difference = f32At(level + c * apart, i) - f32At(otherLevel + c * apart, j);
        known = known && difference - difference == 0;
      }
      if (known) {
        putU32(pairs, 2 * shared, i);
        putU32(pairs, 2 * shared + 1, j);
        shared++;
      }
      i++;
      j++;
    }
  }
  return shared;
}

/** Takes the mean from values. */
function centre(values: usize, count: u32): void {
  let sum: f64 = 0;
  for (let k: u32 = 0; k < count; k++) sum += f64At(values, k);
  const mean = sum / count;
  for (let k: u32 = 0; k < count; k++) putF64(values, k, f64At(values, k) - mean);
}

function product(a: usize, b: usize, count: u32): f64 {
  let sum: f64 = 0;
  for (let k: u32 = 0; k < count; k++) sum += f64At(a, k) * f64At(b, k);
  return sum;
}

/**
 * Slopes of what one frame shows above another at `count` pairs, along its X (x, f32) and along Y beyond what those hold of it, each in units of its own error: f64 [axes,
 * channels] to `out`; returns how many axes tell one. `spare`: f64 [3, count].
 */
export function sharedSlopes(
  x: usize,
  y: usize,
  level: usize,
  otherLevel: usize,
  channels: u32,
  apart: usize,
  pairs: usize,
  count: u32,
  spare: usize,
  out: usize,
): u32 {
  const bytes = <usize>count << 3;
  const dx = spare;
  const dy = spare + bytes;
  const difference = dy + bytes;
  for (let k: u32 = 0; k < count; k++) {
    const i = u32At(pairs, 2 * k);
    putF64(dx, k, f32At(x, i));
    putF64(dy, k, f32At(y, i));
  }
  centre(dx, count);
  centre(dy, count);
  // squares are 0 where the shared nodes lie in one column
  const slope = product(dx, dy, count) / max<f64>(product(dx, dx, count), f64.MIN_VALUE);
  for (let k: u32 = 0; k < count; k++) putF64(dy, k, f64At(dy, k) - slope * f64At(dx, k));
  const extentX = sqrt<f64>(product(dx, dx, count));
  const extentY = sqrt<f64>(product(dy, dy, count));
  const ofX = u32(extentX > 0);
  for (let c: u32 = 0; c < channels; c++) {
    const own = level + c * apart;
    const other = otherLevel + c * apart;
    for (let k: u32 = 0; k < count; k++)
      putF64(difference, k, f32At(own, u32At(pairs, 2 * k)) - f32At(other, u32At(pairs, 2 * k + 1)));
    centre(difference, count);
    if (extentX > 0) putF64(out, c, product(dx, difference, count) / extentX);
    if (extentY > 0) putF64(out, ofX * channels + c, product(dy, difference, count) / extentY);
  }
  return ofX + u32(extentY > 0);
}

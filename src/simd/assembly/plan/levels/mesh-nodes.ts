// Nodes of a mosaic's sky under one frame, and what the frame's mesh says there: `src/pipeline/planning/sky/observed-levels.ts` asks.
import { f32At, f64At, i32At, putF32, putF64, putI32, u32At } from '../../words';

/**
 * Nodes of every `stride`-th block within `spans`, i32 pairs of a first and a last block of `rows` rows from `firstRow` on: numbers over a grid `blocksX` wide to `node`, and their
 * places in pixels (FITS), blocks having `side`, to `x` and `y`, f64. Returns how many; without `node` only that.
 */
export function nodesOfSpans(
  spans: usize,
  firstRow: i32,
  rows: i32,
  stride: i32,
  blocksX: i32,
  side: i32,
  node: usize,
  x: usize,
  y: usize,
): u32 {
  let count: u32 = 0;
  const middle = <f64>(side + 1) / 2;
  for (let r = 0; r < rows; r++) {
    const row = firstRow + r;
    if (row % stride != 0) continue;
    const last = i32At(spans, 2 * r + 1);
    const first = i32At(spans, 2 * r);
    // the next multiple
    let b = first - (first % stride);
    if (b < first) b += stride;
    for (; b <= last; b += stride) {
      if (node != 0) {
        putI32(node, count, row * blocksX + b);
        putF64(x, count, <f64>(b * side) + middle);
        putF64(y, count, <f64>(row * side) + middle);
      }
      count++;
    }
  }
  return count;
}

/**
 * Leaves of `count` nodes those that lie in a frame of `nx` x `ny` pixels, their places x, y from FITS to 0-based ones; and these normalised, f32 to `across` and `down`.
 * Returns how many.
 */
export function nodesInside(
  node: usize,
  x: usize,
  y: usize,
  count: u32,
  nx: f64,
  ny: f64,
  centreX: f64,
  centreY: f64,
  scale: f64,
  across: usize,
  down: usize,
): u32 {
  let inside: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const px = f64At(x, i);
    const py = f64At(y, i);
    if (!(px >= 1 && py >= 1 && px <= nx && py <= ny)) continue;
    putI32(node, inside, i32At(node, i));
    putF64(x, inside, px - 1);
    putF64(y, inside, py - 1);
    putF32(across, inside, (px - 1 - centreX) * scale);
    putF32(down, inside, (py - 1 - centreY) * scale);
    inside++;
  }
  return inside;
}

/** Where places along a side of `size` pixels lie between the centres of its `count` cells of `step` pixels, see `src/photometry/background/level-grid.ts`: lower cells and positions in place of the places. */
function locate(places: usize, n: u32, size: i32, step: i32, count: i32, cell: usize): void {
  for (let k: u32 = 0; k < n; k++) {
    if (count == 1) {
      putI32(cell, k, 0);
      putF64(places, k, 0);
      continue;
    }
    const place = f64At(places, k);
    const guess = Math.floor((place - <f64>(step - 1) / 2) / <f64>step);
    const lower = <i32>min<f64>(max<f64>(guess, 0), <f64>(count - 2));
    const from = centre(size, step, count, lower);
    const to = centre(size, step, count, lower + 1);
    putI32(cell, k, lower);
    putF64(places, k, (place - from) / (to - from));
  }
}

function centre(size: i32, step: i32, count: i32, cell: i32): f64 {
  const length = cell == count - 1 ? size - cell * step : step;
  return <f64>(cell * step) + <f64>(length - 1) / 2;
}

/** Cells of places u, v of a frame, f64 each, and positions between them and the next in place of the places; `cell` and `spare` u32. */
export function placesOnMesh(
  u: usize,
  v: usize,
  count: u32,
  width: i32,
  height: i32,
  step: i32,
  nx: i32,
  ny: i32,
  cell: usize,
  spare: usize,
): void {
  locate(u, count, width, step, nx, cell);
  locate(v, count, height, step, ny, spare);
  for (let k: u32 = 0; k < count; k++) putI32(cell, k, i32At(spare, k) * nx + i32At(cell, k));
}

/** `factor` times the values of a mesh (f32) at such places, to `out`, f32: `right` and `up` lead to the next cells. */
export function sampleMesh(
  values: usize,
  cell: usize,
  u: usize,
  v: usize,
  count: u32,
  right: u32,
  up: u32,
  factor: f64,
  out: usize,
): void {
  for (let k: u32 = 0; k < count; k++) {
    const at = u32At(cell, k);
    const a = f64At(u, k);
    const b = f64At(v, k);
    const top = f32At(values, at) * (1 - a) + f32At(values, at + right) * a;
    const bottom = f32At(values, at + up) * (1 - a) + f32At(values, at + up + right) * a;
    putF32(out, k, factor * (top * (1 - b) + bottom * b));
  }
}

/** Of levels and sigmas, f32 [channels, count]: a node that lacks one of them in some channel has no level in any. */
export function leaveUnknown(level: usize, sigma: usize, channels: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    let known = true;
    for (let c: u32 = 0; c < channels; c++) {
      const value = f32At(level, c * count + i);
      known = known && value - value == 0 && f32At(sigma, c * count + i) > 0;
    }
    if (!known) for (let c: u32 = 0; c < channels; c++) putF32(level, c * count + i, NaN);
  }
}

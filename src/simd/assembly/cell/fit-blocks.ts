// The pixel map of a cell from where its nodes lie in a frame; src/pipeline/planning/grid/pixel-map.ts says what it is.
import { MAP_STRIDE } from '../layout';
import { f64At, putF64 } from '../words';

/**
 * Biquadratics through the nodes of `blocksX` x `blocksY` blocks, whose positions in the frame (FITS pixels, f64, [2 blocksY + 1, 2 blocksX + 1]; NaN for none) stand at `x` and `y`: to
 * `map` (f32). A block without all of its nodes lies at `nowhere`. To `bounds` (f64): least x and y, then greatest ones, of all nodes, 0-based, where there are any.
 */
export function fitBlocks(x: usize, y: usize, blocksX: u32, blocksY: u32, nowhere: f32, map: usize, bounds: usize): void {
  const stride = 2 * blocksX + 1;
  boundsOf(x, y, stride * (2 * blocksY + 1), bounds);
  let block = map;
  for (let j: u32 = 0; j < blocksY; j++) {
    for (let i: u32 = 0; i < blocksX; i++, block += MAP_STRIDE << 2) {
      const first = <usize>(2 * j * stride + 2 * i) << 3;
      const baseX = fitBlock(x + first, stride, block + 8);
      const baseY = fitBlock(y + first, stride, block + 44);
      const isThere = baseX == baseX && baseY == baseY;
      if (!isThere) memory.fill(block, 0, MAP_STRIDE << 2);
      store<f32>(block, isThere ? <f32>baseX : nowhere);
      store<f32>(block, isThere ? <f32>baseY : nowhere, 4);
    }
  }
}

/** Moves the nodes to 0-based positions, in place. */
function boundsOf(x: usize, y: usize, count: u32, bounds: usize): void {
  let left: f64 = Infinity;
  let top: f64 = Infinity;
  let right: f64 = -Infinity;
  let bottom: f64 = -Infinity;
  for (let k: u32 = 0; k < count; k++) {
    const u = f64At(x, k) - 1;
    const v = f64At(y, k) - 1;
    putF64(x, k, u);
    putF64(y, k, v);
    if (u != u || v != v) continue;
    left = min<f64>(left, u);
    right = max<f64>(right, u);
    top = min<f64>(top, v);
    bottom = max<f64>(bottom, v);
  }
  putF64(bounds, 0, left);
  putF64(bounds, 1, top);
  putF64(bounds, 2, right);
  putF64(bounds, 3, bottom);
}

/**
 * Through the 3x3 nodes that start at `first`: 9 coefficients c[3j+i] of u^i v^j (f32 at `out`), less the whole number that is returned; NaN where a node is missing.
 */
function fitBlock(first: usize, stride: u32, out: usize): f64 {
  const base = floor<f64>(f64At(first, stride + 1));
  let sum: f64 = 0;
  for (let i: u32 = 0; i < 3; i++) {
    const m = along(first, i, base);
    const c = along(first + (<usize>stride << 3), i, base);
    const p = along(first + (<usize>stride << 4), i, base);
    const to = out + (<usize>i << 2);
    store<f32>(to, <f32>c);
    store<f32>(to, <f32>((p - m) / 2), 12);
    store<f32>(to, <f32>((p + m) / 2 - c), 24);
    sum += m + c + p;
  }
  return sum - sum == 0 ? base : NaN;
}

/** The coefficient of u^i in a row of three nodes. */
// @ts-ignore: decorator
@inline
function along(row: usize, i: u32, base: f64): f64 {
  const m = f64At(row, 0) - base;
  const c = f64At(row, 1) - base;
  const p = f64At(row, 2) - base;
  return i == 0 ? c : i == 1 ? (p - m) / 2 : (p + m) / 2 - c;
}

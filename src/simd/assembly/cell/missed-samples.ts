// Which pixels of a cell miss a sample of a frame; src/pipeline/integrate/left-out-samples.ts says why. The twin is `eachPosition` of src/pipeline/planning/grid/map-position.ts.
import { BLOCK_SIZE, MAP_STRIDE } from '../layout';
import { f64At, putF64 } from '../words';

const HALF: f64 = <f64>(BLOCK_SIZE / 2);
const CENTRE: f64 = <f64>(BLOCK_SIZE - 1) / 2;

/** Room of a block's columns: of each the coefficients of v^0, v^1, v^2 in x and in y. */
const COLUMN_BYTES: usize = 6 * 8;

/**
 * How many pixels of a cell of `cellWidth` x `cellHeight` have a nearest pixel of the frame that is left out: one of `count` (u32 at `pixels`, y * nx + x) that lie in the `width` x
 * `height` pixels from (x0, y0) on; others among them are passed over. `map` (f32) is the cell's map, block by block. With `missed` (u16, [cellHeight, cellWidth]; 0 for none) each of
 * the cell's pixels is counted there, too. `spare` has room for 3072 bytes, then a bit for each pixel of the window, whose rows begin at whole words of 64.
 */
export function missedSamples(
  pixels: usize,
  count: u32,
  nx: u32,
  x0: i32,
  y0: i32,
  width: i32,
  height: i32,
  map: usize,
  cellWidth: u32,
  cellHeight: u32,
  missed: usize,
  spare: usize,
): u32 {
  const bits = spare + COLUMN_BYTES * BLOCK_SIZE;
  const stride = <usize>((width + 63) >> 6) << 3;
  if (!mark(pixels, count, nx, x0, y0, width, height, bits, stride)) return 0;
  let sum: u32 = 0;
  for (let top: u32 = 0; top < cellHeight; top += BLOCK_SIZE) {
    const rows = min(BLOCK_SIZE, cellHeight - top);
    for (let left: u32 = 0; left < cellWidth; left += BLOCK_SIZE, map += MAP_STRIDE << 2) {
      const baseX = <f64>load<f32>(map) - x0;
      const baseY = <f64>load<f32>(map, 4) - y0;
      const inX = map + 8;
      const inY = map + 44;
      const reachX = reachOf(inX);
      const reachY = reachOf(inY);
      if (!areAny(bits, stride, width, height, baseX + at(inX, 0), reachX, baseY + at(inY, 0), reachY)) continue;
      const columns = min(BLOCK_SIZE, cellWidth - left);
      setColumns(inX, columns, spare);
      for (let y: u32 = 0; y < rows; y++) {
        const v = (<f64>y - CENTRE) / HALF;
        if (!isRowNear(bits, stride, width, height, baseX, baseY, inX, inY, v)) continue;
        const first = missed + (<usize>((top + y) * cellWidth + left) << 1);
        for (let c: u32 = 0; c < columns; c++) {
          const column = spare + COLUMN_BYTES * c;
          const x = <f64>load<f32>(map) + (f64At(column, 0) + v * (f64At(column, 1) + v * f64At(column, 2)));
          const z = <f64>load<f32>(map, 4) + (f64At(column, 3) + v * (f64At(column, 4) + v * f64At(column, 5)));
          const i = floor<f64>(x + 0.5) - x0;
          const j = floor<f64>(z + 0.5) - y0;
          if (!(i >= 0 && j >= 0 && i < width && j < height)) continue;
          if (!bitAt(bits, stride, <u32>i, <u32>j)) continue;
          sum++;
          if (missed == 0) continue;
          const to = first + (<usize>c << 1);
          store<u16>(to, load<u16>(to) + 1);
        }
      }
    }
  }
  return sum;
}

/** Sets the bits of the pixels in the window; whether there are any. */
function mark(pixels: usize, count: u32, nx: u32, x0: i32, y0: i32, width: i32, height: i32, bits: usize, stride: usize): bool {
  memory.fill(bits, 0, stride * height);
  let any = false;
  for (let k: u32 = 0; k < count; k++) {
    const pixel = load<u32>(pixels + (<usize>k << 2));
    const j = <i32>(pixel / nx) - y0;
    const i = <i32>(pixel % nx) - x0;
    if (<u32>i >= <u32>width || <u32>j >= <u32>height) continue;
    const byte = bits + stride * j + (i >> 3);
    store<u8>(byte, load<u8>(byte) | <u8>(<i32>1 << (i & 7)));
    any = true;
  }
  return any;
}

// @ts-ignore: decorator
@inline
function bitAt(bits: usize, stride: usize, i: u32, j: u32): bool {
  return ((load<u8>(bits + stride * j + (i >> 3)) >> (i & 7)) & 1) != 0;
}

/** A coefficient of the map, by its place among those of x or of y. */
// @ts-ignore: decorator
@inline
function at(axis: usize, place: usize): f64 {
  return <f64>load<f32>(axis + (place << 2));
}

/** A block's positions lie no further than this from the one of its middle, for u and v of at most 1. */
function reachOf(axis: usize): f64 {
  let sum: f64 = 0;
  for (let k: usize = 1; k < 9; k++) sum += abs<f64>(at(axis, k));
  return sum;
}

function setColumns(inX: usize, columns: u32, spare: usize): void {
  for (let column: u32 = 0; column < columns; column++) {
    const u = (<f64>column - CENTRE) / HALF;
    for (let k: usize = 0; k < 6; k++) {
      const c = inX + 12 * k;
      putF64(spare + COLUMN_BYTES * column, <u32>k, at(c, 0) + u * (at(c, 1) + u * at(c, 2)));
    }
  }
}

/** Whether any pixel is left out that one of the block's row `v` may lie nearest to. */
function isRowNear(
  bits: usize,
  stride: usize,
  width: i32,
  height: i32,
  baseX: f64,
  baseY: f64,
  inX: usize,
  inY: usize,
  v: f64,
): bool {
  const reachX = abs<f64>(along(inX, 1, v)) + abs<f64>(along(inX, 2, v));
  const reachY = abs<f64>(along(inY, 1, v)) + abs<f64>(along(inY, 2, v));
  return areAny(bits, stride, width, height, baseX + along(inX, 0, v), reachX, baseY + along(inY, 0, v), reachY);
}

/** The coefficient of u^i in row `v`. */
// @ts-ignore: decorator
@inline
function along(axis: usize, i: usize, v: f64): f64 {
  return at(axis, i) + v * (at(axis, 3 + i) + v * at(axis, 6 + i));
}

/** Whether any pixel is left out within `reachX` and `reachY` of (x, y), or one pixel more. */
function areAny(bits: usize, stride: usize, width: i32, height: i32, x: f64, reachX: f64, y: f64, reachY: f64): bool {
  const left = pixelOf(floor<f64>(x - reachX) - 1, 0, width);
  const right = pixelOf(ceil<f64>(x + reachX) + 1, -1, width - 1);
  const top = pixelOf(floor<f64>(y - reachY) - 1, 0, height);
  const bottom = pixelOf(ceil<f64>(y + reachY) + 1, -1, height - 1);
  if (left > right) return false;
  const first = left >> 6;
  const last = right >> 6;
  const fromLeft = <u64>-1 << (left & 63);
  const toRight = <u64>-1 >> (63 - (right & 63));
  for (let j = top; j <= bottom; j++) {
    const row = bits + stride * j;
    for (let word = first; word <= last; word++) {
      let found = load<u64>(row + (<usize>word << 3));
      if (word == first) found &= fromLeft;
      if (word == last) found &= toRight;
      if (found != 0) return true;
    }
  }
  return false;
}

function pixelOf(position: f64, least: i32, most: i32): i32 {
  return <i32>max<f64>(<f64>least, min<f64>(<f64>most, position));
}

// Which columns of a row of a block lie where: most rows are inside frame and window throughout, or for a run of columns that two divisions tell, so that
// only those at an edge are asked one by one.
import { BLOCK_SIZE, WarpJob as Job } from '../layout';
import { reachOf } from './warp-positions';
import * as scratchOf from './warp-scratch';

const HALF: f64 = <f64>(BLOCK_SIZE / 2);
const CENTRE: f64 = (<f64>BLOCK_SIZE - 1) / 2;
/** What float32 leaves in doubt of a position, and far more, in pixels. */
const DOUBT: f64 = 1;
/** Of a smaller slope over half a block the run is not sought: all of the row or none. */
const FLAT: f64 = 1e-3;

/**
 * Stores at SPANS four columns, multiples of 4: before the first and from the last on nothing lies inside the frame; from the second to the third
 * all positions and all pixels up to `reach` from them lie inside frame and window; `inside` says that this is so everywhere.
 */
export function rowSpans(job: usize, block: usize, row: u32, columns: u32, inside: bool, reach: f64, scratch: usize): void {
  const v = valueOf(<f64>row);
  const at = scratch + scratchOf.SPANS;
  const all = (columns + 3) & ~3;
  store<u32>(at, 0);
  store<u32>(at, 0, 4);
  store<u32>(at, all, 8);
  store<u32>(at, all, 12);
  if (inside) return;
  const startX = <f64>Job.windowX(job);
  const startY = <f64>Job.windowY(job);
  const frameX = <f64>Job.frameWidth(job);
  const frameY = <f64>Job.frameHeight(job);
  narrow(block, block + 8, v, max(startX, 0), min(startX + <f64>Job.windowWidth(job), frameX), frameX, reach, at);
  narrow(block + 4, block + 44, v, max(startY, 0), min(startY + <f64>Job.windowHeight(job), frameY), frameY, reach, at);
  // Nothing inside: all of the run goes to the columns that are asked.
  if (load<u32>(at, 4) >= load<u32>(at, 8)) {
    store<u32>(at, load<u32>(at, 12), 4);
    store<u32>(at, load<u32>(at, 12), 8);
  }
  if (load<u32>(at) >= load<u32>(at, 12)) {
    for (let k: usize = 0; k < 16; k += 4) store<u32>(at + k, 0);
  }
}

/** True when all positions of the block, and all pixels up to `reach` from them, lie inside frame and window. */
export function isInside(job: usize, block: usize, reach: f64): bool {
  return (
    staysInside(block, block + 8, Job.windowX(job), Job.windowWidth(job), Job.frameWidth(job), reach) &&
    staysInside(block + 4, block + 44, Job.windowY(job), Job.windowHeight(job), Job.frameHeight(job), reach)
  );
}

function staysInside(base: usize, coefficients: usize, start: i32, length: u32, frame: u32, reach: f64): bool {
  const centre = <f64>load<f32>(base) + <f64>load<f32>(coefficients);
  const far = reach + reachOf(coefficients);
  const first = <f64>max(start, 0);
  const last = <f64>min(start + <i32>length, <i32>frame) - 1;
  return centre - far >= first && centre + far <= last;
}

/** Where the positions of rows `first` to `end` of a block lie along one axis, from its base: the middle of them. */
export function centreOfRows(coefficients: usize, first: u32, end: u32): f64 {
  return along(coefficients, valueOf(<f64>(first + end - 1) / 2));
}

/** How far from there they lie at most. */
export function reachOfRows(coefficients: usize, first: u32, end: u32): f64 {
  const middle = valueOf(<f64>(first + end - 1) / 2);
  const half = <f64>(end - first - 1) / <f64>BLOCK_SIZE;
  let reach = Math.abs(along(coefficients + 4, middle)) + Math.abs(along(coefficients + 8, middle));
  for (let i: usize = 0; i < 12; i += 4) {
    const linear = Math.abs(<f64>load<f32>(coefficients + i, 12));
    const square = Math.abs(<f64>load<f32>(coefficients + i, 24));
    reach += half * (linear + square * (2 * Math.abs(middle) + half));
  }
  return reach;
}

/** Narrows both runs to what one axis allows: pixels `first` to `end` (exclusive) are there, the frame has `size`. */
function narrow(base: usize, c: usize, v: f64, first: f64, end: f64, size: f64, reach: f64, at: usize): void {
  const centre = <f64>load<f32>(base) + along(c, v);
  let slope = along(c + 4, v);
  let doubt = DOUBT + Math.abs(along(c + 8, v));
  if (Math.abs(slope) < FLAT) {
    doubt += Math.abs(slope);
    slope = 0;
  }
  narrowTo(-0.5 - doubt - centre, size - 0.5 + doubt - centre, slope, at, false);
  narrowTo(first + reach + doubt - centre, end - 1 - reach - doubt - centre, slope, at, true);
}

/** v of a row. */
// @ts-ignore: decorator
@inline
export function valueOf(row: f64): f64 {
  return (row - CENTRE) / HALF;
}

/** The coefficients of one power of u, at v. */
// @ts-ignore: decorator
@inline
export function along(c: usize, v: f64): f64 {
  return <f64>load<f32>(c) + v * (<f64>load<f32>(c, 12) + v * <f64>load<f32>(c, 24));
}

/** Narrows a run, the inner or the outer one, to the columns whose slope * u lies between `low` and `high`. */
function narrowTo(low: f64, high: f64, slope: f64, at: usize, inner: bool): void {
  const from = inner ? at + 4 : at;
  const to = inner ? at + 8 : at + 12;
  if (low > high || (slope == 0 && (low > 0 || high < 0))) {
    store<u32>(from, load<u32>(to));
    return;
  }
  if (slope == 0) return;
  const a = (low / slope) * HALF + CENTRE;
  const b = (high / slope) * HALF + CENTRE;
  const least = <f64>BLOCK_SIZE + 1;
  const first = <u32>Math.min(Math.max(Math.ceil(Math.min(a, b)), 0), least);
  const end = <u32>(Math.min(Math.max(Math.floor(Math.max(a, b)), -1), least) + 1);
  store<u32>(from, max(load<u32>(from), inner ? (first + 3) & ~3 : first & ~3));
  store<u32>(to, min(load<u32>(to), inner ? end & ~3 : (end + 3) & ~3));
}

// The part of a window that rows of a block of the cell are made of, less one of its samples, each with the one below it by its side: two columns of two rows are one load. It
// stays in the first cache, what is constant comes out as 0 and stays exactly so, and taps need nothing taken from them one by one.
import { BLANK_LIMIT, WarpJob as Job } from '../layout';
import { centreOfRows, reachOfRows } from './warp-spans';
import * as scratchOf from './warp-scratch';

/** Bytes from one row to the next: an odd number of cache lines, so that rows do not share those of the first cache. */
export const REGION_PITCH: usize = 15 * 64;
/** Columns that a row has room for, and rows: those of a block at the frame's own scale, however it is turned, and a tenth more. */
const COLUMNS: u32 = 120;
const ROWS: u32 = 112;
/** Bytes of a plane: its samples, and behind them what was taken from them. */
export const REGION_BYTES: usize = ROWS * REGION_PITCH + 64;
export const REFERENCE: usize = ROWS * REGION_PITCH;

/** Taps reach no further than this from a position, on either side, and what float32 leaves in doubt of it. */
const REACH: f64 = 3.25;
/** Positions lie no further than this from the base of their block, so that offsets in the region are whole in float32. */
const FAR: f64 = 2048;

/**
 * Makes the region of all planes for rows `first` to `end` of the block: pixels that taps of any of their positions reach, as far as the window has them. Its first
 * pixel, in the window, goes to REGION_X and REGION_Y. False where it has no room, or a blank in it.
 */
export function makeRegion(job: usize, block: usize, first: u32, end: u32, room: usize, scratch: usize): bool {
  const width = <i32>Job.windowWidth(job);
  const height = <i32>Job.windowHeight(job);
  const ofX = centreOfRows(block + 8, first, end);
  const ofY = centreOfRows(block + 44, first, end);
  const spreadX = reachOfRows(block + 8, first, end) + REACH;
  const spreadY = reachOfRows(block + 44, first, end) + REACH;
  // None of it true of what is no number.
  if (!(2 * spreadX < <f64>COLUMNS) || !(2 * spreadY < <f64>ROWS)) return false;
  if (!(Math.abs(ofX) < FAR - spreadX) || !(Math.abs(ofY) < FAR - spreadY)) return false;
  const centreX = <f64>load<f32>(block) + ofX - <f64>Job.windowX(job);
  const centreY = <f64>load<f32>(block, 4) + ofY - <f64>Job.windowY(job);
  let left = <i32>Math.max(Math.floor(centreX - spreadX), 0);
  const right = <i32>Math.min(Math.ceil(centreX + spreadX) + 1, <f64>width);
  const top = <i32>Math.max(Math.floor(centreY - spreadY), 0);
  const bottom = <i32>Math.min(Math.ceil(centreY + spreadY) + 1, <f64>height);
  if (left >= right || top + 1 >= bottom) return false;
  // Whole vectors, none of which reaches beyond its row.
  const columns = (right - left + 3) & ~3;
  left = min(left, width - columns);
  if (left < 0 || columns > <i32>COLUMNS || bottom - top > <i32>ROWS) return false;
  store<i32>(scratch, left, scratchOf.REGION_X);
  store<i32>(scratch, top, scratchOf.REGION_Y);
  const pitch = <usize>width * 4;
  for (let c: usize = 0; c < <usize>Job.planes(job); c++) {
    const from = Job.planes_at(job) + (c * height + top) * pitch + <usize>left * 4;
    if (!copyRows(from, pitch, columns, bottom - top, room + c * REGION_BYTES)) return false;
  }
  return true;
}

/** False where one of the samples is blank. */
function copyRows(from: usize, pitch: usize, columns: usize, rows: usize, target: usize): bool {
  const bytes = columns * 4;
  const reference = lowOf(from, pitch, columns, rows);
  store<f32>(target, reference, REFERENCE);
  const about = f32x4.splat(reference);
  let least = about;
  let x: usize = 0;
  // A column of vectors after the other: rows lie far apart, and what is waited for of one does not keep those below from being asked for.
  do {
    let at = from + x;
    const end = at + (rows - 1) * pitch;
    let to = target + 2 * x;
    let above = f32x4.sub(v128.load(at), about);
    least = f32x4.pmin(least, v128.load(at));
    do {
      at += pitch;
      const samples = v128.load(at);
      const below = f32x4.sub(samples, about);
      least = f32x4.pmin(least, samples);
      v128.store(to, v128.shuffle<f32>(above, below, 0, 4, 1, 5));
      v128.store(to, v128.shuffle<f32>(above, below, 2, 6, 3, 7), 16);
      above = below;
      to += REGION_PITCH;
    } while (at < end);
    x += 16;
  } while (x < bytes);
  return i32x4.all_true(f32x4.gt(least, f32x4.splat(BLANK_LIMIT)));
}

/** The one of five samples that is nearest to 0: hardly any of the others has fewer digits left when it is taken from them, not even beside one that is far below all. */
function lowOf(from: usize, pitch: usize, columns: usize, rows: usize): f32 {
  let low = load<f32>(from + (rows >> 1) * pitch + (columns >> 1) * 4);
  for (let k: usize = 0; k < 4; k++) {
    const x = (columns * (1 + 2 * (k & 1))) >> 2;
    const y = (rows * (1 + 2 * (k >> 1))) >> 2;
    const v = load<f32>(from + y * pitch + x * 4);
    if (Math.abs(v) < Math.abs(low)) low = v;
  }
  return low;
}

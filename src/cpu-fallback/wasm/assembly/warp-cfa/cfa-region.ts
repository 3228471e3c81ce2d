// The part of a window that rows of a block of the cell are made of, with the sites of its colours (cfa-lattice.ts): made when they are warped, from float32 samples
// or from those that the file has, so that windows which wait take no more memory than these; it stays in the cache.
import { bringRun } from '../bring-near';
import { insert, markBytes, medianOfSorted } from '../frame/fix-hot-pixels';
import { STEP, storedRow } from '../frame/mark-defects';
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, WarpCfaJob as Own, WarpWindowJob as Job } from '../layout';
import { along, valueOf } from '../warp/warp-spans';
import { latticeRows, replaceSite, ROWS, takeLattice } from './cfa-lattice';

/** A call of warp-cfa, and behind it a list of samples that are sorted. */
const CALL: usize = 256;
const SORTED: usize = 160;
/** Pixels beyond the reach of the taps: what float32 leaves in doubt of a position, and far more. */
const ASIDE: f64 = 1;

/**
 * The call as one of warp-cfa with the region as its window and the sites of its colours as its table, at `room`: pixels up to `reach` from any position of rows
 * `first` to `end` of the block, as far as the window has them; its first pixel has the colour of the window's.
 */
export function regionOf(job: usize, block: usize, first: u32, end: u32, reach: f64, room: usize): usize {
  const width = Job.windowWidth(job);
  const height = Job.windowHeight(job);
  spanRows(block, block + 8, first, end);
  const left = firstPixel(reach, Job.windowX(job), width);
  const right = endPixel(reach, Job.windowX(job), left, width);
  spanRows(block + 4, block + 44, first, end);
  const top = firstPixel(reach, Job.windowY(job), height);
  const bottom = endPixel(reach, Job.windowY(job), top, height);
  // Three columns more than whole eights, and whole fours of rows, which cfa-lattice.ts takes at once.
  const columns = min(((right - left + 4) & ~7) + 3, width - left);
  const rows = min((bottom - top + ROWS - 1) & ~(ROWS - 1), height - top);
  memory.copy(room, job, Own.ADDRESSES);
  memory.copy(room + Own.ADDRESSES, job + Job.ADDRESSES, Own.ADDRESSES_BYTES);
  Own.setWindowX(room, Job.windowX(job) + <i32>left);
  Own.setWindowY(room, Job.windowY(job) + <i32>top);
  Own.setWindowWidth(room, columns);
  Own.setWindowHeight(room, rows);
  const decoded = room + CALL;
  Own.setCfaLattice_at(room, decoded + ROWS * 4 * <usize>columns);
  takeLattice(room);
  if (Job.isStored(job) != 0) fromStored(job, room, left, top, decoded);
  else fromSamples(job, room, left, top);
  return room;
}

/** Where the positions of rows of a block lie along one axis, and how far from there at most. */
let centre: f64 = 0;
let spread: f64 = 0;

function spanRows(base: usize, coefficients: usize, first: u32, end: u32): void {
  const middle = valueOf(<f64>(first + end - 1) / 2);
  const half = <f64>(end - first - 1) / <f64>BLOCK_SIZE;
  centre = <f64>load<f32>(base) + along(coefficients, middle);
  spread = Math.abs(along(coefficients + 4, middle)) + Math.abs(along(coefficients + 8, middle));
  for (let i: usize = 0; i < 12; i += 4) {
    const linear = Math.abs(<f64>load<f32>(coefficients + i, 12));
    const square = Math.abs(<f64>load<f32>(coefficients + i, 24));
    spread += half * (linear + square * (2 * Math.abs(middle) + half));
  }
  if (spread < Infinity) return;
  // Anywhere.
  centre = 0;
  spread = Infinity;
}

function firstPixel(reach: f64, start: i32, size: u32): u32 {
  const first = Math.floor(centre - spread - reach - ASIDE) - <f64>start;
  return <u32>Math.min(Math.max(first, 0), <f64>size - 1) & ~1;
}

function endPixel(reach: f64, start: i32, first: u32, size: u32): u32 {
  const end = Math.ceil(centre + spread + reach + ASIDE) + 1 - <f64>start;
  return <u32>Math.min(Math.max(end, <f64>first + 1), <f64>size);
}

function fromSamples(job: usize, own: usize, left: u32, top: u32): void {
  const pitch = <usize>Job.windowWidth(job) * 4;
  const height = Own.windowHeight(own);
  const first = Job.window_at(job) + pitch * top + <usize>left * 4;
  bringRows(first, <usize>Own.windowWidth(own) * 4, pitch, height);
  for (let y: u32 = 0; y < height; y += ROWS) latticeRows(own, y, first + pitch * y, pitch);
}

function fromStored(job: usize, own: usize, left: u32, top: u32, rows: usize): void {
  const width = Own.windowWidth(own);
  const height = Own.windowHeight(own);
  const pitch = <usize>Job.windowWidth(job) * 2;
  bringRows(Job.window_at(job) + pitch * top + <usize>left * 2, <usize>width * 2, pitch, height);
  for (let y: u32 = 0; y < height; y += ROWS) {
    const end = min(y + ROWS, height);
    for (let k = y; k < end; k++) storedRow(job, left, top + k, width, rows + <usize>(k - y) * width * 4);
    latticeRows(own, y, rows, <usize>width * 4);
  }
  if (Job.fixes(job) != 0) fixMarked(job, own, left, top, own + SORTED);
}

/** Rows that stand far apart: all at once take the time of a few. */
function bringRows(first: usize, bytes: usize, pitch: usize, rows: u32): void {
  for (let y: u32 = 0; y < rows; y++) bringRun(first + pitch * y, first + pitch * y + bytes - 1);
}

/** Puts in place of marked samples what fix-hot-pixels does. */
function fixMarked(job: usize, own: usize, left: u32, top: u32, scratch: usize): void {
  const width = Own.windowWidth(own);
  const height = Own.windowHeight(own);
  const pitch = markBytes(Job.windowWidth(job));
  for (let y: u32 = 0; y < height; y++) {
    const row = Job.markDefects_at(job) + pitch * (top + y);
    for (let word = left >> 5; word <= (left + width - 1) >> 5; word++) {
      for (let bits = load<u32>(row + <usize>word * 4); bits != 0; bits &= bits - 1) {
        const x: u32 = (word << 5) + <u32>ctz(bits) - left;
        if (x >= width) continue;
        const v = Job.blanks(job) == 1 ? BLANK_VALUE : <f32>storedMedian(job, left + x, top + y, scratch);
        replaceSite(own, x, y, v);
      }
    }
  }
}

/** Median of the valid samples of its own colour around a pixel of the window. */
function storedMedian(job: usize, x: u32, y: u32, sorted: usize): f64 {
  const value = sorted + 32;
  let n: i32 = 0;
  for (let j: i32 = -1; j <= 1; j++) {
    for (let i: i32 = -1; i <= 1; i++) {
      const column = x + i * STEP;
      const row = y + j * STEP;
      if ((i == 0 && j == 0) || column >= Job.windowWidth(job) || row >= Job.windowHeight(job)) continue;
      storedRow(job, column, row, 1, value);
      const v = load<f32>(value);
      if (v > BLANK_LIMIT) insert(v, n++, sorted);
    }
  }
  return medianOfSorted(n, sorted);
}

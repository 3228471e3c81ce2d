// What stack-median, guard-few over all slots and a clipping stack come to, block by block: a block's samples are sorted once for their median and for the
// stack, and lie in the cache when the guard looks at them. Pixels of which the guard takes a sample, and those where it may and the stack does too, are
// stacked again, or then for the first time.
import { BLANK_LIMIT, BLOCK_SIZE, GuardedStackJob as Job } from '../layout';
import { endRow, noiseOf, setGuard, setLimits, startLimits, uncertain } from './guard-limits';
import { MEDIAN, ROW, USED, WEIGHT } from './guard-scratch';
import { blankBits, startTaking, takenHigh, takenLow, takeOut } from './guard-take';
import { countedHigh, countedLow, startCounts } from '../stack/stack-combine';
import { groupCount, groupLength, groupMedian, lanesMedian, letWait, settleGroup, takeGroup } from '../stack/stack-pixels';
import { KAPPA_SIGMA, WINSORISED } from '../stack/stack-rejection';
import { setAt, SETS, TILE_ROW, tileAt, tileSlotsAt } from '../stack/stack-scratch';
import { loadTileAt, tileRows } from '../stack/stack-tile';
import { blockOf, rowsBefore, SAMPLE_ROW, stripPlane, stripsOf } from '../warp-cfa/warp-strips';
import { addWaiting, finishWaiting, startWaiting, waitingIsFull } from '../stack/stack-waiting';

/** Rows of a block that are in hand at once: one that is stacked, one that is guarded, one that is closed; and one more, for the sake of a power of two. */
const TURNS: usize = 4;
/** What is known of a plane of the block in hand: of the rows in hand, bits of the pixels that are still to be stacked, and numbers of slots in their lists. */
const OPEN: usize = 0;
const LENGTHS: usize = OPEN + 8 * TURNS;
/** Then lists with an entry for every slot, and the guard's rows. */
const LISTS: usize = LENGTHS + 4 * TURNS;

/** The call in hand. */
let rejection: u32 = 0;
let median: bool = false;
/** The seven addresses of a stack. */
let buffers: usize = 0;
/** The valid samples of one pixel and their weights. */
let samples: usize = 0;
let weights: usize = 0;
/** Of the rows of the tile, weights in the median. */
let rowWeights: usize = 0;
/** A row for counts of what the guard takes out, below and above, where nobody wants maps. */
let countRows: usize = 0;
/** What is known of the planes, and bytes from one to the next; the rows of the guard that stand there. */
let planesKnown: usize = 0;
let knownBytes: usize = 0;
let guardRows: u32 = 0;
/** Bytes of the lists of one row, of the slots of their tiles, twice, and one more where all samples are valid; and of bits of the samples taken out. */
let seenBytes: usize = 0;
let takenBytes: usize = 0;
/** Bytes of a row of the cell, of a plane, and of a plane of results. */
let pitch: usize = 0;
let plane: usize = 0;
let resultPlane: usize = 0;
/** Bytes from one row of samples to the next, and from one frame to the next. */
let samplePitch: usize = 0;
let slotBytes: usize = 0;

/** The block and plane in hand: what is known of it, its lists, and, of every slot, `noiseOf` its weight. */
let known: usize = 0;
let seen: usize = 0;
let taken: usize = 0;
let noises: usize = 0;
/** The guard's scratch, as if it had all rows of the block. */
let guard: usize = 0;
/** Where the samples of the first frame stand, as if all rows did. */
let own: usize = 0;
/** Counts of what the guard takes out, rows `countPitch` bytes apart: maps, or where nobody wants these, one row for all. */
let guardedLow: usize = 0;
let guardedHigh: usize = 0;
let countPitch: usize = 0;
/** Of every slot, whether it is known to be blank in the block (blank-blocks.ts). */
let blanks: usize = 0;

export function guardedStack(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.width(job);
  const blocksX = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blocks = blocksX * ((Job.rows(job) + BLOCK_SIZE - 1) / BLOCK_SIZE);
  begin(job, BLOCK_SIZE, scratch);
  samplePitch = pitch;
  slotBytes = plane * Job.planes(job);
  for (let unit = from; unit < to; unit++) {
    const c = unit / blocks;
    const x0 = ((unit % blocks) % blocksX) * BLOCK_SIZE;
    const y0 = Job.firstRow(job) + ((unit % blocks) / blocksX) * BLOCK_SIZE;
    // The first slot is nobody's.
    own = Job.cube_at(job) + slotBytes + plane * c + pitch * y0 + <usize>x0 * 4;
    takePlane(job, c, x0, y0, planesKnown);
    guard = known + knownBytes - ROW * BLOCK_SIZE;
    stackRows(job, c, x0, y0, 0, BLOCK_SIZE, scratch);
  }
  end(job, scratch);
}

/** The same of all planes of strip `from` of the rows of a call, counted block by block, whose samples warpStrips has left in the scratch; strips of a block come one after the other. */
export function stackStrip(job: usize, from: u32, _to: u32, scratch: usize): void {
  const width = Job.width(job);
  const height = Job.pixels(job) / width;
  const across = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const block = blockOf(job, from);
  const x0 = (block % across) * BLOCK_SIZE;
  const y0 = (block / across) * BLOCK_SIZE;
  const first = (from % stripsOf(job)) * Job.stripRows(job);
  const rows = min(BLOCK_SIZE, height - y0);
  if (first >= rows) return;
  const before = rowsBefore(job);
  if (first == 0) begin(job, before + Job.stripRows(job), scratch);
  samplePitch = SAMPLE_ROW;
  slotBytes = stripPlane(job) * Job.planes(job);
  for (let c: u32 = 0; c < Job.planes(job); c++) {
    own = scratch + Job.samples_at(job) + stripPlane(job) * c - SAMPLE_ROW * (first - before);
    // Where blocks are one strip, planes come one after the other.
    takePlane(job, c, x0, y0, planesKnown + (before > 0 ? knownBytes * c : 0));
    const rowsAt = known + knownBytes - ROW * guardRows;
    if (first > 0) memory.copy(rowsAt, rowsAt + ROW * Job.stripRows(job), ROW * before);
    guard = rowsAt - ROW * (first - before);
    stackRows(job, c, x0, y0, first, min(first + Job.stripRows(job), rows), scratch);
  }
  if (first + Job.stripRows(job) >= rows) end(job, scratch);
}

/** Where the results of a block begin, in bytes. */
function resultAt(job: usize, c: u32, x0: u32, y0: u32): usize {
  return resultPlane * c + pitch * (y0 - Job.firstRow(job)) + <usize>x0 * 4;
}

/** What all units of a call have in common; the guard keeps so many rows. */
function begin(job: usize, rows: u32, scratch: usize): void {
  const width = Job.width(job);
  const height = Job.pixels(job) / width;
  const slots = <usize>Job.slots(job);
  rejection = Job.winsorise(job) != 0 ? WINSORISED : KAPPA_SIGMA;
  median = Job.combine(job) != 0;
  pitch = <usize>width * 4;
  plane = pitch * height;
  resultPlane = pitch * Job.rows(job);
  buffers = (setAt(scratch, Job.slots(job), SETS) + 15) & ~15;
  countRows = buffers + 32;
  samples = countRows + 2 * SAMPLE_ROW;
  weights = samples + slots * 4;
  rowWeights = weights + slots * 4;
  planesKnown = (rowWeights + slots * 4 + 15) & ~15;
  seenBytes = slots * 4;
  takenBytes = slots * 8;
  guardRows = rows;
  knownBytes = ((LISTS + TURNS * (seenBytes + takenBytes) + slots * 4 + 15) & ~15) + ROW * rows;
  memory.copy(buffers, job + Job.ADDRESSES, 28);
  if (Job.sumsCounts(job) != 0) store<u64>(buffers, 0, 20);
  startCounts();
  startTaking();
  setGuard(Job.guardLow(job), Job.guardHigh(job), Job.slope(job), Job.pairSlope(job));
  startWaiting();
}

function end(job: usize, scratch: usize): void {
  finishWaiting(job, buffers, rejection, median, scratch);
  if (Job.sumsCounts(job) == 0) return;
  atomic.add<u64>(Job.rejected_low_at(job), countedLow);
  atomic.add<u64>(Job.rejected_high_at(job), countedHigh);
  atomic.add<u64>(Job.guarded_low_at(job), takenLow);
  atomic.add<u64>(Job.guarded_high_at(job), takenHigh);
}

/** Takes plane c of a block in hand, of which `at` is known. */
function takePlane(job: usize, c: u32, x0: u32, y0: u32, at: usize): void {
  known = at;
  taken = known + LISTS;
  seen = taken + TURNS * takenBytes;
  noises = seen + TURNS * seenBytes;
  const across = (Job.width(job) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  // Behind the first slot of the cube, which is nobody's.
  blanks = Job.blankBlocks_at(job) + <usize>((y0 / BLOCK_SIZE) * across + x0 / BLOCK_SIZE) * (Job.slots(job) + 1) + 1;
  const sums = Job.sumsCounts(job) != 0;
  const block = resultAt(job, c, x0, y0);
  countPitch = sums ? 0 : pitch;
  guardedLow = sums ? countRows : Job.guarded_low_at(job) + block;
  guardedHigh = sums ? countRows + SAMPLE_ROW : Job.guarded_high_at(job) + block;
}

/** Rows `first` to `end` of a block, row by row: the guard asks for medians and samples of the rows next to its own, and finds what the stack has just read in the cache. */
function stackRows(job: usize, c: u32, x0: u32, y0: u32, first: u32, end: u32, scratch: usize): void {
  const block = resultAt(job, c, x0, y0);
  const columns = min(BLOCK_SIZE, Job.width(job) - x0);
  const rows = min(BLOCK_SIZE, Job.pixels(job) / Job.width(job) - y0);
  end = min(end, rows);
  startLimits(leastVariance(job, c));
  // Of the last row of the strip before it may be.
  let above = first > 0;
  for (let y = first; y < end; y++) {
    const any = stackRow(job, c, block + pitch * y, y, columns, scratch);
    if (y > 0) guardRow(job, c, y - 1, columns, rows, above);
    if (y > 1) closeRow(job, c, block + pitch * (y - 2), y - 2, scratch);
    above = any;
  }
  if (end < rows) return;
  guardRow(job, c, rows - 1, columns, rows, above);
  if (rows > 1) closeRow(job, c, block + pitch * (rows - 2), rows - 2, scratch);
  closeRow(job, c, block + pitch * (rows - 1), rows - 1, scratch);
}

/** Of the slot with the least noise. */
function leastVariance(job: usize, c: u32): f32 {
  const planes = Job.planes(job);
  const slots = Job.slots(job);
  let at = Job.guard_weights_at(job) + <usize>c * 4;
  let variance: f32 = Infinity;
  for (let s: u32 = 0; s < slots; s++) {
    variance = min(variance, 1 / load<f32>(at));
    at += planes * 4;
  }
  return variance;
}

/** Finds what the guard takes out of row `y` of the block, whose neighbours are stacked; `any` is false where it is nothing. The samples stay while the row below asks for them. */
function guardRow(job: usize, c: u32, y: u32, columns: u32, rows: u32, any: bool): void {
  const turn = turnOf(y);
  const list = seen + turn * seenBytes;
  const bits = taken + turn * takenBytes;
  const length = <usize>load<u32>(known + turn * 4, LENGTHS);
  memory.fill(bits, 0, length * 8);
  memory.fill(guardedLow + countPitch * y, 0, <usize>columns * 4);
  memory.fill(guardedHigh + countPitch * y, 0, <usize>columns * 4);
  if (!any) return;
  const before = uncertain();
  if (!setLimits(guard, y, columns, rows, Job.maxSamples(job))) return;
  const step = <usize>Job.planes(job) * 4;
  const guardWeights = Job.guard_weights_at(job) + <usize>c * 4;
  if (uncertain() > before) {
    for (let s: usize = 0; s < Job.slots(job); s++) store<f32>(noises + s * 4, noiseOf(load<f32>(guardWeights + s * step)));
  }
  let open: u64 = 0;
  for (let k: usize = 0; k < length; k++) {
    const entry = load<u32>(list + k * 4);
    const s = <usize>(entry >> 1);
    const values = own + slotBytes * s;
    const weight = load<f32>(guardWeights + s * step);
    const noise = load<f32>(noises + s * 4);
    const gone = takeOut(values, samplePitch, y, columns, rows, weight, noise, guardedLow, guardedHigh, countPitch, (entry & 1) != 0, guard);
    store<u64>(bits + k * 8, gone);
    open |= gone;
  }
  setOpen(y, open);
}

/** Takes them out, and lets the pixels of the row that are still to be stacked wait. `at` are bytes from the start of the results. */
function closeRow(job: usize, c: u32, at: usize, y: u32, scratch: usize): void {
  const turn = turnOf(y);
  const open = load<u64>(known + turn * 8, OPEN);
  if (open == 0) return;
  const list = seen + turn * seenBytes;
  const bits = taken + turn * takenBytes;
  const length = <usize>load<u32>(known + turn * 4, LENGTHS);
  const row = own + samplePitch * y;
  for (let k: usize = 0; k < length; k++) {
    const gone = load<u64>(bits + k * 8);
    if (gone != 0) blankBits(row + slotBytes * (load<u32>(list + k * 4) >> 1), gone);
  }
  for (let rest = open; rest != 0; rest &= rest - 1) {
    const x = <usize>ctz(rest) * 4;
    stackAgain(job, c, row + x, at + x, list, length, scratch);
  }
}

// @ts-ignore: decorator
@inline
function turnOf(y: u32): usize {
  return <usize>y & (TURNS - 1);
}

// @ts-ignore: decorator
@inline
function setOpen(y: u32, bits: u64): void {
  const at = known + OPEN + turnOf(y) * 8;
  store<u64>(at, load<u64>(at) | bits);
}

/**
 * Stacks what a row of the block shows to lose nothing, and keeps its medians; true where the guard may take out samples. `at` are bytes from the start
 * of the results.
 */
function stackRow(job: usize, c: u32, at: usize, y: u32, columns: u32, scratch: usize): bool {
  const slots = Job.slots(job);
  const most = Job.maxSamples(job);
  loadTileAt(job, buffers, c, own + samplePitch * y, slotBytes, columns, scratch, blanks);
  store<u64>(known + turnOf(y) * 8, 0, OPEN);
  const row = guard + ROW * y;
  const whole = f32x4.splat(weighRow(job, c, y, scratch));
  let any = 0;
  for (let i: u32 = 0; i < columns; i += 4) {
    const lanes = columns - i;
    const place = at + <usize>i * 4;
    takeGroup(slots, i, scratch);
    let middle = groupMedian(slots, scratch);
    const isFull = i32x4.all_true(i32x4.eq(groupCount, i32x4.splat(groupLength)));
    if (!isFull) middle = lanesMedian(slots, scratch);
    v128.store(row + <usize>i * 4, middle, MEDIAN);
    v128.store(row + <usize>i * 4, groupCount, USED);
    v128.store(row + <usize>i * 4, isFull && groupLength == tileRows ? whole : weighLanes(i, scratch), WEIGHT);
    const open = settleGroup(job, buffers, rejection, median, middle, place, lanes, scratch);
    const guarded = i32x4.bitmask(
      v128.and(i32x4.ge_u(groupCount, i32x4.splat(2)), i32x4.le_u(groupCount, i32x4.splat(most))),
    );
    any |= guarded;
    if (open == 0) continue;
    setOpen(y, <u64>(open & guarded) << i);
    letWait(job, buffers, rejection, median, open & ~guarded, place, scratch);
  }
  endRow(row, columns);
  return any != 0;
}

/** Lists the slots of the tile, brings their weights in the median, and returns what a pixel with a sample of each weighs. */
function weighRow(job: usize, c: u32, y: u32, scratch: usize): f32 {
  const planes = Job.planes(job);
  const all = Job.median_weights_at(job) + <usize>(c + planes) * 4;
  const from = tileSlotsAt(scratch, Job.slots(job));
  const to = seen + turnOf(y) * seenBytes;
  store<u32>(known + turnOf(y) * 4, tileRows, LENGTHS);
  let sum: f64 = 0;
  for (let k: usize = 0; k < tileRows; k++) {
    const entry = load<u32>(from + k * 4);
    store<u32>(to + k * 4, entry);
    const weight = load<f32>(all + <usize>(entry >> 1) * planes * 4);
    store<f32>(rowWeights + k * 4, weight);
    sum += <f64>weight;
  }
  return <f32>sum;
}

/** What pixel i of the tile and the next three weigh. */
function weighLanes(i: u32, scratch: usize): v128 {
  const limit = f32x4.splat(BLANK_LIMIT);
  let value = tileAt(scratch) + <usize>i * 4;
  let weight = rowWeights;
  const end = rowWeights + <usize>tileRows * 4;
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  for (; weight < end; weight += 4) {
    const w = v128.and(v128.load32_splat(weight), f32x4.gt(v128.load(value), limit));
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(w));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<f32>(w, w, 2, 3, 2, 3)));
    value += TILE_ROW;
  }
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(sum0), f32x4.demote_f64x2_zero(sum1), 0, 1, 4, 5);
}

/** Lets the pixel at byte `at` of the planes wait with what the cube still holds of it in the slots of a list. */
function stackAgain(job: usize, c: u32, first: usize, at: usize, list: usize, length: usize, scratch: usize): void {
  const step = <usize>Job.planes(job) * 4;
  const stackWeights = <usize>load<u32>(buffers, 4) + <usize>c * 4;
  let n: usize = 0;
  for (let k: usize = 0; k < length; k++) {
    const s = <usize>(load<u32>(list + k * 4) >> 1);
    const v = load<f32>(first + slotBytes * s);
    store<f32>(samples + n * 4, v);
    store<f32>(weights + n * 4, load<f32>(stackWeights + step * s));
    n += <usize>(v > BLANK_LIMIT);
  }
  addWaiting(job, samples, 4, weights, <u32>n, 0, <u32>n, at, scratch);
  if (waitingIsFull()) finishWaiting(job, buffers, rejection, median, scratch);
}

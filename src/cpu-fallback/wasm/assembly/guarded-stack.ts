// What stack-median, guard-few over all slots and a clipping stack come to, block by block: a block's samples are sorted once for their median and for the
// stack, and lie in the cache when the guard looks at them. Pixels of which the guard takes a sample, and those where it may and the stack does too, are
// stacked again, or then for the first time.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, GuardedStackJob as Job } from './layout';
import { endRow, setGuard, setLimits } from './guard-limits';
import { GUARD_BYTES, MEDIAN, ROW, TAKEN, USED, WEIGHT } from './guard-scratch';
import { takeOut } from './guard-take';
import { groupCount, groupLength, groupMedian, lanesMedian, letWait, settleGroup, takeGroup } from './stack-pixels';
import { KAPPA_SIGMA, WINSORISED } from './stack-rejection';
import { setAt, SETS, TILE_ROW, tileAt, tileSlotsAt } from './stack-scratch';
import { loadTile, tileRows } from './stack-tile';
import { addWaiting, finishWaiting, startWaiting, waitingIsFull } from './stack-waiting';

/** Behind the stack's scratch and the guard's: bits of the pixels of every row that are still to be stacked, then the seven addresses of a stack. */
const OPEN: usize = GUARD_BYTES;
const BUFFERS: usize = OPEN + 8 * BLOCK_SIZE;
/** Then lists with an entry for every slot: */
const LISTS: usize = BUFFERS + 32;

/** The call in hand. */
let rejection: u32 = 0;
let median: bool = false;
let buffers: usize = 0;
/** The guard's scratch. */
let guard: usize = 0;
/** The valid samples of one pixel and their weights. */
let samples: usize = 0;
let weights: usize = 0;
/** Of the rows of the tile, weights in the median. */
let rowWeights: usize = 0;
/** Of every slot, rows of the block that have samples of it, and those that have nothing else. */
let someRows: usize = 0;
let fullRows: usize = 0;
/** The slots that the block has samples of. */
let seen: usize = 0;
let seenSlots: u32 = 0;
/** Of every slot, whether it is known to be blank in the block (blank-blocks.ts). */
let blanks: usize = 0;
/** Bytes of a row of the cell, a plane, and a slot. */
let pitch: usize = 0;
let plane: usize = 0;
let slotBytes: usize = 0;

export function guardedStack(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.width(job);
  const height = Job.pixels(job) / width;
  const blocksX = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blocks = blocksX * ((height + BLOCK_SIZE - 1) / BLOCK_SIZE);
  rejection = Job.winsorise(job) != 0 ? WINSORISED : KAPPA_SIGMA;
  median = Job.combine(job) != 0;
  guard = (setAt(scratch, Job.slots(job), SETS) + 15) & ~15;
  pitch = <usize>width * 4;
  plane = pitch * height;
  slotBytes = plane * Job.planes(job);
  samples = guard + LISTS;
  weights = samples + <usize>Job.slots(job) * 4;
  rowWeights = weights + <usize>Job.slots(job) * 4;
  seen = rowWeights + <usize>Job.slots(job) * 4;
  someRows = seen + <usize>Job.slots(job) * 4;
  fullRows = someRows + <usize>Job.slots(job);
  // The first slot is nobody's.
  buffers = guard + BUFFERS;
  memory.copy(buffers, job + Job.ADDRESSES, 28);
  store<u32>(buffers, <u32>(Job.cube_at(job) + slotBytes));
  setGuard(Job.guardLow(job), Job.guardHigh(job), Job.slope(job));
  startWaiting();
  for (let unit = from; unit < to; unit++) {
    const x0 = ((unit % blocks) % blocksX) * BLOCK_SIZE;
    const y0 = ((unit % blocks) / blocksX) * BLOCK_SIZE;
    stackBlock(job, unit / blocks, x0, y0, min(BLOCK_SIZE, width - x0), min(BLOCK_SIZE, height - y0), scratch);
  }
  finishWaiting(job, buffers, rejection, median, scratch);
}

function stackBlock(job: usize, c: u32, x0: u32, y0: u32, columns: u32, rows: u32, scratch: usize): void {
  const slots = Job.slots(job);
  const planes = Job.planes(job);
  const block = plane * c + pitch * y0 + <usize>x0 * 4;
  const low = Job.guarded_low_at(job) + block;
  const high = Job.guarded_high_at(job) + block;
  memory.fill(guard + OPEN, 0, 8 * BLOCK_SIZE);
  memory.fill(someRows, 0, 2 * slots);
  const across = (Job.width(job) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  // Behind the first slot of the cube, which is nobody's.
  blanks = Job.blankBlocks_at(job) + <usize>((y0 / BLOCK_SIZE) * across + x0 / BLOCK_SIZE) * (slots + 1) + 1;
  let any = false;
  for (let y: u32 = 0; y < rows; y++) {
    memory.fill(low + pitch * y, 0, <usize>columns * 4);
    memory.fill(high + pitch * y, 0, <usize>columns * 4);
    if (stackRow(job, c, block + pitch * y, y, columns, scratch)) any = true;
  }
  if (!any) return;
  const guardWeights = Job.guard_weights_at(job) + <usize>c * 4;
  let variance: f32 = Infinity;
  for (let s: usize = 0; s < slots; s++) variance = min(variance, 1 / load<f32>(guardWeights + s * planes * 4));
  setLimits(guard, columns, rows, Job.maxSamples(job), variance);
  seenSlots = 0;
  for (let s: u32 = 0; s < slots; s++) {
    if (load<u8>(someRows + s) == 0) continue;
    store<u32>(seen + <usize>seenSlots * 4, s);
    seenSlots++;
    const values = <usize>load<u32>(buffers) + slotBytes * s + block;
    const weight = load<f32>(guardWeights + <usize>s * planes * 4);
    const isFull = columns == BLOCK_SIZE && load<u8>(fullRows + s) == rows;
    const taken = takeOut(values, pitch, columns, rows, weight, low, high, isFull, guard);
    for (let k: usize = 0; k < taken; k++) {
      const offset = <usize>load<u32>(guard + k * 4, TAKEN);
      store<f32>(values + offset, BLANK_VALUE);
      setOpen(<u32>(offset / pitch), <u64>1 << <u64>((offset % pitch) >> 2));
    }
  }
  for (let y: u32 = 0; y < rows; y++) {
    for (let rest = load<u64>(guard + OPEN + <usize>y * 8); rest != 0; rest &= rest - 1) {
      stackAgain(job, c, block + pitch * y + <usize>ctz(rest) * 4, scratch);
    }
  }
}

// @ts-ignore: decorator
@inline
function setOpen(y: u32, bits: u64): void {
  const at = guard + OPEN + <usize>y * 8;
  store<u64>(at, load<u64>(at) | bits);
}

/**
 * Stacks what a row of the block shows to lose nothing, and keeps its medians; true where the guard may take out samples. `at` are bytes from the start of a
 * slot, as of an output.
 */
function stackRow(job: usize, c: u32, at: usize, y: u32, columns: u32, scratch: usize): bool {
  const slots = Job.slots(job);
  const most = Job.maxSamples(job);
  loadTile(job, buffers, c, <u32>((at - plane * c) >> 2), columns, scratch, blanks);
  const row = guard + ROW * y;
  const whole = f32x4.splat(weighRow(job, c, scratch));
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
      v128.and(i32x4.ge_u(groupCount, i32x4.splat(3)), i32x4.le_u(groupCount, i32x4.splat(most))),
    );
    any |= guarded;
    if (open == 0) continue;
    setOpen(y, <u64>(open & guarded) << i);
    letWait(job, buffers, rejection, median, open & ~guarded, place, scratch);
  }
  endRow(row, columns);
  return any != 0;
}

/** Counts the slots of the tile, brings their weights in the median, and returns what a pixel with a sample of each weighs. */
function weighRow(job: usize, c: u32, scratch: usize): f32 {
  const planes = Job.planes(job);
  const all = Job.median_weights_at(job) + <usize>(c + planes) * 4;
  const list = tileSlotsAt(scratch, Job.slots(job));
  let sum: f64 = 0;
  for (let k: usize = 0; k < tileRows; k++) {
    const entry = load<u32>(list + k * 4);
    const s = <usize>(entry >> 1);
    store<u8>(someRows + s, load<u8>(someRows + s) + 1);
    store<u8>(fullRows + s, load<u8>(fullRows + s) + <u8>(entry & 1));
    const weight = load<f32>(all + s * planes * 4);
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

/** Lets the pixel at byte `at` of the planes wait with what the cube still holds of it. */
function stackAgain(job: usize, c: u32, at: usize, scratch: usize): void {
  const step = <usize>Job.planes(job) * 4;
  const cube = <usize>load<u32>(buffers) + at;
  const stackWeights = <usize>load<u32>(buffers, 4) + <usize>c * 4;
  let n: usize = 0;
  for (let k: usize = 0; k < seenSlots; k++) {
    const s = <usize>load<u32>(seen + k * 4);
    const v = load<f32>(cube + slotBytes * s);
    store<f32>(samples + n * 4, v);
    store<f32>(weights + n * 4, load<f32>(stackWeights + step * s));
    n += <usize>(v > BLANK_LIMIT);
  }
  addWaiting(job, samples, 4, weights, <u32>n, 0, <u32>n, at, scratch);
  if (waitingIsFull()) finishWaiting(job, buffers, rejection, median, scratch);
}

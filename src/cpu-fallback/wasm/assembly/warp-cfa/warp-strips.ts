// Before a guarded stack of warps that wait (wasm/waiting-warps.ts): a strip of the block in hand of every frame, which the stack finds in the cache.
import { BLOCK_SIZE, GuardedStackJob as Job, WARP_CALL_BYTES } from '../layout';
import { mayShow, warpRows } from './warp-cfa';

/** Bytes of a row of samples of a block. */
export const SAMPLE_ROW: usize = BLOCK_SIZE * 4;
/** Rows of the strip before that the guard still asks for: the last two. */
const BEFORE: u32 = 2;

/** Strips of a block. */
// @ts-ignore: decorator
@inline
export function stripsOf(job: usize): u32 {
  return BLOCK_SIZE / Job.stripRows(job);
}

/** Block of the cell that strip `unit` of the rows of a call is of. */
// @ts-ignore: decorator
@inline
export function blockOf(job: usize, unit: u32): u32 {
  const across = (Job.width(job) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  return across * (Job.firstRow(job) / BLOCK_SIZE) + unit / stripsOf(job);
}

/** Rows of the strip before that stand in front of one: none where blocks are one strip. */
// @ts-ignore: decorator
@inline
export function rowsBefore(job: usize): u32 {
  return stripsOf(job) > 1 ? BEFORE : 0;
}

/** Bytes of a plane of a strip, with the rows before. */
// @ts-ignore: decorator
@inline
export function stripPlane(job: usize): usize {
  return SAMPLE_ROW * (rowsBefore(job) + Job.stripRows(job));
}

/**
 * Warps strip `from` of the rows of a call, counted block by block, into the scratch, `[slot, plane, row, column]`, rows of BLOCK_SIZE samples; what warps need of it themselves lies
 * behind. The last rows of the strip before move to the front.
 */
export function warpStrips(job: usize, from: u32, _to: u32, scratch: usize): void {
  const block = blockOf(job, from);
  const first = (from % stripsOf(job)) * Job.stripRows(job);
  const before = rowsBefore(job);
  const plane = stripPlane(job);
  const slotBytes = plane * Job.planes(job);
  const slots = Job.slots(job);
  let samples = scratch + Job.samples_at(job);
  const room = samples + slotBytes * slots;
  let call = Job.warps_at(job);
  for (let s: u32 = 0; s < slots; s++) {
    if (mayShow(call, block)) {
      if (first > 0) bringLast(samples, plane, Job.planes(job), Job.stripRows(job));
      warpRows(call, block, first, first + Job.stripRows(job), samples + SAMPLE_ROW * before, SAMPLE_ROW, plane, room);
    }
    call += WARP_CALL_BYTES;
    samples += slotBytes;
  }
}

/** Moves the last rows of a strip to the front, in all planes. */
function bringLast(samples: usize, plane: usize, planes: u32, rows: u32): void {
  for (let c: u32 = 0; c < planes; c++) {
    const from = samples + SAMPLE_ROW * rows;
    for (let at: usize = 0; at < SAMPLE_ROW * BEFORE; at += 16) v128.store(samples + at, v128.load(from + at));
    samples += plane;
  }
}

// Before a guarded stack of warps that wait (wasm/waiting-warps.ts): the block in hand of every frame, which the stack finds in the cache.
import { BLOCK_SIZE, GuardedStackJob as Job, WARP_CALL_BYTES } from '../layout';
import { warpBlock } from './warp-cfa';

/** Bytes of a plane of a block. */
export const BLOCK_PLANE: usize = BLOCK_SIZE * BLOCK_SIZE * 4;

/** Warps block `from` of the cell into the scratch, `[slot, plane, row, column]`, rows of BLOCK_SIZE samples; what warps need of it themselves lies behind. */
export function warpBlocks(job: usize, from: u32, _to: u32, scratch: usize): void {
  const slots = Job.slots(job);
  const slotBytes = BLOCK_PLANE * Job.planes(job);
  let samples = scratch + Job.samples_at(job);
  const room = samples + slotBytes * slots;
  let call = Job.warps_at(job);
  for (let s: u32 = 0; s < slots; s++) {
    warpBlock(call, from, samples, BLOCK_SIZE * 4, BLOCK_PLANE, room);
    call += WARP_CALL_BYTES;
    samples += slotBytes;
  }
}

// Kernel stack-mean (src/compute/contracts/stack-mean.ts); units are tiles of 64 pixels of the planes one after the other.
import { BLANK_LIMIT, StackMeanJob as Job } from './layout';
import {
  combineLanes,
  gather,
  lanesCount,
  lanesMean,
  lanesWeight,
  loadTile,
  setAt,
  storeResult,
  TILE,
} from './stack-lanes';

export function stackMean(job: usize, from: u32, to: u32, scratch: usize): void {
  const pixels = Job.pixels(job);
  const tiles = (pixels + TILE - 1) / TILE;
  const buffers = job + Job.ADDRESSES;
  const set = setAt(scratch, Job.slots(job), 0);
  const zero = f32x4.splat(0);
  const most = f32x4.splat(Infinity);
  for (let unit = from; unit < to; unit++) {
    const c = unit / tiles;
    const start = (unit % tiles) * TILE;
    const size = min(TILE, pixels - start);
    loadTile(job, Job.cube_at(job), c, start, size, scratch);
    for (let i: u32 = 0; i < size; i += 4) {
      const n = gather(job, Job.frame_weights_at(job), c, i >> 2, scratch, set);
      combineLanes(Job.slots(job), n, f32x4.splat(BLANK_LIMIT), most, zero, set);
      const at = (<usize>c * pixels + start + i) * 4;
      storeResult(buffers, at, size - i, lanesMean, lanesWeight, lanesCount, zero, zero);
    }
  }
}

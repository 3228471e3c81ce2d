// Kernel stack-mean (src/compute/contracts/stack-mean.ts); units are tiles of 64 pixels of the planes one after the other.
import { BLANK_LIMIT, StackMeanJob as Job } from '../layout';
import { combineAll, combineWithin, lanesMean, lanesWeight, storeResult } from './stack-combine';
import { GROUP, setAt, TILE, TILE_ROW, tileAt, tileWeightsAt, valuesAt, weightsAt } from './stack-scratch';
import { gather, lanesCount, loadTile, tileIsFull, tileRows, tileWeight } from './stack-tile';

export function stackMean(job: usize, from: u32, to: u32, scratch: usize): void {
  const pixels = Job.pixels(job);
  const slots = Job.slots(job);
  const tiles = (pixels + TILE - 1) / TILE;
  const buffers = job + Job.ADDRESSES;
  const set = setAt(scratch, slots, GROUP);
  const zero = f32x4.splat(0);
  const limit = f32x4.splat(BLANK_LIMIT);
  const most = f32x4.splat(Infinity);
  for (let unit = from; unit < to; unit++) {
    const c = unit / tiles;
    const start = (unit % tiles) * TILE;
    const size = min(TILE, pixels - start);
    loadTile(job, buffers, c, start, size, scratch);
    for (let i: u32 = 0; i < size; i += 4) {
      let count = i32x4.splat(tileRows);
      if (tileIsFull) {
        const weights = tileWeightsAt(scratch, slots);
        combineAll(tileAt(scratch) + <usize>i * 4, TILE_ROW, weights, tileWeight, tileRows, zero);
      } else {
        const n = gather(slots, i >> 2, scratch, set);
        count = lanesCount;
        combineWithin(valuesAt(set, slots), weightsAt(set, slots), true, n, limit, most, zero);
      }
      const place = (<usize>c * pixels + start + i) * 4;
      storeResult(buffers, place, size - i, lanesMean, lanesWeight, count, zero, zero);
    }
  }
}

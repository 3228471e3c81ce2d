// The walk over the pixels of a sample cube that the sorting stacks share; units are tiles of 64 pixels of the planes one after the other. Pixels
// of which nothing is rejected, nearly all, are done on the spot, four at once; the others wait until eight of them can be clipped together.
import { StackKappaSigmaJob as Clipping, StackMeanJob as Shape } from './layout';
import { combineAll, lanesMean, lanesWeight, storeResult } from './stack-combine';
import { laneOf, medianOfRuns } from './stack-order';
import { losesNothing } from './stack-proof';
import { KEEP_ALL, WINSORISED } from './stack-rejection';
import {
  GROUP,
  setAt,
  sortedAt,
  TILE,
  TILE_ROW,
  tileAt,
  tileWeightsAt,
  valuesAt,
  weightsAt,
} from './stack-scratch';
import { sortRuns } from './stack-sort';
import { gather, lanesCount, loadTile, tileIsFull, tileRows } from './stack-tile';
import { addWaiting, finishWaiting, startWaiting, waitingIsFull } from './stack-waiting';

/** `buffers` are the seven addresses of the stack contracts; the job is that of a clipping stack unless all is kept. */
export function stackPixels(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  from: u32,
  to: u32,
  scratch: usize,
): void {
  const pixels = Shape.pixels(job);
  const slots = Shape.slots(job);
  const tiles = (pixels + TILE - 1) / TILE;
  const set = setAt(scratch, slots, GROUP);
  startWaiting();
  for (let unit = from; unit < to; unit++) {
    const c = unit / tiles;
    const start = (unit % tiles) * TILE;
    const size = min(TILE, pixels - start);
    loadTile(job, buffers, c, start, size, scratch);
    for (let i: u32 = 0; i < size; i += 4) {
      const place = (<usize>c * pixels + start + i) * 4;
      let n = tileRows;
      let count = i32x4.splat(n);
      let values = tileAt(scratch) + <usize>i * 4;
      let stride = TILE_ROW;
      let weights = tileWeightsAt(scratch, slots);
      let unsorted = values;
      if (!tileIsFull) {
        n = gather(slots, i >> 2, scratch, set);
        count = lanesCount;
        values = valuesAt(set, slots);
        unsorted = sortedAt(set, slots);
        stride = 16;
        weights = weightsAt(set, slots);
      }
      const half = sortRuns(unsorted, stride, sortedAt(set, slots), n);
      stackGroup(job, buffers, rejection, median, values, stride, weights, n, half, count, place, size - i, scratch);
    }
  }
  finishWaiting(job, buffers, rejection, median, scratch);
}

/** Four neighbouring pixels of n slots, of which `lanes` are pixels of the plane; sorted into runs, the first of `half`. */
function stackGroup(
  job: usize,
  buffers: usize,
  rejection: u32,
  median: bool,
  values: usize,
  stride: usize,
  weights: usize,
  n: u32,
  half: u32,
  count: v128,
  place: usize,
  lanes: u32,
  scratch: usize,
): void {
  const zero = i32x4.splat(0);
  if (n == 0) {
    storeResult(buffers, place, lanes, zero, zero, zero, zero, zero);
    return;
  }
  const slots = Shape.slots(job);
  const sorted = sortedAt(setAt(scratch, slots, GROUP), slots);
  const middle = medianOfRuns(sorted, half, n);
  const least = n > half ? f32x4.pmin(v128.load(sorted), v128.load(sorted + (<usize>half << 4))) : v128.load(sorted);
  let settled = i32x4.eq(count, i32x4.splat(n));
  if (rejection != KEEP_ALL && n >= 3) {
    const perLow: f32 = <f32>1 / Clipping.kappaLow(job);
    const perHigh: f32 = <f32>1 / Clipping.kappaHigh(job);
    const last = v128.load(sorted + (<usize>(n - 1) << 4));
    const most = n > half ? f32x4.pmax(v128.load(sorted + (<usize>(half - 1) << 4)), last) : last;
    const winsorise = rejection == WINSORISED;
    const keeps = losesNothing(values, stride, n, middle, least, most, perLow, perHigh, winsorise);
    settled = v128.and(settled, keeps);
  }
  let open = ~i32x4.bitmask(settled) & ((1 << min(lanes, 4)) - 1);
  if (open != (1 << min(lanes, 4)) - 1) {
    combineAll(values, stride, weights, n, least);
    storeResult(buffers, place, lanes, median ? middle : lanesMean, lanesWeight, count, zero, zero);
  }
  for (; open != 0; open &= open - 1) {
    const lane = ctz(open);
    addWaiting(job, values, stride, weights, n, lane, laneOf(count, lane), place + <usize>lane * 4, scratch);
    if (waitingIsFull()) finishWaiting(job, buffers, rejection, median, scratch);
  }
}

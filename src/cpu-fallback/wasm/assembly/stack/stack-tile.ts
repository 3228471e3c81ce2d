// Copies of 64 neighbouring pixels of a sample cube, without the slots that are blank there; and four of them in slot order.
import { bringNear } from '../bring-near';
import { BLANK_LIMIT, StackMeanJob as Shape } from '../layout';
import { sortedAt, TILE, TILE_ROW, tileAt, tileSlotsAt, tileWeightsAt, valuesAt, weightsAt } from './stack-scratch';

/** Rows of the tile: slots with a valid sample. */
export let tileRows: u32 = 0;
/** Sum of their weights. */
export let tileWeight: f64 = 0;
/** True when all samples of the rows are valid. */
export let tileIsFull: bool = false;

/** Copies up to 64 pixels of plane `c` of the cube from `start` on. */
export function loadTile(job: usize, buffers: usize, c: u32, start: u32, size: u32, scratch: usize): void {
  const stride = <usize>Shape.planes(job) * Shape.pixels(job) * 4;
  const source = <usize>load<u32>(buffers) + (<usize>c * Shape.pixels(job) + start) * 4;
  loadTileAt(job, buffers, c, source, stride, size, scratch, 0);
}

/**
 * Copies up to 64 samples of each slot, which stand `stride` bytes apart from `source` on; at `blanks`, unless it is 0, a byte for every slot that says whether it is known to
 * be blank there.
 */
export function loadTileAt(
  job: usize,
  buffers: usize,
  c: u32,
  source: usize,
  stride: usize,
  size: u32,
  scratch: usize,
  blanks: usize,
): void {
  const slots = Shape.slots(job);
  const planes = Shape.planes(job);
  const limit = f32x4.splat(BLANK_LIMIT);
  const bytes = <usize>((size + 3) & ~3) * 4;
  let weight = <usize>load<u32>(buffers, 4) + <usize>c * 4;
  const tile = tileAt(scratch);
  let row = tile;
  let rowWeight = tileWeightsAt(scratch, slots);
  let rowSlot = tileSlotsAt(scratch, slots);
  let all = i32x4.splat(-1);
  tileWeight = 0;
  if (size == TILE) bringSlotsNear(source, stride, slots, blanks);
  for (let s: u32 = 0; s < slots; s++, source += stride, weight += <usize>planes * 4) {
    if (blanks != 0 && load<u8>(blanks + s) != 0) continue;
    let any = i32x4.splat(0);
    let both = i32x4.splat(-1);
    for (let at: usize = 0; at < bytes; at += 16) {
      const v = v128.load(source + at);
      v128.store(row + at, v);
      const valid = f32x4.gt(v, limit);
      any = v128.or(any, valid);
      both = v128.and(both, valid);
    }
    if (v128.any_true(any)) {
      store<f32>(rowWeight, load<f32>(weight));
      tileWeight += <f64>load<f32>(weight);
      all = v128.and(all, both);
      store<u32>(rowSlot, (s << 1) | <u32>i32x4.all_true(both));
      row += TILE_ROW;
      rowWeight += 4;
      rowSlot += 4;
    }
  }
  tileRows = <u32>((row - tile) / TILE_ROW);
  tileIsFull = i32x4.all_true(all);
}

/**
 * Asks for the samples of all slots at once. Each slot's lie elsewhere, and while those of one are copied the processor looks no further ahead than to the next two or
 * three: most of its time it would wait.
 */
function bringSlotsNear(source: usize, stride: usize, slots: u32, blanks: usize): void {
  for (let s: u32 = 0; s < slots; s++, source += stride) {
    if (blanks == 0 || load<u8>(blanks + s) == 0) bringNear(source);
  }
}

/** Number of valid samples of every lane. */
export let lanesCount: v128 = i32x4.splat(0);
/** Sum of the weights of the gathered rows. */
export let rowsWeight: f64 = 0;

/** True when all lanes of the gathered rows are valid. */
export let groupIsFull: bool = false;

/**
 * Gathers the rows of the tile where at least one lane of a group of four pixels is valid: values, where need be the same with blanks as infinity for
 * sorting, weights. Returns their number and sets `lanesCount`, `rowsWeight` and `groupIsFull`.
 */
export function gather(slots: u32, group: u32, scratch: usize, set: usize): u32 {
  const limit = f32x4.splat(BLANK_LIMIT);
  const tile = tileAt(scratch);
  let weight = tileWeightsAt(scratch, slots);
  let values = valuesAt(set, slots);
  let weights = weightsAt(set, slots);
  let count = i32x4.splat(0);
  let n: u32 = 0;
  rowsWeight = 0;
  let source = tile + <usize>group * 16;
  const end = source + TILE_ROW * tileRows;
  for (; source != end; source += TILE_ROW) {
    const v = v128.load(source);
    const valid = f32x4.gt(v, limit);
    if (v128.any_true(valid)) {
      v128.store(values, v);
      store<f32>(weights, load<f32>(weight));
      rowsWeight += <f64>load<f32>(weight);
      count = i32x4.sub(count, valid);
      values += 16;
      weights += 4;
      n++;
    }
    weight += 4;
  }
  lanesCount = count;
  groupIsFull = i32x4.all_true(i32x4.eq(count, i32x4.splat(n)));
  if (!groupIsFull) blanksToInfinity(valuesAt(set, slots), sortedAt(set, slots), n);
  return n;
}

/** Copies n > 0 vectors for sorting: blanks come last. */
export function blanksToInfinity(values: usize, target: usize, n: u32): void {
  const limit = f32x4.splat(BLANK_LIMIT);
  const infinity = f32x4.splat(Infinity);
  const end = values + (<usize>n << 4);
  do {
    const v = v128.load(values);
    v128.store(target, v128.bitselect(v, infinity, f32x4.gt(v, limit)));
    values += 16;
    target += 16;
  } while (values != end);
}

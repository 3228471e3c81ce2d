// Where a worker's scratch of the stacks lies; its size stands in kernel-passes.ts. First what is known of the pixels that wait for clipping. Then a
// tile: a row of 64 pixels per slot, one weight per row, and which slot it is. Then sets of four lists of one vector per slot: the group of four pixels in hand, and
// two sets of waiting pixels.

/** Of up to 8 waiting pixels. */
const RECORDS: usize = 128;

/** Pixels gathered at once: whole cache lines of every slot, so that planes a power of two apart do not evict each other. */
export const TILE: u32 = 64;
export const TILE_ROW: usize = TILE * 4;

/** Set of the group in hand. */
export const GROUP: u32 = 0;
/** The first of the two sets of waiting pixels. */
export const WAITING: u32 = 1;

// @ts-ignore: decorator
@inline
export function tileAt(scratch: usize): usize {
  return scratch + RECORDS;
}

/** Weights of the rows of the tile. */
// @ts-ignore: decorator
@inline
export function tileWeightsAt(scratch: usize, slots: u32): usize {
  return tileAt(scratch) + TILE_ROW * slots;
}

/** Slots of the rows of the tile, twice, and one more where all samples of the row are valid. */
// @ts-ignore: decorator
@inline
export function tileSlotsAt(scratch: usize, slots: u32): usize {
  return tileWeightsAt(scratch, slots) + <usize>slots * 4;
}

// @ts-ignore: decorator
@inline
export function setAt(scratch: usize, slots: u32, index: u32): usize {
  return tileWeightsAt(scratch, slots) + ((<usize>slots * 8 + 15) & ~15) + index * 4 * listBytes(slots);
}

/** Lists are read and written in eights, and a step beyond. */
// @ts-ignore: decorator
@inline
function listBytes(slots: u32): usize {
  return 16 * (((<usize>slots + 7) & ~7) + 4);
}

/** Values in slot order. */
// @ts-ignore: decorator
@inline
export function valuesAt(set: usize, _slots: u32): usize {
  return set;
}

/** The same, ascending, blanks at the end as infinity. */
// @ts-ignore: decorator
@inline
export function sortedAt(set: usize, slots: u32): usize {
  return set + listBytes(slots);
}

/** Ascending survivors minus their median, 0 for all others. */
// @ts-ignore: decorator
@inline
export function excessAt(set: usize, slots: u32): usize {
  return set + 2 * listBytes(slots);
}

/** Weights of the values: one number per slot for the group in hand, one vector for pixels that wait. */
// @ts-ignore: decorator
@inline
export function weightsAt(set: usize, slots: u32): usize {
  return set + 3 * listBytes(slots);
}

// Where a worker's scratch of the stacks lies; its size stands in kernel-passes.ts. First what is known of the pixels that wait for clipping. Then a
// tile: a row of 64 pixels per slot, one weight per row, and which slot it is. Then sets of four lists of one vector per slot: the group of four pixels in hand, and
// four sets of waiting pixels.

/** Pixels that wait at once, and the sets of four that they make. */
export const LANES: u32 = 16;
export const GROUPS: u32 = LANES / 4;

/**
 * What is known of waiting pixels, a word of each side by side: byte of its results, entries of its list, valid ones; the first survivor and the one behind the last,
 * whether it is still clipped, its sigma; and of the winsorised sigma two factors and whether it still moves.
 */
export const PLACE: usize = 0;
export const LENGTH: usize = LANES * 4;
export const COUNT: usize = 2 * LANES * 4;
export const LOW: usize = 3 * LANES * 4;
export const HIGH: usize = 4 * LANES * 4;
export const ACTIVE: usize = 5 * LANES * 4;
export const SIGMA: usize = 6 * LANES * 4;
export const SHARE: usize = 7 * LANES * 4;
export const SCALE: usize = 8 * LANES * 4;
export const RUNNING: usize = 9 * LANES * 4;
const RECORDS: usize = 10 * LANES * 4;

/** Pixels gathered at once: whole cache lines of every slot, so that planes a power of two apart do not evict each other. */
export const TILE: u32 = 64;
export const TILE_ROW: usize = TILE * 4;

/** Set of the group in hand. */
export const GROUP: u32 = 0;
/** The first of the sets of waiting pixels. */
export const WAITING: u32 = 1;
export const SETS: u32 = WAITING + GROUPS;

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

// What a worker keeps of one row of one block between the steps of the warp. All lists have one entry per column.
import { BLOCK_SIZE } from '../layout';

const COLUMNS: usize = BLOCK_SIZE;
const LIST: usize = COLUMNS * 4;

/** The inner polynomials r0, r1, r2 of x and of y for every column. */
export const POLYNOMIALS: usize = 0;
/** Byte offset of the first tap from the start of a plane, or OUTSIDE, or PARTIAL. */
export const TAP: usize = 6 * LIST;
/** Fractions of the position. */
export const FRACTION_X: usize = TAP + LIST;
export const FRACTION_Y: usize = FRACTION_X + LIST;
export const PHASE_X: usize = FRACTION_Y + LIST;
export const PHASE_Y: usize = PHASE_X + LIST;
export const REST_X: usize = PHASE_Y + LIST;
export const REST_Y: usize = REST_X + LIST;
/** For Lanczos-3 byte offsets of the phases, or their addresses, and what remains of them: x and y of a column side by side. */
export const PHASES: usize = PHASE_X;
export const RESTS: usize = REST_X;
/** Of warp-cfa, for one colour, in all bits: whether no tap is missing. */
export const WHOLE: usize = PHASE_Y;
/** The same of the numbers of the sites along m and n. */
export const SITE_M: usize = PHASE_X;
export const SITE_N: usize = REST_X;
/** Integer window pixel, for those that take the exact path. */
export const PIXEL_X: usize = REST_Y + LIST;
export const PIXEL_Y: usize = PIXEL_X + LIST;
/** Normalised frame coordinates. */
export const LEVEL_X: usize = PIXEL_Y + LIST;
export const LEVEL_Y: usize = LEVEL_X + LIST;
/** Of warp-cfa with Lanczos-3, until a column's weights are known: byte offsets of the phases. */
export const ENTRY_Y: usize = LEVEL_Y + LIST;
/** Values before levels. */
export const VALUE: usize = ENTRY_Y + LIST;
export const ENTRY_X: usize = VALUE;
/** Four vectors, of warp-cfa with cubic or bilinear weights. */
export const COLUMN_SUMS: usize = VALUE + LIST;
/** Twice six weights in f64, of the exact paths. */
export const EXACT_WEIGHTS: usize = COLUMN_SUMS + 64;
/** Four columns: warp-spans.ts. */
export const SPANS: usize = COLUMN_SUMS + 160;
/** First pixel of a region, in the window: warp-region.ts. */
export const REGION_X: usize = SPANS + 16;
export const REGION_Y: usize = REGION_X + 4;
/** Per plane: one tap per column, then per column a vector of sums and, behind 16 bytes, one of minima, both over lanes that are still to be joined. */
export const SUMS: usize = COLUMN_SUMS + 192;
export const SUMS_BYTES: usize = LIST + COLUMNS * 48;

/** Of warp-cfa with cubic weights: sixteen taps of four pixels, then four vectors. */
export const TAPS: usize = SUMS;

/** Of warp-cfa, three times, one colour after the other: address of the first tap, and fractions of the position between the sites. */
export const SITES: usize = SUMS + SUMS_BYTES;
export const SITES_BYTES: usize = 3 * LIST;
export const SITE_TAP: usize = SITES;
export const SITE_FRACTION_X: usize = SITES + LIST;
export const SITE_FRACTION_Y: usize = SITES + 2 * LIST;

/** Vectors: cfa-interior.ts. */
export const CONSTANTS: usize = SITES + 3 * SITES_BYTES;

/** What warp-cfa has behind all this: cfa-region.ts. */
export const CFA_BYTES: usize = CONSTANTS + 384;

/** The position lies outside the frame. */
export const OUTSIDE: i32 = -1;
/** Taps are missing. */
export const PARTIAL: i32 = -2;

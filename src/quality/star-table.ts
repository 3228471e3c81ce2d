// The stars that frames and mosaic have in common, as one table.
import type { StarList } from '../astrometry/stars/star-list.js';
import type { ExpectedStar, ProductStar } from './product-stars.js';

/** The shared stars of one frame; arrays of one length, positions 0-based on the mosaic. */
export interface FrameStars {
  readonly stars: StarList;
  readonly index: ArrayLike<number>;
  readonly star: ArrayLike<number>;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** A star that is to be measured on the mosaic. */
export interface TableStar extends ExpectedStar {
  /** Its common number. */
  readonly number: number;
  /** Frames that show it. */
  readonly seen: number;
  /** Largest signal to noise of a frame's detection. */
  readonly snr: number;
}

/** Stars that are measured, at most; evenly over the mosaic. */
const MAX_STARS = 1500;
/** Stars of one square of the mosaic. */
const PER_SQUARE = 6;

/** The best seen stars of each part of a mosaic of `nx` x `ny` pixels, in order of their number. */
export function chooseStars(frames: readonly FrameStars[], nx: number, ny: number): TableStar[] {
  const all = new Map<number, { x: number; y: number; seen: number; snr: number }>();
  for (const { stars, index, star, x, y } of frames) {
    for (let k = 0; k < star.length; k++) {
      const snr = stars.snr[index[k]];
      const known = all.get(star[k]);
      if (!known) all.set(star[k], { x: x[k], y: y[k], seen: 1, snr });
      else {
        known.x += x[k];
        known.y += y[k];
        known.seen++;
        known.snr = Math.max(known.snr, snr);
      }
    }
  }
  let most = 0;
  for (const { seen } of all.values()) most = Math.max(most, seen);
  const least = Math.min(2, most);
  const side = Math.max(64, Math.sqrt((nx * ny * PER_SQUARE) / MAX_STARS));
  const squares = new Map<number, TableStar[]>();
  for (const [number, { x, y, seen, snr }] of all) {
    if (seen < least) continue;
    const place = { number, x: x / seen, y: y / seen, seen, snr };
    const square = Math.floor(place.y / side) * 65536 + Math.floor(place.x / side);
    const members = squares.get(square);
    if (members) members.push(place);
    else squares.set(square, [place]);
  }
  return [...squares.values()]
    .flatMap((members) => members.sort((a, b) => b.snr - a.snr).slice(0, PER_SQUARE))
    .sort((a, b) => a.number - b.number);
}

/** Measured stars by their common number. */
export function byNumber(
  table: readonly TableStar[],
  measured: readonly (ProductStar | undefined)[],
): Map<number, ProductStar> {
  return new Map(table.flatMap(({ number }, i) => (measured[i] ? [[number, measured[i]] as const] : [])));
}

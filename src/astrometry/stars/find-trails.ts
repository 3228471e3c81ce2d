// Trails of satellites and aircraft: along them noise makes dozens of peaks, which in a field of few stars would outnumber these.
import type { WindowedShape } from './star-finder.js';

/** A straight line in sample coordinates of the detection image: x nx + y ny = offset. */
export interface Trail {
  readonly nx: number;
  readonly ny: number;
  readonly offset: number;
}

/** Sources of more than this ellipticity may be pieces of a trail. */
export const LONG = 0.35;
/** Pieces lie this near the line, samples, and point along it within this angle. */
const BAND = 3;
const ALONG = Math.cos((20 * Math.PI) / 180);
/** So many pieces make a trail, or so many times as many as chance puts there where all stars of a frame are drawn out one way ... */
const MIN_PIECES = 8;
const OVER_CHANCE = 6;
/** ... over this share of the frame's shorter side, in so many of its twelve parts: a drawn-out star is no trail, nor are two in a row. */
const MIN_SPAN = 0.4;
const PARTS = 12;
const MIN_PARTS = 7;
/** Pieces whose pairs are tried, evenly taken from all. */
const MAX_TRIED = 60;
const MAX_TRAILS = 4;

/** Lines that long sources stand along, one behind the other; none for frames whose stars are drawn out, however far. `width` and `height` of the image. */
export function findTrails(sources: readonly WindowedShape[], width: number, height: number): Trail[] {
  let long = sources.filter(({ ellipticity }) => ellipticity > LONG);
  const trails: Trail[] = [];
  while (long.length >= MIN_PIECES && trails.length < MAX_TRAILS) {
    const best = longestRow(long, width, height);
    if (!best) break;
    trails.push(best);
    long = long.filter((source) => !isPieceOf(best, source));
  }
  return trails;
}

/** Whether a source looks like a piece of the trail, and not like a star that it crosses. */
export function isPieceOf({ nx, ny, offset }: Trail, { x, y, ellipticity, angle }: WindowedShape): boolean {
  if (ellipticity <= LONG || Math.abs(x * nx + y * ny - offset) > BAND) return false;
  return Math.abs(Math.cos(angle) * ny - Math.sin(angle) * nx) > ALONG;
}

function longestRow(long: readonly WindowedShape[], width: number, height: number): Trail | undefined {
  const step = Math.max(1, long.length / MAX_TRIED);
  const tried = Array.from(
    { length: Math.min(long.length, MAX_TRIED) },
    (_, i) => long[Math.floor(i * step)],
  );
  const side = Math.min(width, height);
  const enough = Math.max(MIN_PIECES, (OVER_CHANCE * long.length * 2 * BAND) / side);
  let [best, most]: [Trail | undefined, number] = [undefined, enough - 1];
  for (const [i, a] of tried.entries()) {
    for (const b of tried.slice(i + 1)) {
      const length = Math.hypot(b.x - a.x, b.y - a.y);
      // what is nearer does not tell the direction
      if (length < MIN_SPAN * 0.5 * side) continue;
      const [nx, ny] = [-(b.y - a.y) / length, (b.x - a.x) / length];
      const trail = { nx, ny, offset: a.x * nx + a.y * ny };
      if (!isPieceOf(trail, a) || !isPieceOf(trail, b)) continue;
      const pieces = long.filter((source) => isPieceOf(trail, source));
      if (pieces.length > most && isSpread(pieces, trail, side)) [best, most] = [trail, pieces.length];
    }
  }
  return best;
}

function isSpread(pieces: readonly WindowedShape[], { nx, ny }: Trail, side: number): boolean {
  const along = pieces.map(({ x, y }) => x * ny - y * nx);
  const start = Math.min(...along);
  const span = Math.max(...along) - start;
  if (span < MIN_SPAN * side) return false;
  return (
    new Set(along.map((t) => Math.min(PARTS - 1, Math.floor((PARTS * (t - start)) / span)))).size >= MIN_PARTS
  );
}

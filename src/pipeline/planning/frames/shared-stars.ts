// Stars of all frames as one set: each gets a number that all frames share, by its place on the output grid.
import type { StarList } from '../../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { memoryFor } from '../../../photometry/levels/level-observations.js';
import { starGrid } from '../../../simd/star-grid.js';
import type { OutputGrid } from '../grid/output-grid.js';

/** The bright, unsaturated stars of one frame; arrays of one length. */
export interface NumberedStars {
  /** Index into the frame's star list. */
  readonly index: Int32Array;
  /** The star's common number. */
  readonly star: Int32Array;
}

export interface SharedStars extends NumberedStars {
  /** Where the frame's WCS puts it on the output grid, 0-based. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

interface StarredFrame {
  readonly wcs: CelestialWcs;
  readonly stars: StarList;
}

type Grid = Pick<OutputGrid, 'wcs'>;

/** Stars of two frames within this many pixels of the output grid are one star. */
const MATCH_RADIUS_PX = 1.5;
/** Brightest unsaturated stars of a frame that are matched, and of all frames together: more take memory, and tell nothing new of either. */
const MAX_OF_A_FRAME = 400;
const MAX_IN_ALL = 1e6;

/** How many stars of each of so many frames are matched, at most. */
export const sharedOfEach = (frames: number): number =>
  Math.ceil(Math.min(MAX_OF_A_FRAME, MAX_IN_ALL / frames));

/** At most `sharedOfEach` stars of each frame, numbered from 0 in the order of the frames. */
export function shareStars(grid: Grid, frames: readonly StarredFrame[]): SharedStars[] {
  return common(grid, frames, ({ index, star, x, y }, count) => ({
    index: index.slice(0, count),
    star: star.slice(0, count),
    x: x.slice(0, count),
    y: y.slice(0, count),
  }));
}

/** The same without their places, for which there is no room to spare while the stars of thousands of frames are at hand. */
export function numberStars(grid: Grid, frames: readonly StarredFrame[]): NumberedStars[] {
  return common(grid, frames, ({ index, star }, count) => ({
    index: index.slice(0, count),
    star: star.slice(0, count),
  }));
}

/** `keep` is given the stars of each frame in turn, in arrays that the next one's are written to. */
function common<T>(
  grid: Grid,
  frames: readonly StarredFrame[],
  keep: (shared: SharedStars, count: number) => T,
): T[] {
  const maxStars = sharedOfEach(frames.length);
  const counts = frames.map(({ stars }) => Math.min(stars.count, maxStars));
  const most = counts.reduce((n, count) => Math.max(n, count), 0);
  const total = counts.reduce((n, count) => n + count, 0);
  const memory = memoryFor(total);
  const places = starGrid(memory, total, MATCH_RADIUS_PX);
  const [atX, atY, atZ] = [memory.take(8 * most), memory.take(8 * most), memory.take(8 * most)];
  const numbers = memory.take(4 * most);
  // on the plane of the grid
  new Float64Array(memory.buffer, atZ, most).fill(0);
  const x = new Float64Array(memory.buffer, atX, most);
  const y = new Float64Array(memory.buffer, atY, most);
  const star = new Int32Array(memory.buffer, numbers, most);
  const index = new Int32Array(most);
  const v = new Float64Array(3);
  return frames.map(({ wcs, stars }) => {
    let count = 0;
    for (let i = 0; i < stars.count && count < maxStars; i++) {
      if (stars.saturated[i] || !wcs.pixelToUnit(stars.x[i], stars.y[i], v)) continue;
      if (!grid.wcs.unitToPixel(v[0], v[1], v[2], v)) continue;
      index[count] = i;
      x[count] = v[0] - 1;
      y[count++] = v[1] - 1;
    }
    memory.passes.starGridNumber(places.at, atX, atY, atZ, count, MATCH_RADIUS_PX, numbers);
    return keep({ index, star, x, y }, count);
  });
}

// Stars of all frames as one set: each gets a number that all frames share, by its place on the output grid.
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { OutputGrid } from './output-grid.js';

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
/** Brightest unsaturated stars of a frame that are matched. */
export const MAX_SHARED_STARS = 400;
/** Side of the cells of the search. */
const SEARCH_CELL_PX = 4;

const cellOf = (at: number) => Math.floor(at / SEARCH_CELL_PX);
const keyOf = (cx: number, cy: number) => (cx + 1) * 2 ** 26 + cy + 1;

/** At most `maxStars` stars of each frame, numbered from 0 in the order of the frames. */
export function shareStars(
  grid: Grid,
  frames: readonly StarredFrame[],
  maxStars = MAX_SHARED_STARS,
): SharedStars[] {
  return common(grid, frames, maxStars, ({ index, star, x, y }, count) => ({
    index: index.slice(0, count),
    star: star.slice(0, count),
    x: x.slice(0, count),
    y: y.slice(0, count),
  }));
}

/** The same without their places, for which there is no room to spare while the stars of thousands of frames are at hand. */
export function numberStars(grid: Grid, frames: readonly StarredFrame[]): NumberedStars[] {
  return common(grid, frames, MAX_SHARED_STARS, ({ index, star }, count) => ({
    index: index.slice(0, count),
    star: star.slice(0, count),
  }));
}

/** `keep` is given the stars of each frame in turn, in arrays that the next one's are written to. */
function common<T>(
  grid: Grid,
  frames: readonly StarredFrame[],
  maxStars: number,
  keep: (shared: SharedStars, count: number) => T,
): T[] {
  const most = frames.reduce((n, { stars }) => Math.max(n, Math.min(stars.count, maxStars)), 0);
  const shared = {
    index: new Int32Array(most),
    star: new Int32Array(most),
    x: new Float64Array(most),
    y: new Float64Array(most),
  };
  const numbers = new PlaceNumbers();
  return frames.map(({ wcs, stars }) => {
    let count = 0;
    for (let i = 0; i < stars.count && count < maxStars; i++) {
      if (stars.saturated[i]) continue;
      const sky = wcs.pixelToSky(stars.x[i], stars.y[i]);
      const at = sky && grid.wcs.skyToPixel(sky[0], sky[1]);
      if (!at) continue;
      shared.index[count] = i;
      shared.star[count] = numbers.of(at[0], at[1]);
      shared.x[count] = at[0] - 1;
      shared.y[count++] = at[1] - 1;
    }
    return keep(shared, count);
  });
}

/** Places that have a number, each for all that come near it. */
class PlaceNumbers {
  readonly #cells = new Map<number, number[]>();
  readonly #x: number[] = [];
  readonly #y: number[] = [];

  /** Of the nearest place within the radius of a match; a new one where there is none. */
  of(x: number, y: number): number {
    const [toX, toY] = [cellOf(x + MATCH_RADIUS_PX), cellOf(y + MATCH_RADIUS_PX)];
    let best = -1;
    let bestDistance = MATCH_RADIUS_PX;
    for (let cy = cellOf(y - MATCH_RADIUS_PX); cy <= toY; cy++) {
      for (let cx = cellOf(x - MATCH_RADIUS_PX); cx <= toX; cx++) {
        const inCell = this.#cells.get(keyOf(cx, cy));
        if (!inCell) continue;
        for (let k = 0; k < inCell.length; k++) {
          const place = inCell[k];
          const distance = Math.hypot(this.#x[place] - x, this.#y[place] - y);
          if (!(distance < bestDistance)) continue;
          best = place;
          bestDistance = distance;
        }
      }
    }
    if (best >= 0) return best;
    this.#y.push(y);
    const place = this.#x.push(x) - 1;
    const own = keyOf(cellOf(x), cellOf(y));
    const inCell = this.#cells.get(own);
    if (inCell) inCell.push(place);
    else this.#cells.set(own, [place]);
    return place;
  }
}

// Stars of all frames as one set: each gets a number that all frames share, by its place on the output grid.
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { OutputGrid } from './output-grid.js';

/** The bright, unsaturated stars of one frame; arrays of one length. */
export interface SharedStars {
  /** Index into the frame's star list. */
  readonly index: readonly number[];
  /** The star's common number. */
  readonly star: readonly number[];
  /** Where the frame's WCS puts it on the output grid, 0-based. */
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Stars of two frames within this many pixels of the output grid are one star. */
const MATCH_RADIUS_PX = 1.5;
/** Brightest unsaturated stars of a frame that are matched. */
export const MAX_SHARED_STARS = 400;
/** Side of the cells of the search. */
const SEARCH_CELL_PX = 4;

const cellOf = (at: number) => Math.floor(at / SEARCH_CELL_PX);

/** At most `maxStars` stars of each frame, numbered from 0 in the order of the frames. */
export function shareStars(
  grid: Pick<OutputGrid, 'wcs'>,
  frames: readonly { readonly wcs: CelestialWcs; readonly stars: StarList }[],
  maxStars = MAX_SHARED_STARS,
): SharedStars[] {
  const cells = new Map<number, number[]>();
  const known: { x: number; y: number }[] = [];
  const key = (cx: number, cy: number) => (cx + 1) * 2 ** 26 + cy + 1;
  return frames.map(({ wcs, stars }) => {
    const index: number[] = [];
    const numbers: number[] = [];
    const xs: number[] = [];
    const ys: number[] = [];
    for (let i = 0; i < stars.count && index.length < maxStars; i++) {
      if (stars.saturated[i]) continue;
      const sky = wcs.pixelToSky(stars.x[i], stars.y[i]);
      const at = sky && grid.wcs.skyToPixel(sky[0], sky[1]);
      if (!at) continue;
      const [x, y] = at;
      const [toX, toY] = [cellOf(x + MATCH_RADIUS_PX), cellOf(y + MATCH_RADIUS_PX)];
      let best = -1;
      let bestDistance = MATCH_RADIUS_PX;
      for (let cy = cellOf(y - MATCH_RADIUS_PX); cy <= toY; cy++) {
        for (let cx = cellOf(x - MATCH_RADIUS_PX); cx <= toX; cx++) {
          const inCell = cells.get(key(cx, cy));
          if (!inCell) continue;
          for (let k = 0; k < inCell.length; k++) {
            const { x: xk, y: yk } = known[inCell[k]];
            const distance = Math.hypot(xk - x, yk - y);
            if (!(distance < bestDistance)) continue;
            best = inCell[k];
            bestDistance = distance;
          }
        }
      }
      if (best < 0) {
        best = known.push({ x, y }) - 1;
        const own = key(cellOf(x), cellOf(y));
        const inCell = cells.get(own);
        if (inCell) inCell.push(best);
        else cells.set(own, [best]);
      }
      index.push(i);
      numbers.push(best);
      xs.push(x - 1);
      ys.push(y - 1);
    }
    return { index, star: numbers, x: xs, y: ys };
  });
}

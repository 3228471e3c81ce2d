// What a run keeps of its frames once their integration is planned.
import { brightestStars } from '../../astrometry/stars/brightest-stars.js';
import { starArrays, withStarArrays } from '../../astrometry/stars/star-arrays.js';
import type { LevelGrid } from '../../photometry/background/level-grid.js';
import { ArrayStore, storedBytes } from '../array-store.js';
import type { MeasuredFrame } from './placed-frame.js';
import { MAX_SHARED_STARS } from './shared-stars.js';

/** Stars of a frame that are looked for on the product: of many frames fewer, about a million in all. */
export const productStars = (frames: number): number =>
  Math.ceil(Math.min(MAX_SHARED_STARS, MAX_OBSERVATIONS / frames));
const MAX_OBSERVATIONS = 1e6;

/**
 * The frames with the stars by which the product is measured, and with meshes of one cell: the levels that these told are in the plan. `byStars`: their fluxes were matched by
 * all stars that they share; else the product is asked for gains by these, too.
 */
export function plannedFrames(frames: readonly MeasuredFrame[], byStars: boolean): MeasuredFrame[] {
  const most = byStars ? productStars(frames.length) : MAX_SHARED_STARS;
  const lists = frames.map(({ stars }) => brightestStars(stars, most));
  const store = new ArrayStore(lists.reduce((sum, stars) => sum + storedBytes(starArrays(stars)), 0));
  return frames.map((frame, f) => {
    const { background } = frame.measure;
    return {
      ...frame,
      stars: withStarArrays(lists[f], (values) => store.keep(values)),
      measure: { ...frame.measure, background: { ...background, grid: oneCell(frame) } },
    };
  });
}

/** Mean level and typical noise of the frame, everywhere. */
function oneCell({ measure: { background } }: MeasuredFrame): LevelGrid {
  const { width, height } = background.grid;
  const whole = (values: readonly number[]) => values.map((value) => Float32Array.of(value));
  return {
    nx: 1,
    ny: 1,
    stepPx: Math.max(width, height),
    width,
    height,
    level: whole(background.level),
    noise: whole(background.noise),
  };
}

// What a run keeps of its frames once their integration is planned.
import { brightestStars } from '../../../astrometry/stars/brightest-stars.js';
import { starArrays, withStarArrays } from '../../../astrometry/stars/star-arrays.js';
import type { LevelGrid } from '../../../photometry/background/level-grid.js';
import { ArrayStore, storedBytes } from '../../array-store.js';
import type { MeasuredFrame } from '../grid/placed-frame.js';
import { sharedOfEach } from './shared-stars.js';

/** The frames with the stars by which the product is measured, and with meshes of one cell: the levels that these told are in the plan. */
export function plannedFrames(frames: readonly MeasuredFrame[]): MeasuredFrame[] {
  const most = sharedOfEach(frames.length);
  const lists = frames.map(({ stars }) => brightestStars(stars, most));
  const isAsBefore = lists.every((list, f) => list === frames[f].stars);
  // a block stands as long as one list of it does
  const store = new ArrayStore(
    isAsBefore ? 0 : lists.reduce((sum, stars) => sum + storedBytes(starArrays(stars)), 0),
  );
  return frames.map((frame, f) => {
    const { background } = frame.measure;
    const { width, height } = background.grid;
    const grid = new OneCell(width, height, background.level, background.noise);
    return {
      ...frame,
      stars: isAsBefore ? lists[f] : withStarArrays(lists[f], (values) => store.keep(values)),
      measure: { ...frame.measure, background: { ...background, grid } },
    };
  });
}

/** Mean level and typical noise of a frame, everywhere; arrays are made when they are asked for. */
class OneCell implements LevelGrid {
  readonly nx = 1;
  readonly ny = 1;
  readonly stepPx: number;
  readonly #level: readonly number[];
  readonly #noise: readonly number[];

  constructor(
    readonly width: number,
    readonly height: number,
    level: readonly number[],
    noise: readonly number[],
  ) {
    this.stepPx = Math.max(width, height);
    this.#level = level;
    this.#noise = noise;
  }

  get level(): Float32Array[] {
    return this.#level.map((value) => Float32Array.of(value));
  }

  get noise(): Float32Array[] {
    return this.#noise.map((value) => Float32Array.of(value));
  }
}

// What a run keeps of its frames once their integration is planned.
import { brightestStars } from '../../astrometry/stars/brightest-stars.js';
import type { LevelGrid } from '../../photometry/background/level-grid.js';
import type { MeasuredFrame } from './placed-frame.js';
import { MAX_SHARED_STARS } from './shared-stars.js';

/** The frames with the stars that they may share, by which the product is measured, and with meshes of one cell: the levels that these told are in the plan. */
export function plannedFrames(frames: readonly MeasuredFrame[]): MeasuredFrame[] {
  return frames.map((frame) => {
    const { background } = frame.measure;
    return {
      ...frame,
      stars: brightestStars(frame.stars, MAX_SHARED_STARS),
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

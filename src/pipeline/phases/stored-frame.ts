// The arrays of a measured frame beside those of all others: a plan needs those of thousands of frames, and once it is made none of them.
import { withStarArrays } from '../../astrometry/stars/star-arrays.js';
import { MAX_STARS } from '../../astrometry/stars/star-finder.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { ArrayStore } from '../array-store.js';
import { meshBytes, starBytes } from '../planning/frame-memory.js';
import type { MeasuredFrame } from '../planning/placed-frame.js';

/** Some twenty arrays of a frame begin at multiples of 8 bytes. */
const ALIGNMENT_BYTES = 20 * 8;

/** Room for the arrays of these frames, with as many stars as are kept at most. */
export function frameStore(records: readonly FrameRecord[]): ArrayStore {
  return new ArrayStore(
    records.reduce((sum, { width, height, sensor }) => {
      const channels = sensor.kind === 'mono' ? 1 : 3;
      return sum + starBytes(MAX_STARS, channels) + meshBytes(width, height, channels) + ALIGNMENT_BYTES;
    }, 0),
  );
}

/** The frame with its stars and its mesh in `store`. */
export function storedFrame<T extends Pick<MeasuredFrame, 'stars' | 'measure'>>(
  frame: T,
  store: ArrayStore,
): T {
  const { stars, measure } = frame;
  const { grid } = measure.background;
  const keep = (values: Float32Array) => store.keep(values);
  return {
    ...frame,
    stars: withStarArrays(stars, (values) => store.keep(values)),
    measure: {
      ...measure,
      background: {
        ...measure.background,
        grid: { ...grid, level: grid.level.map(keep), noise: grid.noise.map(keep) },
      },
    },
  };
}

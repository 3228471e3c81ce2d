// What is kept of a measured frame beside that of all others: stars in blocks that stand as long as the run needs them, meshes in blocks that only the plan does.
import { brightestStars } from '../../astrometry/stars/brightest-stars.js';
import { withStarArrays } from '../../astrometry/stars/star-arrays.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { ArrayStore } from '../array-store.js';
import { keptStars, meshBytes, starBytes } from '../planning/frames/frame-memory.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';

/** Some ten arrays of a star list, and six of a mesh, begin at multiples of 8 bytes. */
const ALIGNMENT_BYTES = 10 * 8;

type Measured = Pick<MeasuredFrame, 'stars' | 'measure'>;

export class FrameStore {
  readonly #most: number;
  readonly #stars: ArrayStore;
  readonly #meshes: ArrayStore;

  /** Room for the arrays of these frames, with as many stars as are kept at most. */
  constructor(records: readonly FrameRecord[]) {
    this.#most = keptStars(records.length);
    const room = (bytesOf: (record: FrameRecord, channels: number) => number) =>
      records.reduce(
        (sum, record) => sum + bytesOf(record, record.sensor.kind === 'mono' ? 1 : 3) + ALIGNMENT_BYTES,
        0,
      );
    this.#stars = new ArrayStore(room((_, channels) => starBytes(this.#most, channels)));
    this.#meshes = new ArrayStore(room(({ width, height }, channels) => meshBytes(width, height, channels)));
  }

  /** The frame with as many of its stars as are kept, where an earlier run has measured it: its arrays stay where they are. */
  shortened<T extends Measured>(frame: T): T {
    return { ...frame, stars: brightestStars(frame.stars, this.#most) };
  }

  /** The same with its stars and its mesh in the blocks. */
  stored<T extends Measured>(frame: T): T {
    const { measure } = frame;
    const { grid } = measure.background;
    const keep = (values: Float32Array) => this.#meshes.keep(values);
    return {
      ...frame,
      stars: withStarArrays(brightestStars(frame.stars, this.#most), (values) => this.#stars.keep(values)),
      measure: {
        ...measure,
        background: {
          ...measure.background,
          grid: { ...grid, level: grid.level.map(keep), noise: grid.noise.map(keep) },
        },
      },
    };
  }
}

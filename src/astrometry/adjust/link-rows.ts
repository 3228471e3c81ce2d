// The rows of the adjustment, one a link, as they begin.
import type { SamplePasses } from '../../simd/sample-passes.js';
import type { FrameModel } from './frame-model.js';
import type { FramePoints } from './frame-points.js';
import type { StarLinks } from './link-stars.js';
import type { LinkRows } from './system-types.js';

/** A centroid is no better than this, whatever its S/N: undersampling, colour filters. */
const CENTROID_FLOOR_PX = 0.04;

/** Rows in `memory`, whose content is void, believed as the stars' standard deviations `sigma(frame)` say, pixels. */
export function linkRows(
  memory: SamplePasses,
  models: readonly FrameModel[],
  points: readonly FramePoints[],
  { start, star, node }: Pick<StarLinks, 'start' | 'star' | 'node'>,
  sigma: (frame: number) => Float32Array,
): LinkRows {
  const count = star.length;
  memory.reset();
  const [starts, stars, nodes] = [start, star, node].map((of) => memory.put(of));
  const [base, raw] = [memory.take(8 * count), memory.take(8 * count)];
  const [believed, weight] = [memory.take(4 * count), memory.take(4 * count)];
  const floats = (at: number, length: number) => new Float32Array(memory.buffer, at, length);
  const [ofBase, ofRaw] = [floats(base, 2 * count), floats(raw, 2 * count)];
  const beliefs = floats(believed, count);
  for (let f = 0; f < models.length; f++) {
    const { unit } = models[f];
    const { x, y } = points[f].fromMiddle();
    const bases = points[f].bases(models[f]);
    const errors = sigma(f);
    for (let l = start[f]; l < start[f + 1]; l++) {
      const s = star[l];
      ofRaw[2 * l] = x[s] / unit;
      ofRaw[2 * l + 1] = y[s] / unit;
      ofBase[2 * l] = bases[2 * s] / unit;
      ofBase[2 * l + 1] = bases[2 * s + 1] / unit;
      const error = Math.max(errors[s], CENTROID_FLOOR_PX);
      beliefs[l] = 1 / (error * error);
    }
  }
  floats(weight, count).set(beliefs);
  return {
    ...{ memory, count, start },
    at: { ...{ start: starts, star: stars, node: nodes }, ...{ base, raw, believed, weight } },
  };
}

// The rows of the adjustment, one a link, as they begin.
import type { FrameModel } from './frame-model.js';
import type { FramePoints } from './frame-points.js';
import type { StarLinks } from './link-stars.js';
import type { LinkRows } from './system-types.js';

/** What of the rows does not change while frames move, and the weights `believed`, which do. */
export function linkRows(
  models: readonly FrameModel[],
  points: readonly FramePoints[],
  { frame, star, node }: StarLinks,
  believed: Float32Array,
): LinkRows {
  const n = frame.length;
  const start = new Int32Array(models.length + 1);
  for (let l = 0; l < n; l++) start[frame[l] + 1]++;
  for (let f = 0; f < models.length; f++) start[f + 1] += start[f];
  const [base, raw] = [new Float32Array(2 * n), new Float32Array(2 * n)];
  for (let f = 0; f < models.length; f++) {
    const { unit } = models[f];
    const { x, y } = points[f];
    const bases = points[f].bases(models[f]);
    for (let l = start[f]; l < start[f + 1]; l++) {
      const s = star[l];
      raw[2 * l] = x[s] / unit;
      raw[2 * l + 1] = y[s] / unit;
      base[2 * l] = bases[2 * s] / unit;
      base[2 * l + 1] = bases[2 * s + 1] / unit;
    }
  }
  return { start, frame, node, base, raw, weight: believed.slice() };
}

// The rows of the adjustment, one a link, without what changes from step to step.
import type { AdjustFrame } from './adjust-types.js';
import type { FrameModel } from './frame-model.js';
import type { StarLinks } from './link-stars.js';
import type { LinkRows } from './system-types.js';

/** What of the rows does not change while frames move. */
export function emptyRows(
  frames: readonly AdjustFrame[],
  models: readonly FrameModel[],
  { frame, star, node }: StarLinks,
): LinkRows {
  const n = frame.length;
  const start = new Int32Array(frames.length + 1);
  for (const f of frame) start[f + 1]++;
  for (let f = 0; f < frames.length; f++) start[f + 1] += start[f];
  const rows: LinkRows = {
    start,
    frame,
    node,
    base: new Float32Array(2 * n),
    raw: new Float32Array(2 * n),
    jacobian: new Float32Array(4 * n),
    residual: new Float32Array(2 * n),
    weight: new Float32Array(n),
  };
  const base = new Float64Array(2);
  for (let l = 0; l < n; l++) {
    const { stars, width, height } = frames[frame[l]];
    const model = models[frame[l]];
    const [x, y] = [stars.x[star[l]] - (width + 1) / 2, stars.y[star[l]] - (height + 1) / 2];
    model.base(x, y, base);
    rows.raw[2 * l] = x / model.unit;
    rows.raw[2 * l + 1] = y / model.unit;
    rows.base[2 * l] = base[0] / model.unit;
    rows.base[2 * l + 1] = base[1] / model.unit;
  }
  return rows;
}

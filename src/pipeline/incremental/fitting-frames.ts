// New frames that the mosaic they are to be added to cannot be made to hold.
import type { FrameReason } from '../../frames/frame-reason.js';
import type { RunContext } from '../run-context.js';
import { beyondGrid } from '../planning/grid/extend-grid.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';

/** Frames on a canvas of the allowed size; the others are refused, each with its place, instead of the run. */
export function fittingFrames(
  { config, sink }: Pick<RunContext, 'config' | 'sink'>,
  grid: OutputGrid,
  frames: readonly MeasuredFrame[],
): readonly MeasuredFrame[] {
  const gridFrames = frames.map((frame) => frameExtent(frame, config));
  const beyond = beyondGrid(grid, gridFrames, config.canvas_max_megapixels);
  for (const [f, why] of beyond) {
    const { record, wcs } = frames[f];
    const centre = wcs.pixelToSky((record.width + 1) / 2, (record.height + 1) / 2);
    const [raDeg, decDeg] = (centre ?? [NaN, NaN]).map((value) => Number(value.toFixed(3)));
    const limit = config.canvas_max_megapixels;
    const { projection } = grid.wcs.describe();
    const reason: FrameReason =
      why === 'size'
        ? { code: 'frames_reject_canvas', params: { raDeg, decDeg, limit } }
        : { code: 'frames_reject_projection', params: { raDeg, decDeg, projection } };
    sink.emit({ type: 'frame-rejected', path: record.path, reason });
  }
  return frames.filter((_, f) => !beyond.has(f));
}

// How wide the stars of a mosaic are, by those of its frames.
import { medianOf } from '../../photometry/mesh-repair.js';
import type { MosaicPlan } from './mosaic-plan.js';
import type { MeasuredFrame } from './grid/placed-frame.js';

/** Median width of the frames' stars in pixels of the mosaic. */
export function typicalFwhm(frames: readonly MeasuredFrame[], { grid }: MosaicPlan): number {
  const widths = frames.flatMap(({ stars, record, wcs }) => {
    const scale = wcs.pixelScaleArcsec((record.width + 1) / 2, (record.height + 1) / 2) / grid.scaleArcsec;
    return stars.medianFwhm > 0 ? [stars.medianFwhm * scale] : [];
  });
  return widths.length > 0 ? Math.min(16, Math.max(2, medianOf(widths))) : 3;
}

// What a measured frame says of itself to those who watch a run.
import { starsFound } from '../../astrometry/stars/brightest-stars.js';
import { footprint } from '../../astrometry/wcs/footprint.js';
import type { RunEvent } from '../../report/events.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';

/** The event of a frame; its place is left out while it is not known. */
export function frameMeasured({
  record,
  wcs,
  measure,
  stars,
}: Pick<MeasuredFrame, 'record' | 'measure' | 'stars'> & Partial<Pick<MeasuredFrame, 'wcs'>>): RunEvent {
  const { level, noise } = measure.background;
  const measured = stars.count > 0 && Number.isFinite(stars.medianFwhm);
  return {
    type: 'frame-measured',
    path: record.path,
    stars: starsFound(stars),
    ...(measured && {
      fwhmPx: rounded(stars.medianFwhm, 3),
      ellipticity: rounded(stars.medianEllipticity, 3),
    }),
    background: rounded(meanOf(level), 2),
    noise: rounded(meanOf(noise), 3),
    ...(wcs && {
      corners: footprint(wcs, record.width, record.height)
        .slice(0, -1)
        .map(([ra, dec]) => [rounded(ra, 6), rounded(dec, 6)] as const),
    }),
  };
}

const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

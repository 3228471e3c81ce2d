// A WCS that was found, told as a solution.
import { footprint } from '../wcs/footprint.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { Solution } from './solve-types.js';

/** Undefined when the frame does not lie on the sky with all its corners. */
export function describeSolution(
  wcs: CelestialWcs,
  width: number,
  height: number,
  quality: Pick<Solution, 'matched' | 'rmsPx' | 'logOdds'>,
): Omit<Solution, 'ms'> | undefined {
  const middle = [(width + 1) / 2, (height + 1) / 2] as const;
  const centre = wcs.pixelToSky(...middle);
  const outline = footprint(wcs, width, height);
  if (!centre || outline.length !== 5) return undefined;
  const [a, b, c, d] = wcs.describe().cd;
  return {
    wcs,
    centre,
    corners: outline.slice(0, 4),
    scaleArcsec: wcs.pixelScaleArcsec(...middle),
    parity: a * d - b * c > 0 ? 1 : -1,
    matched: quality.matched,
    rmsPx: quality.rmsPx,
    logOdds: quality.logOdds,
  };
}

// A solution in the words of the JSON that `solve` prints.
import type { Solution } from '../../astrometry/solver/solve-types.js';
import type { SolvedFile } from '../../report/summaries.js';

/** The solution's WCS has its reference point in the middle of the image, so `center`, `cd` and `sip` are all of it: CRPIX is (NAXIS + 1) / 2. */
export function solvedFile(
  file: string,
  { wcs, centre, corners, scaleArcsec, parity, matched, rmsPx, by }: Omit<Solution, 'ms'>,
  ms: number,
): SolvedFile {
  const { cd, sip } = wcs.describe();
  return {
    file,
    solved: true,
    center: centre,
    corners,
    cd,
    sip: sip ?? null,
    scale_arcsec: scaleArcsec,
    parity,
    matched,
    rms_px: rmsPx,
    ...(by !== undefined && { by }),
    ms,
  };
}

// Frames whose header does not say where they lie are solved by their stars, as a part of the ingest phase.
import type { SolveHint, SolveImage } from '../../astrometry/solver/solve-types.js';
import { starsFound } from '../../astrometry/stars/brightest-stars.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { makeTanWcs } from '../../astrometry/wcs/tan-wcs.js';
import type { RunConfig } from '../../config/table.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';

/** Error of a centroid: FWHM over S/N times this (King 1983; 0.6 for a Gaussian star over sky noise). */
const CENTROID_ERROR = 0.6;
const J2000_MS = Date.UTC(2000, 0, 1, 12);
const YEAR_MS = 365.25 * 86_400_000;
/** Digital exposures; beyond, proper motions would carry stars away. */
const [FIRST_EPOCH, LAST_EPOCH] = [1975, 2100];

/** True for frames that a run places by their stars and not by their header. */
export function mustBeSolved(
  record: FrameRecord,
  config: Pick<RunConfig, 'force_resolve_existing_wcs'>,
): boolean {
  return record.wcs === undefined || config.force_resolve_existing_wcs;
}

/** What a frame's header says that helps its solution. */
export function solveHint(record: FrameRecord): SolveHint {
  const { pointing, wcs, pixelScaleArcsec, dateObs } = record;
  const at = dateObs === undefined ? NaN : Date.parse(dateObs);
  const epoch = 2000 + (at - J2000_MS) / YEAR_MS;
  return {
    pointing: pointing ?? wcs?.centre,
    scaleArcsec: pixelScaleArcsec,
    // a camera whose clock was never set says 1970 or worse
    epoch: epoch > FIRST_EPOCH && epoch < LAST_EPOCH ? epoch : undefined,
  };
}

/** Standard deviation of a coordinate of star `i`, pixels. */
export const centroidSigma = ({ fwhm, snr }: Pick<StarList, 'fwhm' | 'snr'>, i: number): number =>
  (CENTROID_ERROR * fwhm[i]) / snr[i];

/** The star list as the solver takes it. */
export function solveImage({ width, height }: FrameRecord, stars: StarList): SolveImage {
  const { count, x, y, fwhm } = stars;
  return {
    width,
    height,
    stars: { count, found: starsFound(stars), x, y, sigma: fwhm.map((_, i) => centroidSigma(stars, i)) },
  };
}

/** The record with a WCS that the program has found. */
export function placedRecord(record: FrameRecord, wcs: CelestialWcs): FrameRecord {
  const { width, height } = record;
  const place = (x: number, y: number) => {
    // what was solved shows its whole frame on the sky
    const [raDeg, decDeg] = wcs.pixelToSky(x, y)!;
    return { raDeg, decDeg };
  };
  const middle = [(width + 1) / 2, (height + 1) / 2] as const;
  const pixelScaleArcsec = wcs.pixelScaleArcsec(...middle);
  return {
    ...record,
    pixelScaleArcsec,
    wcs: {
      description: wcs.describe(),
      pixelScaleArcsec,
      centre: place(...middle),
      corners: [
        place(0.5, 0.5),
        place(width + 0.5, 0.5),
        place(width + 0.5, height + 0.5),
        place(0.5, height + 0.5),
      ],
    },
    wcsProblem: undefined,
  };
}

/**
 * Where a frame that a run will solve may lie, by its header's pointing and scale, north up: good enough to estimate sizes, never to place pixels.
 * Undefined when the header does not say.
 */
export function estimatedPlace(record: FrameRecord): PlacedFrame | undefined {
  const { pointing, pixelScaleArcsec, width, height } = record;
  if (!pointing || pixelScaleArcsec === undefined) return undefined;
  const step = pixelScaleArcsec / 3600;
  return {
    record,
    wcs: makeTanWcs({
      crval: [pointing.raDeg, pointing.decDeg],
      crpix: [(width + 1) / 2, (height + 1) / 2],
      cd: [-step, 0, 0, step],
      shape: [width, height],
    }),
  };
}

// The WCS of a frame's header, when it is one that can be believed.
import type { CelestialWcs, WcsDescription } from '../astrometry/wcs/celestial-wcs.js';
import { parseWcs } from '../astrometry/wcs/parse-wcs.js';
import type { FitsHeader } from '../fits/header.js';
import { reasonOfError, type FrameReason } from './frame-reason.js';

/** Pixel scales, arc seconds, that a camera on a telescope or a photographic lens can have. */
const MIN_SCALE_ARCSEC = 0.05;
const MAX_SCALE_ARCSEC = 200;
/** Largest ratio of the scale between places in a frame that an optical system can show. */
const MAX_SCALE_RATIO = 2;
/** The same between the frame's centre and the reference point: more means a reference pixel far from the frame (70 degrees for TAN). */
const MAX_NOMINAL_RATIO = 4;

/** Plain numbers: what the plan needs to know of where a frame lies. Degrees, ICRS or the header's own equatorial frame. */
export interface FrameWcs {
  readonly description: WcsDescription;
  readonly pixelScaleArcsec: number;
  readonly centre: { readonly raDeg: number; readonly decDeg: number };
  /** Sky positions of the four corners of the frame (outer pixel edges), in the order (0,0), (nx,0), (nx,ny), (0,ny). */
  readonly corners: readonly { readonly raDeg: number; readonly decDeg: number }[];
}

/**
 * Reads and checks the WCS of a frame of `width` x `height` pixels: valid by `parseWcs`, equatorial, scale within 0.05 to 200 arc seconds a
 * pixel and within a factor of 4 of what the matrix says, all of a grid of points over the frame on the sky, and the scale there within
 * a factor of 2 of that at the centre.
 */
export function frameWcs(
  header: FitsHeader,
  width: number,
  height: number,
): { wcs: FrameWcs } | { reason: FrameReason } {
  if (!hasWcsCards(header)) return { reason: { code: 'frames_reject_no_wcs', params: {} } };
  let wcs: CelestialWcs;
  try {
    wcs = parseWcs(header);
  } catch (error) {
    return { reason: reasonOfError(error) };
  }
  const bad = (code: string, params: FrameReason['params']) => ({ reason: { code, params } });
  if (wcs.frame !== 'equatorial') return bad('frames_reject_wcs_frame', { frame: wcs.frame });
  const centre = wcs.pixelToSky((width + 1) / 2, (height + 1) / 2);
  if (!centre) return bad('frames_reject_wcs_off_sky', {});
  const scale = wcs.pixelScaleArcsec((width + 1) / 2, (height + 1) / 2);
  if (!(scale >= MIN_SCALE_ARCSEC && scale <= MAX_SCALE_ARCSEC))
    return bad('frames_reject_wcs_scale', {
      value: Number(scale.toPrecision(4)),
      min: MIN_SCALE_ARCSEC,
      max: MAX_SCALE_ARCSEC,
    });
  const [a, b, c, d] = wcs.describe().cd;
  const nominal = scale / (3600 * Math.sqrt(Math.abs(a * d - b * c)));
  if (!(nominal < MAX_NOMINAL_RATIO && nominal > 1 / MAX_NOMINAL_RATIO))
    return bad('frames_reject_wcs_distorted', {
      ratio: Number(nominal.toPrecision(3)),
      max: MAX_NOMINAL_RATIO,
    });
  for (let j = 0; j <= 4; j++) {
    for (let i = 0; i <= 4; i++) {
      const x = 0.5 + (width * i) / 4;
      const y = 0.5 + (height * j) / 4;
      if (!wcs.pixelToSky(x, y)) return bad('frames_reject_wcs_off_sky', {});
      const ratio = wcs.pixelScaleArcsec(x, y) / scale;
      if (!(ratio < MAX_SCALE_RATIO && ratio > 1 / MAX_SCALE_RATIO))
        return bad('frames_reject_wcs_distorted', {
          ratio: Number(ratio.toPrecision(3)),
          max: MAX_SCALE_RATIO,
        });
    }
  }
  const corners = [
    [0.5, 0.5],
    [width + 0.5, 0.5],
    [width + 0.5, height + 0.5],
    [0.5, height + 0.5],
  ].map(([x, y]) => {
    const [raDeg, decDeg] = wcs.pixelToSky(x, y)!;
    return { raDeg, decDeg };
  });
  return {
    wcs: {
      description: wcs.describe(),
      pixelScaleArcsec: scale,
      centre: { raDeg: centre[0], decDeg: centre[1] },
      corners,
    },
  };
}

/** A header without these says nothing of a WCS: that is not an error of its WCS. */
function hasWcsCards(header: FitsHeader): boolean {
  return header.has('CTYPE1') || header.has('CTYPE2') || header.has('PLTRAH');
}

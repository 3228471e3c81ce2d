// Header cards as a Seestar S50 writes them, so that a demo session takes the same paths as a user's.
import { makeTanWcs } from '../astrometry/wcs/tan-wcs.js';
import { wcsCards } from '../astrometry/wcs/wcs-cards.js';
import type { Card } from '../fits/card.js';
import { EXPOSURE_SECONDS } from './camera.js';
import { OBJECT_NAME } from './plan-frames.js';
import type { FrameTruth, SessionOptions } from './session-truth.js';

/** Real headers' RA and DEC are off the centre by 0.1 to 0.3 degree: nobody may take them for a solution. */
const POINTING_ERROR_DEG = [0.13, -0.07] as const;

/** Cards of a frame besides the structural ones; with the WCS for `light` frames when the session writes it. */
export function seestarCards(frame: FrameTruth, options: Required<SessionOptions>): Card[] {
  const exposures = frame.kind === 'stacked' ? options.subs : 1;
  const cards: Card[] = [
    card('CREATOR', 'ZWO Seestar S50', 'Capture software'),
    card('PRODUCER', 'ZWO', 'Powered by ZWO'),
    card('FOCALLEN', 250, 'Focal length of telescope in mm'),
    card('XBINNING', 1, 'Camera X Bin'),
    card('YBINNING', 1, 'Camera Y Bin'),
    card('XPIXSZ', 2.9, 'pixel size in microns (with binning)'),
    card('YPIXSZ', 2.9, 'pixel size in microns (with binning)'),
    card('IMAGETYP', 'Light', 'Type of image'),
    card('STACKCNT', exposures, 'Stack frames'),
    card('EXPOSURE', EXPOSURE_SECONDS, 'Exposure time in seconds'),
    card('EXPTIME', EXPOSURE_SECONDS, 'Exposure time in seconds'),
    card('TOTALEXP', EXPOSURE_SECONDS * exposures, 'Total Exposure Time in seconds'),
    card('CCD-TEMP', 28.5, 'sensor temperature in C'),
    card('RA', frame.wcs.crval[0] + POINTING_ERROR_DEG[0], 'Object Right Ascension in degrees'),
    card('DEC', frame.wcs.crval[1] + POINTING_ERROR_DEG[1], 'Object Declination in degrees'),
    card('DATE-OBS', frame.dateObs, 'ISO-8601 time of observation'),
    card('FILTER', 'IRCUT', 'Filter used when taking image'),
    card('INSTRUME', 'Seestar S50', 'Camera model'),
    card('GAIN', 80, 'Gain Value'),
    card('TELESCOP', 'Seestar S50', 'Telescope name'),
    card('OBJECT', OBJECT_NAME, 'name or catalog number of object being imaged'),
  ];
  if (options.colour === 'bayer' && frame.kind !== 'stacked') {
    cards.push(card('BAYERPAT', 'GRBG', 'Bayer pattern'));
  }
  if (options.writeWcs && frame.kind === 'light') cards.push(...wcsCards(makeTanWcs(frame.wcs)));
  return cards;
}

function card(key: string, value: string | number, comment: string): Card {
  return { key, value, comment };
}

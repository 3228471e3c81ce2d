// What a file is, told by its header and name: a light frame, a calibration frame, or an image that is a stack already.
import type { FitsHeader } from '../fits/header.js';
import type { FrameReason } from './frame-reason.js';
import { firstNumber, firstText } from './header-values.js';

export type CalibrationKind = 'dark' | 'flat' | 'bias' | 'dark_flat';

export type FrameClass =
  | { readonly kind: 'light' }
  | { readonly kind: 'calibration'; readonly calibration: CalibrationKind; readonly reason: FrameReason }
  | { readonly kind: 'stacked'; readonly reason: FrameReason };

/** Cards that count the exposures in an image; Seestar and Siril write STACKCNT, also 1 in single frames. */
const COUNT_KEYS = ['STACKCNT', 'NCOMBINE', 'NCOMBINED', 'NSUBEXP', 'NSTACK', 'STACKNUM', 'NIMAGES'] as const;
/** Programs that write nothing but combined images. Capture programs and Siril, which also converts single frames, are not here. */
const STACKING_SOFTWARE = /zemosaic|deepskystacker|astro ?pixel ?processor/i;
const SOFTWARE_KEYS = ['SOFTWARE', 'SWCREATE', 'CREATOR', 'PROGRAM', 'SWMODIFY'] as const;
/** Seestar: `Stacked_30_M 31_...`, `DSO_Stacked_...`, `Mosaic_Stacked...`; Dwarf: `stacked-16_M 42...`. */
const STACKED_NAME = /^([a-z]+_)?stacked[-_ ]/i;

/** Classifies an image by header and file name. What says nothing of itself is a light frame. */
export function classify(header: FitsHeader, fileName: string): FrameClass {
  const calibration = calibrationKind(header);
  if (calibration !== undefined)
    return {
      kind: 'calibration',
      calibration,
      reason: { code: 'frames_reject_calibration', params: { kind: calibration } },
    };
  for (const key of COUNT_KEYS) {
    const count = firstNumber(header, key);
    if (count !== undefined && count > 1)
      return stacked('frames_reject_stacked_count', { key, value: count });
  }
  for (const key of SOFTWARE_KEYS) {
    const value = firstText(header, key);
    if (value !== undefined && STACKING_SOFTWARE.test(value))
      return stacked('frames_reject_stacked_software', { key, value });
  }
  const total = firstNumber(header, 'TOTALEXP');
  const single = firstNumber(header, 'EXPTIME', 'EXPOSURE');
  // a Seestar stack keeps EXPTIME of one frame and gives the sum in TOTALEXP
  if (total !== undefined && single !== undefined && single > 0 && total > 1.5 * single)
    return stacked('frames_reject_stacked_count', { key: 'TOTALEXP', value: total });
  if (STACKED_NAME.test(fileName)) return stacked('frames_reject_stacked_name', { name: fileName });
  return { kind: 'light' };
}

function stacked(code: string, params: FrameReason['params']): FrameClass {
  return { kind: 'stacked', reason: { code, params } };
}

/** The calibration frame that the header names, in the spellings of the capture programs; undefined for anything else. */
function calibrationKind(header: FitsHeader): CalibrationKind | undefined {
  for (const key of ['IMAGETYP', 'IMAGETYPE', 'FRAMETYP', 'FRAME', 'OBSTYPE', 'OBS_TYPE']) {
    const kind = kindOfText(firstText(header, key));
    if (kind !== undefined) return kind;
  }
  // SBIG's number: 1 light, 2 dark, 3 bias, 4 flat
  const picture = firstNumber(header, 'PICTTYPE');
  return picture === 2 ? 'dark' : picture === 3 ? 'bias' : picture === 4 ? 'flat' : undefined;
}

function kindOfText(text: string | undefined): CalibrationKind | undefined {
  const word = (text ?? '')
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/^master|(frame|field|master)$/g, '');
  if (/^(darkflat|flatdark)/.test(word)) return 'dark_flat';
  if (/^dark/.test(word)) return 'dark';
  if (/^(sky|dome|twilight|lamp)?flat/.test(word)) return 'flat';
  if (/^(bias|zero|offset)/.test(word)) return 'bias';
  return undefined;
}

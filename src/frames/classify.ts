// What a file is, told by its header and name: a light frame, a calibration frame, or an image that is a stack already.
import type { FitsHeader } from '../fits/header.js';
import type { FrameReason } from './frame-reason.js';
import { firstNumber, firstText } from './header-values.js';

export type CalibrationKind = 'dark' | 'flat' | 'bias' | 'dark_flat';

export type FrameClass =
  /** `told`: the header itself says so, and not only nothing else. */
  | { readonly kind: 'light'; readonly told?: true }
  | { readonly kind: 'calibration'; readonly calibration: CalibrationKind; readonly reason: FrameReason }
  | { readonly kind: 'stacked'; readonly reason: FrameReason };

/** Cards that count the exposures in an image; Seestar and Siril write STACKCNT, also 1 in single frames; MT_NFRAMES stands in the reference program's tiles. */
const COUNT_KEYS = [
  'STACKCNT',
  'NCOMBINE',
  'NCOMBINED',
  'NSUBEXP',
  'NSTACK',
  'STACKNUM',
  'NIMAGES',
  'MT_NFRAMES',
] as const;
/** Programs that write nothing but combined images. Capture programs and Siril, which also converts single frames, are not here. */
const STACKING_SOFTWARE = /zemosaic|deepskystacker|astro ?pixel ?processor/i;
const SOFTWARE_KEYS = ['SOFTWARE', 'SWCREATE', 'CREATOR', 'PROGRAM', 'SWMODIFY'] as const;
/** Seestar: `Stacked_30_M 31_...`, `DSO_Stacked_...`, `Mosaic_Stacked...`; Dwarf: `stacked-16_M 42...`. */
const STACKED_NAME = /^([a-z]+_)?stacked[-_ ]/i;

/**
 * A calibration frame's name: its kind alone or before a number (`dark_10s_0001`, `MasterFlat`, `bias-12`), so that `Dark Nebula` is none; or the
 * name of the folder that holds it.
 */
const CALIBRATION_NAME = new RegExp(
  String.raw`^(?:master[-_ ]?)?(dark[-_ ]?flat|flat[-_ ]?dark|dark|flat|bias|offset)(?:e?s)?(?:[-_ ]?master)?(?:[-_ ]?\d.*)?$`,
  'i',
);
const CALIBRATION_FOLDER =
  /^(?:masters?[-_ ]?)?(dark[-_ ]?flat|flat[-_ ]?dark|dark|flat|bias|offset)(?:e?s)?$/i;

/**
 * Classifies an image by header and by its path below the input (`/` between its parts). The header's word on its type counts before names. What says
 * nothing of itself is a light frame.
 */
export function classify(header: FitsHeader, relative: string): FrameClass {
  const calibration = calibrationKind(header, relative);
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
  const fileName = relative.split('/').at(-1)!;
  if (STACKED_NAME.test(fileName)) return stacked('frames_reject_stacked_name', { name: fileName });
  return { kind: 'light', ...(saysLight(header) && { told: true as const }) };
}

function stacked(code: string, params: FrameReason['params']): FrameClass {
  return { kind: 'stacked', reason: { code, params } };
}

/** Exposures that an image is made of, by its header; undefined when it does not say. */
export function exposuresOf(header: FitsHeader): number | undefined {
  // NFRAMES is our own; elsewhere it counts the frames of a series, and makes no stack of an image
  return firstNumber(header, ...COUNT_KEYS, 'NFRAMES');
}

/** What the header says the image is, in the spellings of the capture programs. */
const TYPE_KEYS = ['IMAGETYP', 'IMAGETYPE', 'FRAMETYP', 'FRAME', 'OBSTYPE', 'OBS_TYPE'] as const;

/** The calibration frame that header or names tell of; undefined for anything else. */
function calibrationKind(header: FitsHeader, relative: string): CalibrationKind | undefined {
  for (const key of TYPE_KEYS) {
    const kind = kindOfText(firstText(header, key));
    if (kind !== undefined) return kind;
  }
  // SBIG's number: 1 light, 2 dark, 3 bias, 4 flat
  const picture = firstNumber(header, 'PICTTYPE');
  if (picture !== undefined)
    return picture === 2 ? 'dark' : picture === 3 ? 'bias' : picture === 4 ? 'flat' : undefined;
  if (saysLight(header)) return undefined;
  const [file, folder = ''] = relative.split('/').reverse();
  const named =
    CALIBRATION_NAME.exec(file.replace(/\.[^.]*(\.(gz|bz2|fz|z))?$/i, '')) ?? CALIBRATION_FOLDER.exec(folder);
  return named ? kindOfText(named[1]) : undefined;
}

function saysLight(header: FitsHeader): boolean {
  return TYPE_KEYS.some((key) => /light|object|science/i.test(firstText(header, key) ?? ''));
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

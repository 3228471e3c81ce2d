// What is known of a frame from its headers alone; plain data, safe to send to another thread or to spill to disk.
import { SAMPLE_LIMIT } from '../compute/constants.js';
import type { ByteSource } from '../fits/byte-source.js';
import type { Bitpix, FitsFile, FitsHdu, ImageLayout } from '../fits/hdu.js';
import type { FitsHeader } from '../fits/header.js';
import { openFits } from '../fits/open-fits.js';
import { classify, exposuresOf, type CalibrationKind } from './classify.js';
import { reasonOfError, type FrameReason } from './frame-reason.js';
import { frameWcs, type FrameWcs } from './frame-wcs.js';
import { firstNumber, firstText, headerPointing, observationTime } from './header-values.js';
import type { ListedFile } from './list-files.js';
import { openHeaders } from './open-headers.js';
import { sensorOf, type Sensor } from './sensor.js';

/** A frame with a side below this holds no mesh and no stars. */
const MIN_SIDE = 32;

export interface FrameRecord extends ListedFile {
  /** Index of the HDU that holds the image. */
  readonly hdu: number;
  readonly width: number;
  readonly height: number;
  /** Planes in the file: 1 or 3. */
  readonly planes: 1 | 3;
  readonly sensor: Sensor;
  readonly bitpix: Bitpix;
  readonly bscale: number;
  readonly bzero: number;
  /** True when rows can be read in place: neither compressed as a file nor tile-compressed. */
  readonly readableByWindows: boolean;
  /** True when the file is compressed as a whole, told by its content: it must be expanded before its pixels can be read. */
  readonly wholeFileCompression: boolean;
  /** Physical value (ADU) at which samples saturate; absent when it is not known (floats without a card). */
  readonly saturation?: number;
  readonly exposureS?: number;
  readonly gain?: number;
  /** Electrons of one ADU by the header, whatever ADU that is. */
  readonly electronsPerAdu?: number;
  readonly filter?: string;
  /** Start of the exposure, UTC, ISO 8601. */
  readonly dateObs?: string;
  readonly instrument?: string;
  readonly telescope?: string;
  readonly object?: string;
  /** How the mount followed the sky, where the header says. */
  readonly mount?: 'eq' | 'altaz';
  readonly focalLengthMm?: number;
  readonly pixelSizeUm?: number;
  readonly cameraTemperatureC?: number;
  /** Pixels of the sensor in one of the image, along a side. */
  readonly binning?: number;
  /** Exposures that the image is made of, where its header counts them. */
  readonly exposures?: number;
  /** Where the header says the telescope pointed; can be off by a degree. */
  readonly pointing?: { readonly raDeg: number; readonly decDeg: number };
  /** From the WCS, else from a scale card, else from focal length and pixel size. */
  readonly pixelScaleArcsec?: number;
  readonly wcs?: FrameWcs;
  /** Why there is no `wcs`. */
  readonly wcsProblem?: FrameReason;
}

/** A file looked at: a light frame, or why it is none; then the record is there where it is an image of a frame's shape all the same. */
export type ScannedFile =
  | { readonly kind: 'light'; readonly told?: true; readonly record: FrameRecord }
  | {
      readonly kind: 'calibration' | 'stacked' | 'unusable';
      readonly file: ListedFile;
      readonly calibration?: CalibrationKind;
      readonly record?: FrameRecord;
      readonly reason: FrameReason;
    };

/** True where rows of the file, or of its expanded copy, are int16 samples. */
export function storesInt16({ bitpix, readableByWindows, wholeFileCompression }: FrameRecord): boolean {
  return bitpix === 16 && (readableByWindows || wholeFileCompression);
}

/** Bytes of a frame's samples as stored, without compression. */
export function imageBytes({ width, height, planes, bitpix }: FrameRecord): number {
  return (width * height * planes * Math.abs(bitpix)) / 8;
}

/**
 * Reads the headers of a file and decides what it is; among `tiles` a stacked image is what is looked for, and counts as a light. Of a file
 * compressed with gzip or bzip2 only the beginning is expanded. `source` stands for the file where its bytes are elsewhere. Throws nothing for a bad file: that is a `reason`.
 */
export async function scanFile(
  file: ListedFile,
  source?: ByteSource,
  what: 'frames' | 'tiles' = 'frames',
): Promise<ScannedFile> {
  let fits: FitsFile;
  let wholeFileCompression = false;
  try {
    if (source) fits = await openFits(source);
    else ({ fits, wholeFileCompression } = await openHeaders(file.path));
  } catch (error) {
    return { kind: 'unusable', file, reason: reasonOfError(error) };
  }
  try {
    return describe(file, fits, wholeFileCompression, what);
  } finally {
    await fits.close();
  }
}

function describe(
  file: ListedFile,
  fits: FitsFile,
  wholeFileCompression: boolean,
  as: 'frames' | 'tiles',
): ScannedFile {
  const hdu = fits.hdus.find(({ image }) => image && image.shape.length >= 2 && !image.shape.includes(0));
  if (!hdu?.image) return { kind: 'unusable', file, reason: { code: 'frames_reject_no_image', params: {} } };
  // of a compressed file only the beginning was expanded: that its data ends early means nothing there
  if (hdu.problem && !wholeFileCompression)
    return { kind: 'unusable', file, reason: reasonOfError(hdu.problem) };
  const what = classify(hdu.header, file.relative);
  const read = recordOf(file, hdu, hdu.image, wholeFileCompression);
  const isTile = as === 'tiles' && what.kind === 'stacked';
  if (what.kind !== 'light' && !isTile)
    // a calibration frame that cannot be one says why
    return 'record' in read || what.kind !== 'calibration'
      ? { file, ...what, ...('record' in read && { record: read.record }) }
      : { file, ...what, reason: read.reason };
  if ('reason' in read) return { kind: 'unusable', file, reason: read.reason };
  if (as === 'tiles' && read.record.sensor.kind === 'cfa')
    return { kind: 'unusable', file, reason: { code: 'frames_reject_not_a_tile', params: {} } };
  return { kind: 'light', ...(what.kind === 'light' && what.told && { told: true }), record: read.record };
}

function recordOf(
  file: ListedFile,
  hdu: FitsHdu,
  image: ImageLayout,
  wholeFileCompression: boolean,
): { readonly record: FrameRecord } | { readonly reason: FrameReason } {
  const unusable = (code: string, params: FrameReason['params']) => ({ reason: { code, params } });
  const { header } = hdu;
  const shape = image.shape.filter((side, axis) => axis >= image.shape.length - 2 || side !== 1);
  if (shape.length > 3) return unusable('frames_reject_axes', { shape: image.shape.join(' x ') });
  if (shape.length === 3 && shape[2] <= 4 && shape[0] > 4)
    return unusable('frames_reject_interleaved', { shape: image.shape.join(' x ') });
  const [height, width] = shape.slice(-2);
  const planes = shape.length === 3 ? shape[0] : 1;
  if (Math.min(width, height) < MIN_SIDE)
    return unusable('frames_reject_too_small', { width, height, min: MIN_SIDE });
  const beyond = scalingBeyondLevels(image);
  if (beyond) return unusable('frames_reject_scaling', beyond);
  const found = sensorOf(header, planes, height);
  if ('reason' in found) return found;
  const position = frameWcs(header, width, height);
  const wcs = 'wcs' in position ? position.wcs : undefined;
  return {
    record: {
      ...file,
      hdu: hdu.index,
      width,
      height,
      planes: planes as 1 | 3,
      sensor: found.sensor,
      bitpix: image.bitpix,
      bscale: image.bscale,
      bzero: image.bzero,
      readableByWindows: !wholeFileCompression && hdu.kind === 'image',
      wholeFileCompression,
      saturation: saturationOf(header, image),
      ...acquisition(header),
      pixelScaleArcsec: wcs?.pixelScaleArcsec ?? headerScale(header),
      ...('wcs' in position ? { wcs } : { wcsProblem: position.reason }),
    },
  };
}

function acquisition(header: FitsHeader) {
  const kelvin = firstNumber(header, 'CAMTEMP');
  return {
    binning: positive(firstNumber(header, 'XBINNING', 'BINNING')),
    exposures: exposuresOf(header),
    exposureS: firstNumber(header, 'EXPTIME', 'EXPOSURE', 'EXP_TIME', 'ITIME'),
    gain: firstNumber(header, 'GAIN', 'ISOSPEED', 'ISO'),
    electronsPerAdu: positive(firstNumber(header, 'EGAIN')),
    filter: firstText(header, 'FILTER', 'FILTER1', 'BAND', 'FILT'),
    dateObs: observationTime(header),
    instrument: firstText(header, 'INSTRUME', 'CAMERA', 'DETECTOR'),
    telescope: firstText(header, 'TELESCOP', 'TELNAME'),
    object: firstText(header, 'OBJECT'),
    ...mountOf(header),
    focalLengthMm: positive(firstNumber(header, 'FOCALLEN', 'FOCAL')),
    pixelSizeUm: positive(firstNumber(header, 'XPIXSZ', 'PIXSIZE1', 'PIXSIZE')),
    // MicroObservatory gives kelvin, -1 for "no data"
    cameraTemperatureC:
      firstNumber(header, 'CCD-TEMP', 'CCDTEMP', 'DET-TEMP', 'SENSTEMP') ??
      (kelvin !== undefined && kelvin > 100 ? Math.round((kelvin - 273.15) * 100) / 100 : undefined),
    pointing: headerPointing(header),
  };
}

/** EQMODE of Seestar: 1 on an equatorial wedge, 0 upright. */
function mountOf(header: FitsHeader): { readonly mount?: 'eq' | 'altaz' } {
  const mode = firstNumber(header, 'EQMODE');
  return mode === 1 ? { mount: 'eq' } : mode === 0 ? { mount: 'altaz' } : {};
}

/** Arc seconds a pixel by the header's own word, or 206.265 um/mm from pixel size (with binning, as XPIXSZ has it) and focal length. */
function headerScale(header: FitsHeader): number | undefined {
  const given = positive(firstNumber(header, 'SCALE', 'PIXSCALE', 'IM_SCALE', 'SECPIX', 'SECPIX1'));
  if (given !== undefined) return given;
  const focal = positive(firstNumber(header, 'FOCALLEN', 'FOCAL'));
  const size = positive(firstNumber(header, 'XPIXSZ', 'PIXSIZE1', 'PIXSIZE'));
  return focal !== undefined && size !== undefined ? (206.264806 * size) / focal : undefined;
}

/** SATURATE or DATAMAX where the header has it, else the largest value that the integer type can hold. */
function saturationOf(header: FitsHeader, image: NonNullable<FitsHdu['image']>): number | undefined {
  const given = positive(firstNumber(header, 'SATURATE', 'SATLEVEL', 'DATAMAX'));
  if (given !== undefined || image.bitpix < 0) return given;
  const [least, most] = storedRange(image.bitpix);
  return image.bzero + image.bscale * (image.bscale > 0 ? most : least);
}

/** Least and greatest stored number of an integer type. */
function storedRange(bitpix: number): readonly [least: number, most: number] {
  return bitpix === 8 ? [0, 255] : [-(2 ** (bitpix - 1)), 2 ** (bitpix - 1) - 1];
}

/**
 * What is wrong with a scaling by which samples of few bits stand for values that no level has. These go to the kernels as they are stored, and none of
 * them is looked at for its size: that of other types is, sample by sample.
 */
function scalingBeyondLevels({ bitpix, bscale, bzero }: ImageLayout): FrameReason['params'] | undefined {
  if (bitpix !== 8 && bitpix !== 16) return undefined;
  const greatest = Math.max(...storedRange(bitpix).map((stored) => Math.abs(bzero + bscale * stored)));
  if (greatest <= SAMPLE_LIMIT) return undefined;
  const [key, value] = Math.abs(bzero) > SAMPLE_LIMIT ? ['BZERO', bzero] : ['BSCALE', bscale];
  return { key, value: String(value), greatest: greatest.toExponential(1), limit: '1e15' };
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

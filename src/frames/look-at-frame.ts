// All that the measure pass wants of one frame's pixels, on whichever thread: background and noise, then its stars.
import { detectStars } from '../astrometry/stars/detect-stars.js';
import type { DetectionScratch } from '../astrometry/stars/detection-scratch.js';
import type { FramePixels } from '../astrometry/stars/frame-pixels.js';
import type { StarList } from '../astrometry/stars/star-list.js';
import type { PixelFile } from '../fits/hdu.js';
import type { ReadBuffers } from '../fits/read/read-buffers.js';
import type { FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import { withoutStars } from '../photometry/background/starless-cells.js';
import { measureFrame, type FrameMeasure, type MeasuredPixels, type PrepareRows } from './measure-frame.js';
import { readLevels } from './read-levels.js';

export interface LookOptions {
  /** False: its stars would take more memory than there is. */
  readonly seeksStars: boolean;
  /** With the stars. */
  readonly seeksTrails: boolean;
  readonly calibrated?: {
    readonly prepare: PrepareRows;
    /** Physical value at which samples saturate once calibrated, where it is known. */
    readonly saturation?: number;
  };
}

/** What a frame showed, or why it is refused, and the milliseconds that went into it. Plain data that owns its memory, safe to send to another thread. */
export interface FrameLook {
  readonly seen:
    { readonly measure: FrameMeasure; readonly stars?: StarList } | { readonly reason: FrameReason };
  readonly measureMs: number;
  /** Absent where no stars were sought. */
  readonly starsMs?: number;
}

/** Throws CodedError where samples cannot be read again for the search, and what is no fault of the frame. Frames that are looked at one after another may share `buffers`. */
export async function lookAtFrame(
  fits: PixelFile,
  record: FrameRecord,
  { seeksStars, seeksTrails, calibrated }: LookOptions,
  scratch: DetectionScratch,
  buffers?: ReadBuffers,
): Promise<FrameLook> {
  const prepare = calibrated?.prepare;
  const start = performance.now();
  const outcome = await measureFrame(fits, record, { prepare, buffers });
  const measured = performance.now();
  const measureMs = measured - start;
  if ('reason' in outcome) return { seen: outcome, measureMs };
  const { measure } = outcome;
  if (!seeksStars) {
    giveBack(outcome.pixels, buffers);
    return { seen: { measure }, measureMs };
  }
  const taken = calibrated ? { ...record, saturation: calibrated.saturation } : record;
  const pixels = await framePixels(fits, taken, outcome, prepare);
  const stars = detectStars(pixels, scratch, { seeksTrails });
  const background = withoutStars(measure.background, outcome.cells, pixels, stars, scratch.placed);
  giveBack(outcome.pixels, buffers);
  return {
    seen: { measure: { ...measure, background }, stars },
    measureMs,
    starsMs: performance.now() - measured,
  };
}

/** Integers are what the measure has read into `buffers`. */
function giveBack(planes: MeasuredPixels['pixels'] = [], buffers?: ReadBuffers): void {
  for (const plane of planes) if (!(plane instanceof Float32Array)) buffers?.give(plane);
}

/** All samples of a frame with its background; read only where the measure has not kept them. */
export async function framePixels(
  fits: PixelFile,
  record: FrameRecord,
  { measure, pixels }: MeasuredPixels,
  prepare?: PrepareRows,
): Promise<FramePixels> {
  const { width, height, sensor, saturation } = record;
  const planes = [...(pixels ?? [])];
  for (let plane = planes.length; plane < record.planes; plane++) {
    const raw = await readLevels(fits, fits.hdus[record.hdu], { plane, x0: 0, y0: 0, width, height });
    planes.push(prepare ? await prepare(raw, { plane, y0: 0, rows: height }) : raw);
  }
  return {
    width,
    height,
    planes,
    cfa: sensor.kind === 'cfa' ? sensor.sites : undefined,
    grid: measure.background.grid,
    saturation,
  };
}

// Whether a calibration frame was taken with the setup of another frame; what headers do not tell is no difference.
import type { FrameRecord } from '../../frames/frame-record.js';

/** What differs; the first of them in this order is named. */
export type SetupDifference =
  'camera' | 'size' | 'binning' | 'pattern' | 'gain' | 'filter' | 'temperature' | 'exposure';

/** Exposures that differ by less than this are the same: cameras round what headers tell. */
const EXPOSURE_TOLERANCE = 0.02;
/** The same for gains. */
const GAIN_TOLERANCE = 1e-3;

/** The words of a camera's name that hold a digit (`asi533mc`, `s50`): drivers agree on those and on little else. */
export function cameraModel(instrument: string | undefined): string {
  const words = (instrument ?? '').toLowerCase().split(/[^a-z0-9]+/);
  return words
    .filter((word) => /\d/.test(word))
    .sort()
    .join(' ');
}

/** Differences of sensor and readout that no calibration survives. */
export function sensorDifference(a: FrameRecord, b: FrameRecord): SetupDifference | undefined {
  const [modelA, modelB] = [cameraModel(a.instrument), cameraModel(b.instrument)];
  if (modelA !== '' && modelB !== '' && modelA !== modelB) return 'camera';
  if (a.width !== b.width || a.height !== b.height || a.planes !== b.planes) return 'size';
  if (a.binning !== undefined && b.binning !== undefined && a.binning !== b.binning) return 'binning';
  // many programs write the pattern into lights only: a plane without one fits any
  if (a.sensor.kind === 'cfa' && b.sensor.kind === 'cfa' && a.sensor.pattern !== b.sensor.pattern)
    return 'pattern';
  return undefined;
}

export function gainDiffers(a: FrameRecord, b: FrameRecord): boolean {
  if (a.gain === undefined || b.gain === undefined) return false;
  return Math.abs(a.gain - b.gain) > GAIN_TOLERANCE * Math.max(Math.abs(a.gain), Math.abs(b.gain));
}

export function sameExposure(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return Math.abs(a - b) <= EXPOSURE_TOLERANCE * Math.max(a, b);
}

// Calibration frames that belong together: of one kind, taken with the same settings. Each group becomes one master.
import type { CalibrationKind } from '../../frames/classify.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { cameraModel } from './same-setup.js';

/** A calibration frame, and the setting or folder it was found by. */
export interface CalibrationFrame {
  readonly kind: CalibrationKind;
  readonly record: FrameRecord;
  /** The path that the user named, or undefined for a frame of the input folder. */
  readonly source: string | undefined;
}

/** At least one frame; the first one's record stands for all. */
export interface CalibrationGroup {
  readonly kind: CalibrationKind;
  readonly frames: readonly CalibrationFrame[];
  /** Median of the camera temperatures that are known. */
  readonly temperatureC: number | undefined;
}

/** Width of the classes that temperatures are put into before they are grouped. */
const TEMPERATURE_CLASS_C = 2;

/** True for an image that combines exposures: it is a group of its own. */
function isMaster({ record }: CalibrationFrame): boolean {
  return (record.exposures ?? 1) > 1;
}

/** Groups in the order of their first frames. Bias frames belong together whatever exposure their headers tell. */
export function groupCalibration(frames: readonly CalibrationFrame[]): CalibrationGroup[] {
  const groups = new Map<string, CalibrationFrame[]>();
  for (const frame of frames) {
    const { kind, record } = frame;
    const key = JSON.stringify([
      kind,
      record.width,
      record.height,
      record.planes,
      record.sensor.kind === 'cfa' ? record.sensor.pattern : record.sensor.kind,
      record.binning ?? null,
      record.gain ?? null,
      cameraModel(record.instrument),
      kind === 'bias' || kind === 'flat' ? null : (record.exposureS ?? null),
      kind === 'flat' ? (record.filter?.toLowerCase() ?? null) : null,
      kind === 'flat' || record.cameraTemperatureC === undefined
        ? null
        : Math.round(record.cameraTemperatureC / TEMPERATURE_CLASS_C),
      isMaster(frame) ? record.path : null,
    ]);
    const group = groups.get(key);
    if (group) group.push(frame);
    else groups.set(key, [frame]);
  }
  return [...groups.values()].map((members) => {
    const known = members.flatMap(({ record }) => record.cameraTemperatureC ?? []).sort((a, b) => a - b);
    return { kind: members[0].kind, frames: members, temperatureC: known[known.length >> 1] };
  });
}

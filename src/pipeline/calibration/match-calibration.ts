// Which group of calibration frames fits a frame, and if none does, what stands in the way.
import type { CalibrationKind } from '../../frames/classify.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import type { CalibrationGroup } from './calibration-group.js';
import { gainDiffers, sameExposure, sensorDifference, type SetupDifference } from './same-setup.js';

export interface MatchOptions {
  /** Largest difference of camera temperatures of darks. */
  readonly temperatureToleranceC: number;
  /** Darks of other exposures are scaled where a bias is there. */
  readonly scaleDarks: boolean;
}

/** A group in use for a frame; the master is multiplied by `scale` before it is taken off. */
export interface GroupUse {
  readonly group: CalibrationGroup;
  readonly scale: number;
}

/** What a light frame is calibrated with: image - bias.scale B - dark.scale D, divided by the flat. */
export interface CalibrationMatch {
  readonly bias?: GroupUse;
  readonly dark?: GroupUse;
  readonly flat?: CalibrationGroup;
  /** Kinds of which there are groups and none fits, with what differs from the one that fits best. */
  readonly unmatched: readonly { readonly kind: CalibrationKind; readonly difference: SetupDifference }[];
}

/** The order in which a group gets closer to fitting: the later its first difference, the better. */
const CLOSENESS: readonly SetupDifference[] = [
  'camera',
  'size',
  'binning',
  'pattern',
  'filter',
  'gain',
  'temperature',
  'exposure',
];

type Difference = (group: CalibrationGroup) => SetupDifference | undefined;

interface Found {
  readonly fitting: readonly CalibrationGroup[];
  /** Of the group that comes closest, when none fits; undefined also when there are no groups. */
  readonly difference: SetupDifference | undefined;
}

function findGroups(
  groups: readonly CalibrationGroup[],
  kind: CalibrationKind,
  differenceOf: Difference,
): Found {
  const ofKind = groups.filter((group) => group.kind === kind);
  const differences = ofKind.map(differenceOf);
  const fitting = ofKind.filter((_, i) => differences[i] === undefined);
  if (fitting.length > 0) return { fitting, difference: undefined };
  const closest = CLOSENESS.findLast((difference) => differences.includes(difference));
  return { fitting, difference: closest };
}

/** The groups that fit best by temperature, then by number of exposures; of equals the first. */
function best(groups: readonly CalibrationGroup[], record: FrameRecord): CalibrationGroup | undefined {
  const away = ({ temperatureC }: CalibrationGroup) =>
    temperatureC === undefined || record.cameraTemperatureC === undefined
      ? 0
      : Math.abs(temperatureC - record.cameraTemperatureC);
  const exposures = ({ frames }: CalibrationGroup) =>
    frames.reduce((sum, frame) => sum + (frame.record.exposures ?? 1), 0);
  return [...groups].sort((a, b) => away(a) - away(b) || exposures(b) - exposures(a))[0];
}

/**
 * Darks: same camera, size, binning, pattern and gain, temperature within the tolerance, same exposure (2 %). Without the exposure, and with a bias, a
 * dark of another exposure is scaled: image - (1 - k) B - k D. Bias: as darks without exposure and temperature; it is taken off where
 * no dark is. Flats: same camera, size, binning, pattern and filter.
 */
export function matchLight(
  groups: readonly CalibrationGroup[],
  record: FrameRecord,
  options: MatchOptions,
): CalibrationMatch {
  const ofSensor: Difference = ({ frames }) => {
    const other = frames[0].record;
    return sensorDifference(record, other) ?? (gainDiffers(record, other) ? 'gain' : undefined);
  };
  const ofDark: Difference = (group) => ofSensor(group) ?? temperatureDiffers(group, record, options);
  const biases = findGroups(groups, 'bias', ofSensor);
  const bias = best(biases.fitting, record);
  const darks = findGroups(groups, 'dark', ofDark);
  const exact = best(
    darks.fitting.filter(({ frames }) => sameExposure(frames[0].record.exposureS, record.exposureS)),
    record,
  );
  const scalable = bias && options.scaleDarks ? longest(darks.fitting) : undefined;
  const flats = findGroups(groups, 'flat', ({ frames }) => {
    const other = frames[0].record;
    const filtersDiffer =
      record.filter !== undefined &&
      other.filter !== undefined &&
      record.filter.toLowerCase() !== other.filter.toLowerCase();
    return sensorDifference(record, other) ?? (filtersDiffer ? 'filter' : undefined);
  });
  const flat = best(flats.fitting, record);
  const darkDifference =
    darks.difference ?? (darks.fitting.length > 0 && !exact && !scalable ? 'exposure' : undefined);
  const unmatched = [
    ...(darkDifference ? [{ kind: 'dark' as const, difference: darkDifference }] : []),
    ...(biases.difference ? [{ kind: 'bias' as const, difference: biases.difference }] : []),
    ...(flats.difference ? [{ kind: 'flat' as const, difference: flats.difference }] : []),
  ];
  return { ...pedestal(exact, scalable, bias, record), ...(flat && { flat }), unmatched };
}

/** What is taken off a flat: its dark-flats, else a dark of its exposure, else the bias. */
export function matchFlat(
  groups: readonly CalibrationGroup[],
  flat: CalibrationGroup,
): CalibrationGroup | undefined {
  const { record } = flat.frames[0];
  const fitting = (kind: CalibrationKind, withExposure: boolean) =>
    best(
      findGroups(groups, kind, ({ frames }) => {
        const other = frames[0].record;
        if (gainDiffers(record, other)) return 'gain';
        if (withExposure && !sameExposure(record.exposureS, other.exposureS)) return 'exposure';
        return sensorDifference(record, other);
      }).fitting,
      record,
    );
  return fitting('dark_flat', true) ?? fitting('dark', true) ?? fitting('bias', false);
}

function pedestal(
  exact: CalibrationGroup | undefined,
  scalable: CalibrationGroup | undefined,
  bias: CalibrationGroup | undefined,
  { exposureS }: FrameRecord,
): Pick<CalibrationMatch, 'bias' | 'dark'> {
  if (exact) return { dark: { group: exact, scale: 1 } };
  const other = scalable?.frames[0].record.exposureS;
  if (bias && scalable && other !== undefined && exposureS !== undefined && other > 0) {
    const k = exposureS / other;
    return { bias: { group: bias, scale: 1 - k }, dark: { group: scalable, scale: k } };
  }
  return bias ? { bias: { group: bias, scale: 1 } } : {};
}

/** Of darks that will be scaled the longest: its dark signal is known best. */
function longest(groups: readonly CalibrationGroup[]): CalibrationGroup | undefined {
  const exposure = ({ frames }: CalibrationGroup) => frames[0].record.exposureS ?? 0;
  return [...groups].sort((a, b) => exposure(b) - exposure(a))[0];
}

function temperatureDiffers(
  { temperatureC }: CalibrationGroup,
  { cameraTemperatureC }: FrameRecord,
  { temperatureToleranceC }: MatchOptions,
): SetupDifference | undefined {
  if (temperatureC === undefined || cameraTemperatureC === undefined) return undefined;
  return Math.abs(temperatureC - cameraTemperatureC) > temperatureToleranceC ? 'temperature' : undefined;
}

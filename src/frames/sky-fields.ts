// Which part of the sky is made, where frames of one folder show fields far apart: a canvas that held them all would be blank nearly everywhere.
import type { FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import { angle, MAX_GAP_DIAGONALS, nearestGap, RADIAN, unitVector, type Placed } from './placed-frames.js';

/** A canvas of fewer megapixels is no burden, however empty. */
const SMALL_MEGAPIXELS = 100;
/** Fields that would fill less than this of a common canvas are made one by one. */
const LEAST_FILLED = 0.2;
/** Farther than this from the middle of all, in cosine, nothing fits a plane that a canvas is made of. */
const PLANE_RIM = 0.2;

/** What the key `sky_field` says: by itself, all, or the field at a place. */
export type FieldChoice = 'auto' | 'all' | { readonly raDeg: number; readonly decDeg: number };

/** `text` has passed the check of the key. */
export function fieldChoice(text: string): FieldChoice {
  if (text === 'auto' || text === 'all') return text;
  const [raDeg, decDeg] = text.split(',').map(Number);
  return { raDeg, decDeg };
}

export interface SkyField {
  readonly frames: readonly Placed[];
  /** Its middle, as the key takes it: degrees, `RA,Dec`. */
  readonly at: string;
}

export interface ApartFields {
  /** Frames of the fields that are not made. */
  readonly reasons: ReadonlyMap<FrameRecord, FrameReason>;
  /** Where it was chosen here, the field that is made and those that are not, the largest first, with the canvas that all would need. */
  readonly told?: {
    readonly made: SkyField;
    readonly others: readonly SkyField[];
    readonly megapixels: number;
    /** Of that canvas. */
    readonly blankPercent: number;
  };
}

/**
 * Fields are groups of frames with gaps of more than 3 diagonals between them. `auto`: all stay, unless they would leave a canvas of more than 100 Mpx
 * blank by more than four fifths; then the field of the most frames stays, or of the `settled` ones. A place: the field that has a frame within 3
 * diagonals of it, unless frames are settled. Judged again, what has stayed stays. `groups` are frames that touch, in their order of preference.
 */
export function apartFields(
  groups: readonly (readonly Placed[])[],
  choice: FieldChoice,
  settled: ReadonlySet<FrameRecord>,
): ApartFields {
  const none: ApartFields = { reasons: new Map() };
  const holdsSettled = ({ frames }: SkyField) => frames.some(({ record }) => settled.has(record));
  if (choice === 'all') return none;
  if (choice !== 'auto') {
    const fields = joinedFields(groups);
    const made = fields.find(holdsSettled) ?? fieldAt(fields, choice);
    return { reasons: reasonsOf(fields.filter((field) => field !== made)) };
  }
  if (groups.length < 2) return none;
  const canvas = boxMegapixels(groups.flat());
  if (!(canvas > SMALL_MEGAPIXELS)) return none;
  const fields = joinedFields(groups);
  const filled = fields.reduce((sum, { frames }) => sum + boxMegapixels(frames), 0) / canvas;
  if (fields.length < 2 || filled >= LEAST_FILLED) return none;
  const made = fields.find(holdsSettled) ?? fields[0];
  const others = fields.filter((field) => field !== made);
  const told = { made, others, megapixels: Math.round(canvas), blankPercent: Math.floor(100 * (1 - filled)) };
  return { reasons: reasonsOf(others), told };
}

function reasonsOf(others: readonly SkyField[]): Map<FrameRecord, FrameReason> {
  const reasons = new Map<FrameRecord, FrameReason>();
  for (const { frames, at } of others) {
    for (const { record } of frames)
      reasons.set(record, { code: 'frames_reject_other_field', params: { field: at } });
  }
  return reasons;
}

/** Groups joined over gaps that a mosaic with missing panels has, the one of the most frames first. */
function joinedFields(groups: readonly (readonly Placed[])[]): SkyField[] {
  let fields: (readonly Placed[])[] = [];
  for (const group of groups) {
    const near = fields.filter((field) => nearestGap(group, field).diagonals <= MAX_GAP_DIAGONALS);
    const apart = fields.filter((field) => !near.includes(field));
    fields = [...near.slice(0, 1).map((field) => [...field, ...near.slice(1).flat(), ...group]), ...apart];
    if (near.length === 0) fields.push(group);
  }
  return fields.sort((a, b) => b.length - a.length).map((frames) => ({ frames, at: middleText(frames) }));
}

function fieldAt(
  fields: readonly SkyField[],
  { raDeg, decDeg }: { readonly raDeg: number; readonly decDeg: number },
): SkyField | undefined {
  const place = unitVector(raDeg, decDeg);
  const distances = fields.map(({ frames }) =>
    Math.min(...frames.map(({ at, diagonal }) => angle(place, at) / diagonal)),
  );
  const nearest = distances.indexOf(Math.min(...distances));
  return distances[nearest] <= MAX_GAP_DIAGONALS + 0.5 ? fields[nearest] : undefined;
}

function middleOf(frames: readonly Placed[]): [number, number, number] | undefined {
  const sum = [0, 1, 2].map((axis) => frames.reduce((total, { at }) => total + at[axis], 0));
  const length = Math.hypot(...sum);
  return length > 0 ? [sum[0] / length, sum[1] / length, sum[2] / length] : undefined;
}

function middleText(frames: readonly Placed[]): string {
  const [x, y, z] = middleOf(frames) ?? frames[0].at;
  const ra = (Math.atan2(y, x) / RADIAN + 360) % 360;
  return `${ra.toFixed(2)},${(Math.asin(Math.max(-1, Math.min(1, z))) / RADIAN).toFixed(2)}`;
}

/** Megapixels of a canvas, north up, that holds the frames: about what their grid will have. */
function boxMegapixels(frames: readonly Placed[]): number {
  const middle = middleOf(frames);
  if (!middle) return Infinity;
  const [mx, my, mz] = middle;
  const across = Math.hypot(mx, my);
  const east = across > 0 ? [-my / across, mx / across, 0] : [0, 1, 0];
  const north = [-mz * east[1], mz * east[0], across];
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { at, diagonal } of frames) {
    const along = at[0] * mx + at[1] * my + at[2] * mz;
    if (along < PLANE_RIM) return Infinity;
    const x = (at[0] * east[0] + at[1] * east[1]) / along;
    const y = (at[0] * north[0] + at[1] * north[1] + at[2] * north[2]) / along;
    [x0, x1] = [Math.min(x0, x - diagonal / 2), Math.max(x1, x + diagonal / 2)];
    [y0, y1] = [Math.min(y0, y - diagonal / 2), Math.max(y1, y + diagonal / 2)];
  }
  const scales = frames.flatMap(({ record }) => record.pixelScaleArcsec ?? []).sort((a, b) => a - b);
  const step = (scales[scales.length >> 1] / 3600) * RADIAN;
  return ((x1 - x0) * (y1 - y0)) / step ** 2 / 1e6;
}

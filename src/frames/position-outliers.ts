// Frames whose WCS puts them where the rest of the set is not: one of them would make a monstrous canvas.
import type { FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import {
  angle,
  groupTouching,
  MAX_GAP_DIAGONALS,
  nearestGap,
  RADIAN,
  unitVector,
  type Placed,
} from './placed-frames.js';

/** With fewer solved frames there is no bulk to be outside of. */
const MIN_FRAMES = 5;
/** A group of at least this many frames, and at least this fraction of the largest group, is an island of its own right. */
const ISLAND_FRAMES = 3;
const ISLAND_FRACTION = 0.02;

export interface JudgedPlaces {
  readonly reasons: ReadonlyMap<FrameRecord, FrameReason>;
  /** What stays, in groups of frames that touch: the largest first, or those that hold what is settled. */
  readonly staying: readonly (readonly Placed[])[];
}

/**
 * Frames with a WCS are grouped: two belong together when the circles around their footprints touch. The largest group stays. Going on by
 * size, another group stays when it is an island (at least 3 frames and 2 % of the largest) or close to one that stays (gap of at most 3
 * diagonals): honest mosaics with thin or missing panels and two-target sets survive, a stray frame far out does not. In an
 * island, a frame is refused all the same when its header's own pointing lies with the largest group: many frames can carry
 * one wrong solution. With fewer than 5 solved frames none is refused here; `apartFields` judges what then remains. `settled` frames stay, with what
 * touches them, and stand for the largest group, be they few.
 */
export function positionOutliers(placed: readonly Placed[], settled: ReadonlySet<FrameRecord>): JudgedPlaces {
  const reasons = new Map<FrameRecord, FrameReason>();
  const holdsSettled = (group: readonly Placed[]) => group.some(({ record }) => settled.has(record));
  if (placed.length < MIN_FRAMES && !holdsSettled(placed)) return { reasons, staying: groupTouching(placed) };
  const groups = groupTouching(placed);
  const first = groups.filter(holdsSettled);
  if (first.length === 0) first.push(groups[0]);
  const main = first.flat();
  const staying: Placed[] = [...main];
  const kept: Placed[][] = [...first];
  for (const group of groups.filter((other) => !first.includes(other))) {
    const island = group.length >= Math.max(ISLAND_FRAMES, ISLAND_FRACTION * main.length);
    const gap = nearestGap(group, staying);
    const stays = island || gap.diagonals <= MAX_GAP_DIAGONALS;
    const own: Placed[] = [];
    for (const frame of group) {
      if (stays && !pointsInto(frame, main, gap.diagonals)) own.push(frame);
      else reasons.set(frame.record, outlier(frame, gap.distance));
    }
    staying.push(...own);
    if (own.length > 0) kept.push(own);
  }
  return { reasons, staying: kept };
}

function outlier(frame: Placed, distance: number): FrameReason {
  const { raDeg, decDeg } = frame.record.wcs!.centre;
  const round = (value: number) => Number(value.toFixed(3));
  return {
    code: 'frames_reject_wcs_outlier',
    params: { raDeg: round(raDeg), decDeg: round(decDeg), distanceDeg: round(distance / RADIAN) },
  };
}

/** True when the header's pointing lies within the largest group although the WCS lies well outside of it. */
function pointsInto(frame: Placed, main: readonly Placed[], gapDiagonals: number): boolean {
  const { pointing } = frame.record;
  if (!pointing || gapDiagonals <= MAX_GAP_DIAGONALS) return false;
  const direction = unitVector(pointing.raDeg, pointing.decDeg);
  return main.some((other) => angle(direction, other.at) <= other.diagonal);
}

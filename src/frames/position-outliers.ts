// Frames whose WCS puts them where the rest of the set is not: one of them would make a monstrous canvas.
import type { FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';

/** With fewer solved frames there is no bulk to be outside of. */
const MIN_FRAMES = 5;
/** A group of at least this many frames, and at least this fraction of the largest group, is an island of its own right. */
const ISLAND_FRAMES = 3;
const ISLAND_FRACTION = 0.02;
/** A smaller group stays when the gap between it and a group that stays is at most this many frame diagonals. */
const MAX_GAP_DIAGONALS = 3;

interface Placed {
  readonly record: FrameRecord;
  /** Unit vector of the frame's centre. */
  readonly at: readonly [number, number, number];
  /** Radians. */
  readonly diagonal: number;
}

/**
 * Frames with a WCS are grouped: two belong together when the circles around their footprints touch. The largest group stays. Going on by
 * size, another group stays when it is an island (at least 3 frames and 2 % of the largest) or close to one that stays (gap of at most 3
 * diagonals): honest mosaics with thin or missing panels and two-target sets survive, a stray frame far out does not. In an
 * island, a frame is refused all the same when its header's own pointing lies with the largest group: many frames can carry
 * one wrong solution. With fewer than 5 solved frames none is refused; the cap on the canvas stops what then remains. `settled` frames stay, with what
 * touches them, and stand for the largest group, be they few.
 */
export function positionOutliers(
  records: readonly FrameRecord[],
  settled: readonly FrameRecord[] = [],
): Map<FrameRecord, FrameReason> {
  const placed = [...settled, ...records].flatMap((record) => (record.wcs ? [place(record)] : []));
  const reasons = new Map<FrameRecord, FrameReason>();
  const isSettled = new Set(settled);
  const holdsSettled = (group: readonly Placed[]) => group.some(({ record }) => isSettled.has(record));
  if (placed.length < MIN_FRAMES && !holdsSettled(placed)) return reasons;
  const groups = groupTouching(placed);
  const first = groups.filter(holdsSettled);
  if (first.length === 0) first.push(groups[0]);
  const main = first.flat();
  const staying: Placed[] = [...main];
  for (const group of groups.filter((other) => !first.includes(other))) {
    const island = group.length >= Math.max(ISLAND_FRAMES, ISLAND_FRACTION * main.length);
    const gap = nearestGap(group, staying);
    const stays = island || gap.diagonals <= MAX_GAP_DIAGONALS;
    for (const frame of group) {
      if (stays && !pointsInto(frame, main, gap.diagonals)) staying.push(frame);
      else reasons.set(frame.record, outlier(frame, gap.distance));
    }
  }
  return reasons;
}

function outlier(frame: Placed, distance: number): FrameReason {
  const { raDeg, decDeg } = frame.record.wcs!.centre;
  const round = (value: number) => Number(value.toFixed(3));
  return {
    code: 'frames_reject_wcs_outlier',
    params: { raDeg: round(raDeg), decDeg: round(decDeg), distanceDeg: round(distance / RADIAN) },
  };
}

const RADIAN = Math.PI / 180;

function unitVector(raDeg: number, decDeg: number): [number, number, number] {
  const cosDec = Math.cos(decDeg * RADIAN);
  return [cosDec * Math.cos(raDeg * RADIAN), cosDec * Math.sin(raDeg * RADIAN), Math.sin(decDeg * RADIAN)];
}

function place(record: FrameRecord): Placed {
  const { centre, corners } = record.wcs!;
  const at = unitVector(centre.raDeg, centre.decDeg);
  const reach = Math.max(...corners.map((c) => angle(at, unitVector(c.raDeg, c.decDeg))));
  return { record, at, diagonal: 2 * reach };
}

/** Angle between unit vectors, from their chord: exact for small ones. */
function angle(a: readonly number[], b: readonly number[]): number {
  const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  return 2 * Math.asin(Math.min(1, chord / 2));
}

/** Groups of frames whose circles touch, largest first; groups of one size in the order of their first frames. */
function groupTouching(placed: readonly Placed[]): Placed[][] {
  const groupOf = new Int32Array(placed.length).fill(-1);
  const groups: Placed[][] = [];
  for (let seed = 0; seed < placed.length; seed++) {
    if (groupOf[seed] >= 0) continue;
    const group: Placed[] = [];
    const open = [seed];
    groupOf[seed] = groups.length;
    while (open.length > 0) {
      const a = placed[open.pop()!];
      group.push(a);
      for (let k = 0; k < placed.length; k++) {
        if (groupOf[k] >= 0) continue;
        const b = placed[k];
        const reach = 2 * Math.sin(Math.min(Math.PI, (a.diagonal + b.diagonal) / 2) / 2);
        const dx = a.at[0] - b.at[0];
        const dy = a.at[1] - b.at[1];
        const dz = a.at[2] - b.at[2];
        if (dx * dx + dy * dy + dz * dz > reach * reach) continue;
        groupOf[k] = groups.length;
        open.push(k);
      }
    }
    groups.push(group);
  }
  return groups.sort((a, b) => b.length - a.length);
}

/** The nearest pair of frames of two sets: distance of the centres in radians, and the gap between the circles in diagonals. */
function nearestGap(
  group: readonly Placed[],
  staying: readonly Placed[],
): { distance: number; diagonals: number } {
  let nearest = { distance: Infinity, diagonals: Infinity };
  for (const a of group) {
    for (const b of staying) {
      const distance = angle(a.at, b.at);
      const mean = (a.diagonal + b.diagonal) / 2;
      const diagonals = (distance - mean) / mean;
      if (diagonals < nearest.diagonals) nearest = { distance, diagonals };
    }
  }
  return nearest;
}

/** True when the header's pointing lies within the largest group although the WCS lies well outside of it. */
function pointsInto(frame: Placed, main: readonly Placed[], gapDiagonals: number): boolean {
  const { pointing } = frame.record;
  if (!pointing || gapDiagonals <= MAX_GAP_DIAGONALS) return false;
  const direction = unitVector(pointing.raDeg, pointing.decDeg);
  return main.some((other) => angle(direction, other.at) <= other.diagonal);
}

// Frames as circles on the sky: which of them touch, and how far apart the others are.
import type { FrameRecord } from './frame-record.js';
import type { FrameWcs } from './frame-wcs.js';

export interface Placed {
  readonly record: FrameRecord;
  /** Unit vector of the frame's centre. */
  readonly at: readonly [number, number, number];
  /** Radians. */
  readonly diagonal: number;
}

/** A group belongs to another when the gap between them is at most this many frame diagonals. */
export const MAX_GAP_DIAGONALS = 3;

export const RADIAN = Math.PI / 180;

export function unitVector(raDeg: number, decDeg: number): [number, number, number] {
  const cosDec = Math.cos(decDeg * RADIAN);
  return [cosDec * Math.cos(raDeg * RADIAN), cosDec * Math.sin(raDeg * RADIAN), Math.sin(decDeg * RADIAN)];
}

/** `record` at its own WCS, or at another place. */
export function place(record: FrameRecord, at: Pick<FrameWcs, 'centre' | 'corners'> = record.wcs!): Placed {
  const centre = unitVector(at.centre.raDeg, at.centre.decDeg);
  const reach = Math.max(...at.corners.map((c) => angle(centre, unitVector(c.raDeg, c.decDeg))));
  return { record, at: centre, diagonal: 2 * reach };
}

/** Angle between unit vectors, from their chord: exact for small ones. */
export function angle(a: readonly number[], b: readonly number[]): number {
  const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  return 2 * Math.asin(Math.min(1, chord / 2));
}

/** Groups of frames whose circles touch, of any number, largest first; groups of one size in the order of their first frames. */
export function groupTouching(placed: readonly Placed[]): Placed[][] {
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
export function nearestGap(
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

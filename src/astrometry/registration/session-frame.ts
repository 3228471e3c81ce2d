// Frames of a session as registration sees them, and which of them may show the same sky.
import type { SolveHint, SolveImage } from '../solver/solve-types.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import { angularSeparationDeg } from '../wcs/sphere.js';
import type { MatchField } from './match-field.js';

export interface SessionFrame {
  /** Place in the order of the session: what was exposed one after the other mostly overlaps. */
  readonly order: number;
  readonly image: SolveImage;
  readonly hint: SolveHint;
  /** Made when it is asked for, which few frames are. */
  readonly field: () => MatchField;
}

export interface PlacedFrame extends SessionFrame {
  readonly wcs: CelestialWcs;
}

/** Frames of one nominal scale, or of one size where a header does not say. */
const SAME_SCALE = 0.02;
/** Share of the likeliest frames that are told by the headers' pointing; the others by the order of the session, for headers that are wrong. */
const BY_POINTING = 2 / 3;

function sameScale(a: SessionFrame, b: SessionFrame): boolean {
  const [p, q] = [a.hint.scaleArcsec, b.hint.scaleArcsec];
  if (p === undefined || q === undefined)
    return a.image.width === b.image.width && a.image.height === b.image.height;
  return Math.abs(Math.log(p / q)) < SAME_SCALE;
}

/** At most `count` of the others: those that the headers put nearest, then those exposed next to it. */
export function likeliest<T extends SessionFrame>(
  frame: SessionFrame,
  others: readonly T[],
  count: number,
): T[] {
  const apart = (other: T) => Math.abs(other.order - frame.order);
  const alike = others.filter((other) => other.order !== frame.order && sameScale(frame, other));
  const distances = new Map(alike.map((other) => [other, distance(frame.hint, other.hint)]));
  const near = [...alike].sort((a, b) => distances.get(a)! - distances.get(b)! || apart(a) - apart(b));
  const chosen = new Set(near.slice(0, Math.ceil(BY_POINTING * count)));
  for (const other of alike.sort((a, b) => apart(a) - apart(b))) {
    if (chosen.size >= count) break;
    chosen.add(other);
  }
  return [...chosen];
}

/** Degrees, to a hundredth: nearer than that headers do not tell. */
function distance({ pointing: p }: SolveHint, { pointing: q }: SolveHint): number {
  if (!p || !q) return 0;
  return Math.round(100 * angularSeparationDeg(p.raDeg, p.decDeg, q.raDeg, q.decDeg)) / 100;
}

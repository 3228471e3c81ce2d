// What solved frames teach about the next ones: scale, parity, how far the mount's word is from the truth.
import { medianOf } from '../../../photometry/mesh-repair.js';
import { unitVector, type UnitVector } from '../../wcs/sphere.js';
import { tangentPlane } from '../../wcs/tangent-plane.js';
import type { Parity, Solution, SolveHint, SolveImage } from '../solve-types.js';

/** Frames whose scales are held for the median. */
const REMEMBERED = 25;
/** A scale that differs by more than this from what was learnt is that of another telescope, which is learnt anew. */
const SAME_SCALE = 0.02;
/** Search radius where a frame is expected: dithers, drift, and the rounding of the header's pointing. */
const EXPECTED_RADIUS_DEG = 0.5;

/** Learnt from the frames of one camera and telescope; plain values, safe to send to another thread. */
export interface Learnt {
  readonly scaleArcsec: number;
  readonly parity: Parity;
  /** Where the last solved frame looked. */
  readonly lastCentre: UnitVector;
  /** Solved minus hinted position in the tangent plane of the hint, degrees. */
  readonly offset: readonly [number, number] | undefined;
}

/** Where a frame with this hint ought to be, most likely place first. */
export function placesFor(
  { lastCentre, offset }: Learnt,
  { pointing }: SolveHint,
): { centre: UnitVector; radiusDeg: number }[] {
  const places = [{ centre: lastCentre, radiusDeg: 2 * EXPECTED_RADIUS_DEG }];
  if (pointing && offset) {
    const expected = tangentPlane(pointing.raDeg, pointing.decDeg).deproject(...offset);
    places.unshift({ centre: unitVector(...expected), radiusDeg: EXPECTED_RADIUS_DEG });
  }
  return places;
}

/** What a solution adds to what was learnt. `scales` are those of the last frames and are changed. */
function learn(
  { scaleArcsec, parity, centre }: Solution,
  { pointing }: SolveHint,
  before: Learnt | undefined,
  scales: number[],
): Learnt {
  if (before && Math.abs(Math.log(scaleArcsec / before.scaleArcsec)) > SAME_SCALE) scales.length = 0;
  scales.push(scaleArcsec);
  if (scales.length > REMEMBERED) scales.shift();
  const offset = pointing && tangentPlane(pointing.raDeg, pointing.decDeg).project(...centre);
  return {
    scaleArcsec: medianOf([...scales]),
    parity,
    lastCentre: unitVector(...centre),
    offset: pointing ? (offset ?? undefined) : before?.offset,
  };
}

/** One memory for each kind of frame that the session meets. */
export class SessionMemory {
  readonly #byOptics = new Map<string, { learnt: Learnt | undefined; readonly scales: number[] }>();

  /** Undefined until a frame of the kind was solved. */
  about(image: SolveImage, hint: SolveHint): Learnt | undefined {
    return this.#byOptics.get(opticsKey(image, hint))?.learnt;
  }

  add(image: SolveImage, hint: SolveHint, solution: Solution): void {
    const key = opticsKey(image, hint);
    const kind = this.#byOptics.get(key) ?? { learnt: undefined, scales: [] };
    kind.learnt = learn(solution, hint, kind.learnt, kind.scales);
    this.#byOptics.set(key, kind);
  }
}

/** Frames of one size and one nominal scale (to 2 %) come from one camera and telescope, or from two that are alike. */
export function opticsKey({ width, height }: SolveImage, { scaleArcsec }: SolveHint): string {
  const scale = scaleArcsec === undefined ? 'unknown' : Math.round(Math.log(scaleArcsec) / 0.02);
  return `${width}x${height} ${scale}`;
}

// What solved frames teach about the next ones: scale, parity, how far the mount's word is from the truth.
import { medianOf } from '../../photometry/mesh-repair.js';
import { unitVector, type UnitVector } from '../wcs/sphere.js';
import { tangentPlane } from '../wcs/tangent-plane.js';
import type { Parity, Solution, SolveHint, SolveImage } from './solve-types.js';

/** Frames whose scales are held for the median. */
const REMEMBERED = 25;
/** A scale that differs by more than this from what was learnt is that of another telescope, which is learnt anew. */
const SAME_SCALE = 0.02;
/** Search radius where a frame is expected: dithers, drift, and the rounding of the header's pointing. */
const EXPECTED_RADIUS_DEG = 0.5;

/** Learnt from the frames of one camera and telescope. */
export class Learnt {
  readonly #scales: number[] = [];
  #parity: Parity = 1;
  #last: UnitVector = [1, 0, 0];
  /** Solved minus hinted position in the tangent plane of the hint, degrees. */
  #offset: readonly [number, number] | undefined;

  add(solution: Solution, hint: SolveHint): void {
    const { scaleArcsec } = solution;
    if (this.#scales.length > 0 && Math.abs(Math.log(scaleArcsec / this.scaleArcsec)) > SAME_SCALE)
      this.#scales.length = 0;
    this.#scales.push(scaleArcsec);
    if (this.#scales.length > REMEMBERED) this.#scales.shift();
    this.#parity = solution.parity;
    this.#last = unitVector(...solution.centre);
    const { pointing } = hint;
    if (pointing)
      this.#offset = tangentPlane(pointing.raDeg, pointing.decDeg).project(...solution.centre) ?? undefined;
  }

  get scaleArcsec(): number {
    return medianOf([...this.#scales]);
  }

  get parity(): Parity {
    return this.#parity;
  }

  get lastCentre(): UnitVector {
    return this.#last;
  }

  /** Where a frame with this hint ought to be, most likely place first. */
  placesFor({ pointing }: SolveHint): { centre: UnitVector; radiusDeg: number }[] {
    const places = [{ centre: this.#last, radiusDeg: 2 * EXPECTED_RADIUS_DEG }];
    if (pointing && this.#offset) {
      const expected = tangentPlane(pointing.raDeg, pointing.decDeg).deproject(...this.#offset);
      places.unshift({ centre: unitVector(...expected), radiusDeg: EXPECTED_RADIUS_DEG });
    }
    return places;
  }
}

/** One memory for each kind of frame that the session meets. */
export class SessionMemory {
  readonly #byOptics = new Map<string, Learnt>();

  /** Undefined until a frame of the kind was solved. */
  about(image: SolveImage, hint: SolveHint): Learnt | undefined {
    return this.#byOptics.get(opticsKey(image, hint));
  }

  add(image: SolveImage, hint: SolveHint, solution: Solution): void {
    const key = opticsKey(image, hint);
    const learnt = this.#byOptics.get(key) ?? new Learnt();
    learnt.add(solution, hint);
    this.#byOptics.set(key, learnt);
  }
}

/** Frames of one size and one nominal scale (to 2 %) come from one camera and telescope, or from two that are alike. */
function opticsKey({ width, height }: SolveImage, { scaleArcsec }: SolveHint): string {
  const scale = scaleArcsec === undefined ? 'unknown' : Math.round(Math.log(scaleArcsec) / 0.02);
  return `${width}x${height} ${scale}`;
}

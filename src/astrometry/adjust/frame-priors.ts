// How far the places that frames come with are believed: before anything is known, and by how far they turned out to be off.
import { medianOf } from '../../photometry/mesh-repair.js';
import type { AdjustFrame } from './adjust-types.js';
import type { FramePrior } from './system-types.js';

/** Solved frames: place and rotation are free, refraction alone changes scale and shear, by parts in a thousand. */
const SOLVED_PRIOR = { shift: 20, rotation: 20, scale: 5e-4, shear: 5e-4 };
/** Given frames at first; later their own scatter says how far they are believed, down to the floor. */
const GIVEN_PRIOR: FramePrior = { shift: 3, rotation: 2, scale: 1, shear: 0.3 };
const GIVEN_FLOOR_PX = 0.03;
const ENOUGH_LINKS = 10;

/** `unit` is half the frame's diagonal, pixels. */
export function firstPrior({ origin }: AdjustFrame, unit: number): FramePrior {
  if (origin === 'given') return GIVEN_PRIOR;
  return { ...SOLVED_PRIOR, scale: SOLVED_PRIOR.scale * unit, shear: SOLVED_PRIOR.shear * unit };
}

/** How far the given WCS were off, part by part, is how far each is believed; a frame that was farther off keeps its own. `links` and corrections `moved` by
 * frame. */
export function learntPriors(
  frames: readonly AdjustFrame[],
  links: Int32Array,
  moved: readonly Float64Array[],
  priors: readonly FramePrior[],
): FramePrior[] {
  const learning = frames.flatMap(({ origin }, f) =>
    origin === 'given' && links[f] >= ENOUGH_LINKS ? [parts(moved[f])] : [],
  );
  if (learning.length < 3) return [...priors];
  const typical = (key: keyof FramePrior) =>
    Math.max(GIVEN_FLOOR_PX, 1.4826 * medianOf(learning.map((p) => p[key])));
  const common = {
    shift: typical('shift'),
    rotation: typical('rotation'),
    scale: typical('scale'),
    shear: typical('shear'),
  };
  return frames.map(({ origin }, f) => {
    if (origin !== 'given') return priors[f];
    const own = parts(moved[f]);
    return {
      shift: Math.max(common.shift, own.shift),
      rotation: Math.max(common.rotation, own.rotation),
      scale: Math.max(common.scale, own.scale),
      shear: Math.max(common.shear, own.shear),
    };
  });
}

function parts([x, y, a, b, c, d]: Float64Array): FramePrior {
  return {
    shift: Math.hypot(x, y) / Math.SQRT2,
    rotation: Math.abs(c - b) / 2,
    scale: Math.abs(a + d) / 2,
    shear: Math.hypot(a - d, b + c) / 2 / Math.SQRT2,
  };
}

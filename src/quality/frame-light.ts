// The light that frames have too much or too little of against each other, told by the steps where they end.
import { LIGHT_TERMS } from './light-frame.js';
import { median } from './robust.js';
import type { StepEquation } from './step-equations.js';

export interface FrameLight {
  /** `[frames, 3]`: level, and slopes in ADU from the middle of a frame to its edge. */
  readonly light: Float64Array;
  /** Part of the steps' size, by the Huber measure, that is told by steps of other parts of the mosaic. */
  readonly explained: number;
  /** The same over its own standard error. */
  readonly significance: number;
}

/** Beyond so many sigmas a step counts less: borders of nebulae are no seams. */
const HUBER = 2;
const REWEIGHTINGS = 4;
const MAX_ITERATIONS = 200;
/** Relative accuracy of a solve, and of one that only tells what a prior is worth. */
const TOLERANCE = 1e-6;
const ROUGH_TOLERANCE = 1e-3;
/** How large the light of a frame is expected to be, in units of what the steps themselves say, and its slopes against its level: the steps choose. */
const WIDTHS = [0.3, 1, 3, 10];
const SLOPES = [0.1, 1];
const FOLDS = 4;

/** Expected size of levels and of slopes, ADU. */
interface Prior {
  readonly level: number;
  readonly slope: number;
}

/**
 * The most likely planes of frames, for steps of the noise that `controls` (steps where no frame ends) show and planes of a size that is chosen by
 * what it is worth: solved without a fourth of the mosaic's parts at a time, planes must tell the steps of those parts. What no step tells is 0, and so is what all
 * frames have in common. `freedom` multiplies the expected size.
 */
export function frameLight(
  frames: number,
  equations: readonly StepEquation[],
  controls: readonly number[],
  freedom = 1,
): FrameLight {
  const none = { light: new Float64Array(LIGHT_TERMS * frames), explained: 0, significance: 0 };
  if (equations.length === 0) return none;
  const sizes = equations.map(({ step }) => Math.abs(step));
  const sigma = 1.4826 * median((controls.length > 0 ? controls : sizes).map(Math.abs)) || 1;
  const reach = median(equations.map(({ factors }) => norm(factors)));
  const excess = Math.sqrt(Math.max(0, (1.4826 * median(sizes)) ** 2 - sigma ** 2));
  const unit = Math.max(excess, 0.1 * sigma) / reach;
  if (!(unit > 0)) return none;
  let best = { explained: 0, significance: 0, prior: { level: 0, slope: 0 } };
  for (const slope of SLOPES) {
    const begun = Array.from({ length: FOLDS }, () => new Float64Array(LIGHT_TERMS * frames));
    for (const width of WIDTHS) {
      const prior = { level: width * unit, slope: slope * width * unit };
      const found = worth(heldOut(equations, sigma, prior, begun));
      if (found.explained > best.explained) best = { ...found, prior };
    }
  }
  const { prior, explained, significance } = best;
  if (prior.level === 0) return none;
  const freed = { level: freedom * prior.level, slope: freedom * prior.slope };
  solve(equations, sigma, freed, none.light);
  return { light: none.light, explained, significance };
}

interface PartSteps {
  before: number;
  after: number;
}

/** The steps of each part, in the Huber measure, as they are and less what planes tell that were solved without the part; `begun` holds a start for each fold, and its solution after. */
function heldOut(
  equations: readonly StepEquation[],
  sigma: number,
  prior: Prior,
  begun: readonly Float64Array[],
): PartSteps[] {
  const parts = [...new Set(equations.map(({ part }) => part))].sort((a, b) => a - b);
  const numberOf = new Map(parts.map((part, k) => [part, k]));
  const found = parts.map(() => ({ before: 0, after: 0 }));
  begun.forEach((light, fold) => {
    const isLeftOut = ({ part }: StepEquation) => numberOf.get(part)! % FOLDS === fold;
    const known = equations.filter((equation) => !isLeftOut(equation));
    if (known.length === equations.length) return;
    solve(known, sigma, prior, light, ROUGH_TOLERANCE);
    for (const equation of equations.filter(isLeftOut)) {
      const own = found[numberOf.get(equation.part)!];
      own.before += huber(equation.step / sigma);
      own.after += huber((equation.step - predicted(equation, light)) / sigma);
    }
  });
  return found;
}

/** What of all steps is told, and the mean of what parts lose over its standard error: in the size of their steps, not its square, which is that of the largest alone. */
function worth(parts: readonly PartSteps[]) {
  const sum = (of: (part: PartSteps) => number) => parts.reduce((total, part) => total + of(part), 0);
  const lost = ({ before, after }: PartSteps) => Math.sqrt(before) - Math.sqrt(after);
  const n = parts.length;
  const mean = sum(lost) / n;
  const error = n > 1 ? Math.sqrt(sum((part) => (lost(part) - mean) ** 2) / (n * (n - 1))) : Infinity;
  return {
    explained:
      1 -
      sum(({ after }) => after) /
        Math.max(
          sum(({ before }) => before),
          1e-12,
        ),
    significance: n > 0 ? mean / Math.max(error, 1e-12) : 0,
  };
}

/** Half the square, and a straight line beyond. */
function huber(z: number): number {
  const size = Math.abs(z);
  return size <= HUBER ? 0.5 * size * size : HUBER * (size - 0.5 * HUBER);
}

/** Improves `light` to the solution. */
function solve(
  equations: readonly StepEquation[],
  sigma: number,
  prior: Prior,
  light: Float64Array,
  tolerance = TOLERANCE,
): void {
  const ridge = [prior.level, prior.slope, prior.slope].map((size) => 1 / size ** 2);
  const weights = new Float64Array(equations.length);
  for (let pass = 0; pass < REWEIGHTINGS; pass++) {
    equations.forEach((equation, k) => {
      const left = pass === 0 ? 0 : Math.abs(equation.step - predicted(equation, light)) / sigma;
      weights[k] = Math.min(1, HUBER / Math.max(left, 1e-12)) / sigma ** 2;
    });
    improve(equations, weights, ridge, light, tolerance);
  }
}

function predicted({ frames, factors }: StepEquation, light: Float64Array): number {
  let sum = 0;
  for (let k = 0, i = 0; k < frames.length; k++)
    for (let t = 0, at = LIGHT_TERMS * frames[k]; t < LIGHT_TERMS; t++, i++, at++)
      sum += factors[i] * light[at];
  return sum;
}

function addBack({ frames, factors }: StepEquation, value: number, out: Float64Array): void {
  for (let k = 0, i = 0; k < frames.length; k++)
    for (let t = 0, at = LIGHT_TERMS * frames[k]; t < LIGHT_TERMS; t++, i++, at++)
      out[at] += value * factors[i];
}

/** Minimises `sum weights (step - predicted)^2 + ridge |light|^2` by conjugate gradients, from the light given; `ridge` per term. */
function improve(
  equations: readonly StepEquation[],
  weights: Float64Array,
  ridge: readonly number[],
  light: Float64Array,
  tolerance: number,
): void {
  const residual = light.map((value, k) => -ridge[k % LIGHT_TERMS] * value);
  equations.forEach((equation, k) =>
    addBack(equation, weights[k] * (equation.step - predicted(equation, light)), residual),
  );
  const whole = new Float64Array(light.length);
  equations.forEach((equation, k) => addBack(equation, weights[k] * equation.step, whole));
  const enough = tolerance ** 2 * dot(whole, whole);
  const direction = residual.slice();
  let left = dot(residual, residual);
  for (let i = 0; i < MAX_ITERATIONS && left > enough; i++) {
    const image = direction.map((value, k) => ridge[k % LIGHT_TERMS] * value);
    equations.forEach((equation, k) => addBack(equation, weights[k] * predicted(equation, direction), image));
    const length = left / dot(direction, image);
    for (let k = 0; k < light.length; k++) {
      light[k] += length * direction[k];
      residual[k] -= length * image[k];
    }
    const next = dot(residual, residual);
    for (let k = 0; k < light.length; k++) direction[k] = residual[k] + (next / left) * direction[k];
    left = next;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

const norm = (values: Float64Array) => Math.sqrt(dot(values, values));

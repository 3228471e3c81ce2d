// The light that frames have too much or too little of against each other, told by the steps where they end.
import { LIGHT_TERMS } from './light-frame.js';
import { median } from './robust.js';
import type { StepEquation } from './step-equations.js';
import { StepSystem, type Effort } from './step-system.js';

export interface FrameLight {
  /** `[frames, 3]`: level, and slopes in ADU from the middle of a frame to its edge. */
  readonly light: Float64Array;
  /** Part of the steps' size, by the Huber measure, that is told by steps of other parts of the mosaic. */
  readonly explained: number;
  /** The same over its own standard error. */
  readonly significance: number;
  /** At all equations, until it was found. */
  readonly looks: number;
}

/** Beyond so many sigmas a step counts less: borders of nebulae are no seams. */
const HUBER = 2;
/** Solves in a row, each with the weights that the last leaves: of the whole; and, to tell what a prior is worth, from nothing and from the solution of the prior before. */
const REWEIGHTINGS = 3;
const FIRST_REWEIGHTINGS = 2;
const MORE_REWEIGHTINGS = 1;
/** Each costs as many looks at the equations, so that the cost of all is their number times a constant. */
const WHOLE: Effort = { tolerance: 1e-4, iterations: 40 };
const ROUGH: Effort = { tolerance: 3e-3, iterations: 12 };
/** How large the light of a frame is expected to be, in units of what the steps themselves say, and its slopes against its level: the steps choose. */
const WIDTHS = [0.3, 1, 3, 10];
const SLOPES = [0.1, 1];
/** What a wider prior, or freer slopes, must explain more for wider ones to be tried. */
const WORTH_MORE = 0.005;
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
  const none = { light: new Float64Array(LIGHT_TERMS * frames), explained: 0, significance: 0, looks: 0 };
  if (equations.length === 0) return none;
  const sizes = equations.map(({ step }) => Math.abs(step));
  const sigma = 1.4826 * median((controls.length > 0 ? controls : sizes).map(Math.abs)) || 1;
  const reach = median(equations.map(({ factors }) => norm(factors)));
  const excess = Math.sqrt(Math.max(0, (1.4826 * median(sizes)) ** 2 - sigma ** 2));
  const unit = Math.max(excess, 0.1 * sigma) / reach;
  if (!(unit > 0)) return none;
  const system = new StepSystem(frames, equations);
  const parts = partsOf(equations);
  const light = new Float64Array(LIGHT_TERMS * frames);
  let best = { explained: 0, significance: 0, prior: { level: 0, slope: 0 } };
  const begun = Array.from({ length: FOLDS }, () => new Float64Array(LIGHT_TERMS * frames));
  const isBetter = (prior: Prior) => {
    const found = worth(heldOut(system, parts, sigma, prior, begun));
    const gain = found.explained - best.explained;
    if (!(gain > 0)) return best.prior.level === 0;
    best = { ...found, prior };
    light.forEach((_, k) => (light[k] = mean(begun.map((of) => of[k]))));
    return gain > WORTH_MORE;
  };
  // once one gains nothing over the last, those beyond it only come nearer to no prior at all
  WIDTHS.every((width) => isBetter({ level: width * unit, slope: SLOPES[0] * width * unit }));
  if (best.prior.level === 0) return { ...none, looks: system.looks };
  SLOPES.slice(1).every((slope) => isBetter({ ...best.prior, slope: slope * best.prior.level }));
  const { prior, explained, significance } = best;
  const freed = { level: freedom * prior.level, slope: freedom * prior.slope };
  solve(system, sigma, freed, light);
  return { light, explained, significance, looks: system.looks };
}

interface PartSteps {
  before: number;
  after: number;
}

/** The part of each equation, counted from 0. */
function partsOf(equations: readonly StepEquation[]): Int32Array {
  const parts = [...new Set(equations.map(({ part }) => part))].sort((a, b) => a - b);
  const numberOf = new Map(parts.map((part, k) => [part, k]));
  return Int32Array.from(equations, ({ part }) => numberOf.get(part)!);
}

/** The steps of each part, in the Huber measure, as they are and less what planes tell that were solved without the part; `begun` holds a start for each fold, and its solution after. */
function heldOut(
  system: StepSystem,
  parts: Int32Array,
  sigma: number,
  prior: Prior,
  begun: readonly Float64Array[],
): PartSteps[] {
  const found: PartSteps[] = Array.from({ length: Math.max(...parts) + 1 }, () => ({ before: 0, after: 0 }));
  begun.forEach((light, fold) => {
    const leftOut = new Uint8Array(parts.length);
    parts.forEach((part, k) => (leftOut[k] = part % FOLDS === fold ? 1 : 0));
    if (!leftOut.includes(1)) return;
    const passes = light.some((value) => value !== 0) ? MORE_REWEIGHTINGS : FIRST_REWEIGHTINGS;
    solve(system, sigma, prior, light, passes, ROUGH, leftOut);
    system.steps.forEach((step, k) => {
      if (leftOut[k] === 0) return;
      const own = found[parts[k]];
      own.before += huber(step / sigma);
      own.after += huber((step - system.predicted(k, light)) / sigma);
    });
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

/** Improves `light` to the solution in so many reweightings; with `leftOut`, of the other equations alone. */
function solve(
  system: StepSystem,
  sigma: number,
  prior: Prior,
  light: Float64Array,
  reweightings = REWEIGHTINGS,
  effort = WHOLE,
  leftOut?: Uint8Array,
): void {
  const ridge = [prior.level, prior.slope, prior.slope].map((size) => 1 / size ** 2);
  const weights = new Float64Array(system.steps.length);
  let isKnown = light.some((value) => value !== 0);
  for (let pass = 0; pass < reweightings; pass++) {
    for (let k = 0; k < weights.length; k++) {
      if (leftOut?.[k]) continue;
      const left = isKnown ? Math.abs(system.steps[k] - system.predicted(k, light)) / sigma : 0;
      weights[k] = Math.min(1, HUBER / Math.max(left, 1e-12)) / sigma ** 2;
    }
    system.improve(weights, ridge, light, effort);
    isKnown = true;
  }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const norm = (values: Float64Array) => Math.hypot(...values);

// Levels of all frames against each other: mesh levels carried onto common sky nodes, solved for all frames at once.
import { BLOCK_SIZE, LEVEL_TERMS } from '../../../compute/constants.js';
import {
  entriesOf,
  memoryFor,
  placeLists,
  type FrameLevels,
} from '../../../photometry/levels/level-observations.js';
import type { LevelOrder } from '../../../photometry/levels/level-polynomial.js';
import { solveLevels, type LevelSolution } from '../../../photometry/levels/level-solve.js';
import type { PlaneLevel } from '../../integrate/windows/integration-frame.js';
import { observedLevels, type LevelFrame } from './observed-levels.js';
import type { OutputGrid } from '../grid/output-grid.js';
import { skyByColour, type SkyByColour } from './sky-by-colour.js';
import { matchSky, type MatchOptions } from './sky-frames.js';
import { fixSkyGauge, type SkyGauge } from './sky-gauge.js';

export interface LevelPlan {
  /** `[frame][channel]`. */
  readonly levels: readonly (readonly PlaneLevel[])[];
  readonly solutions: readonly LevelSolution[];
  /** Degree of the frames' surfaces. */
  readonly order: LevelOrder;
  /** What was taken from each connected part, per channel. */
  readonly gauges: readonly (readonly SkyGauge[])[];
}

export interface LevelOptions {
  readonly order: LevelOrder;
  /** Takes the gradient that all frames have in common from the sky; else it stays. */
  readonly flattensSky: boolean;
}

/**
 * Level surfaces such that gain * (value - level) agrees between frames wherever they see the same sky. Nodes stand at the centres of every
 * `stride`-th block of the output grid, so they do not depend on cells. An order of 2 is kept where plain sky or the colour of a nebula tells the quadratic
 * surface that all frames have in common; elsewhere it would bend the sky as the noise has it, and planes are matched.
 */
export function planLevels(
  grid: OutputGrid,
  frames: readonly LevelFrame[],
  options: LevelOptions,
): LevelPlan {
  const observed = observedLevels(grid, frames);
  if (frames.some(({ held }) => held)) return joinLevels(frames, observed, options.order);
  const { solutions, gauges, order } = bestMatch(grid, frames, observed, options);
  return { levels: planeLevels(frames, solutions), solutions, order, gauges };
}

/** Frames are brought to those whose levels are final; the sky is theirs already. */
function joinLevels(
  frames: readonly LevelFrame[],
  observed: readonly (readonly FrameLevels[])[],
  order: LevelOrder,
): LevelPlan {
  const held = frames.map((frame) => frame.held !== undefined);
  const solutions = observed.map((lists) => solveLevels(lists, { order, held }));
  const levels = planeLevels(frames, solutions).map((solved, f) => frames[f].held ?? solved);
  return { levels, solutions, order, gauges: solutions.map(() => []) };
}

/** Solved in common ADU, applied before the gain. */
function planeLevels(frames: readonly LevelFrame[], solutions: readonly LevelSolution[]): PlaneLevel[][] {
  // one array for all frames
  const all = solutions.map(() => new Float64Array(LEVEL_TERMS * frames.length));
  return frames.map((frame, f) =>
    solutions.map(({ coefficients }, channel): PlaneLevel => {
      const gain = frame.gains[channel];
      const [from, to] = [LEVEL_TERMS * f, LEVEL_TERMS * (f + 1)];
      const terms = all[channel].subarray(from, to);
      for (let k = from; k < to; k++) all[channel][k] = coefficients[k] / gain;
      return { gain, terms };
    }),
  );
}

/** Surfaces of the degree asked for where something tells what they have in common; else planes, and what these show of plain sky is tried once more. */
function bestMatch(
  grid: OutputGrid,
  frames: readonly LevelFrame[],
  observed: readonly (readonly FrameLevels[])[],
  options: LevelOptions,
): Match {
  const wanted = matchLevels(grid, frames, observed, options);
  if (options.order !== 2 || wanted.isTold) return wanted;
  const planes = matchLevels(grid, frames, observed, { ...options, order: 1 });
  if (!planes.isTold || planes.isColoured || wanted.isColoured) return planes;
  const again = matchLevels(grid, frames, observed, options, planes);
  return again.isTold ? again : planes;
}

/** Solutions and gauges as in `LevelPlan`. */
interface Match extends Pick<LevelPlan, 'solutions' | 'gauges' | 'order'> {
  /** Something told what all frames have in common, in every part. */
  readonly isTold: boolean;
  /** The colour of a nebula did in some part. */
  readonly isColoured: boolean;
}

/**
 * What the colour of a nebula tells of each frame's sky is taken first; then frames against each other, then against plain sky. `begun`: a match without
 * colour that plain sky is looked for under.
 */
function matchLevels(
  grid: OutputGrid,
  frames: readonly LevelFrame[],
  observed: readonly (readonly FrameLevels[])[],
  { order, flattensSky }: LevelOptions,
  begun?: Match,
): Match {
  if (!flattensSky || order === 0) {
    const solutions = observed.map((lists) => solveLevels(lists, { order }));
    const gauges = fixSkyGauge(grid, frames, observed, solutions, 0);
    return { solutions, gauges, order, isTold: false, isColoured: false };
  }
  const told = begun ? undefined : skyByColour(grid, frames, observed, order);
  const lists = told ? observed.map((list, c) => less(list, told.surfaces[c])) : observed;
  const widths = told?.widths && sharpened(told.widths, frames, observed);
  const byColour = told?.isTold ?? [];
  const options = { order, byColour, widths };
  const matched = matchSky(grid, frames, lists, begun ?? matchFrames(grid, frames, lists, options), options);
  const isTold = matched.gauges[0].every((_, part) => matched.isTold[part] ?? false);
  return {
    ...(told ? withColour(grid, matched, told) : matched),
    order,
    isTold,
    isColoured: told !== undefined,
  };
}

/** Frames against each other alone. */
function matchFrames(
  grid: OutputGrid,
  frames: readonly LevelFrame[],
  lists: readonly (readonly FrameLevels[])[],
  { order, byColour, widths }: MatchOptions,
): Pick<LevelPlan, 'solutions' | 'gauges'> {
  const solutions = lists.map((list, c) => solveLevels(list, { order, widths: widths?.[c] }));
  return { solutions, gauges: fixSkyGauge(grid, frames, lists, solutions, order, byColour) };
}

/** Levels of frames without surfaces of six coefficients. */
function less(lists: readonly FrameLevels[], surfaces: readonly Float64Array[]): FrameLevels[] {
  const memory = memoryFor(entriesOf(lists));
  const { record, at, count } = placeLists(memory, lists);
  const coefficients = memory.take(8 * LEVEL_TERMS * lists.length);
  const all = new Float64Array(memory.buffer, coefficients, LEVEL_TERMS * lists.length);
  surfaces.forEach((surface, f) => all.set(surface, LEVEL_TERMS * f));
  memory.passes.takeSurfaces(record, coefficients);
  const level = new Float32Array(memory.buffer, at.level, count).slice();
  let end = 0;
  return lists.map((own) => ({ ...own, level: level.subarray(end, (end += own.node.length)) }));
}

/** A cell of a mesh is seen by many nodes, which the solve counts as if each knew something of its own: expectations must not weigh less for that. */
function sharpened(
  widths: readonly (readonly [number, number])[],
  frames: readonly LevelFrame[],
  observed: readonly (readonly FrameLevels[])[],
): (readonly [number, number])[] {
  const nodes = observed[0].reduce((sum, { node }) => sum + node.length, 0);
  const cells = frames.reduce((sum, frame) => sum + frame.grid.nx * frame.grid.ny, 0);
  const factor = 1 / Math.sqrt(Math.max(1, nodes / cells));
  return widths.map(([linear, quadratic]) => [factor * linear, factor * quadratic]);
}

/** Solutions and gauges with what colour told. */
function withColour(
  grid: OutputGrid,
  { solutions, gauges }: Pick<LevelPlan, 'solutions' | 'gauges'>,
  { surfaces, gradients }: SkyByColour,
): Pick<LevelPlan, 'solutions' | 'gauges'> {
  const perDegree = 3600 / (grid.scaleArcsec * BLOCK_SIZE);
  return {
    solutions: solutions.map((solution, c) => ({
      ...solution,
      coefficients: solution.coefficients.map(
        (v, k) => v + surfaces[c][Math.floor(k / LEVEL_TERMS)][k % LEVEL_TERMS],
      ),
    })),
    gauges: gauges.map((parts, c) =>
      parts.map((gauge, part) => ({
        ...gauge,
        gradientX: gauge.gradientX + gradients[c][part][0] * perDegree,
        gradientY: gauge.gradientY + gradients[c][part][1] * perDegree,
      })),
    ),
  };
}

/** Surfaces that change nothing but the gain. */
export function flatLevels(frames: readonly Pick<LevelFrame, 'gains'>[]): PlaneLevel[][] {
  return frames.map(({ gains }) => gains.map((gain) => ({ gain, terms: new Float64Array(LEVEL_TERMS) })));
}

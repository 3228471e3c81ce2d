// The global level solve: one surface per frame so that all frames agree on the sky they share, whatever that sky is.
import { gatherObservations, type FrameLevels, type Observations } from './level-observations.js';
import { LEVEL_POLYNOMIAL_TERMS, termsOf, type LevelOrder } from './level-polynomial.js';
import { LevelSystem, type LevelSummary } from './level-system.js';
import { medianOf } from '../mesh-repair.js';
import { selectMedian } from '../select-median.js';

export interface LevelSolveOptions {
  /** Degree of the surfaces; 1 unless told. */
  readonly order?: LevelOrder;
  /**
   * Frames whose levels are final (their surface subtracted already): they get no surface, and the others are brought to them. A part of the
   * mosaic without such a frame is set to the median of the parts with one.
   */
  readonly held?: readonly boolean[];
  /** Largest number of reweightings; 14 unless told. */
  readonly maxReweightings?: number;
  /** `[frames, 6]` coefficients of a solution to go on from, in the order of the lists; what lists follow it begins at 0. */
  readonly start?: Float64Array;
  /** Widths of what linear and quadratic terms are expected to be, ADU; estimated from the frames themselves unless told. */
  readonly widths?: readonly [number, number];
}

/** What came out, per frame and for the whole. Levels in ADU. */
export interface LevelSolution {
  /** `[frames, 6]` coefficients of 1, X, Y, X^2, XY, Y^2 to be subtracted from each frame; unused terms are 0. */
  readonly coefficients: Float64Array;
  /** Weighted rms per frame of level - S - P over the nodes it shares; NaN for a frame that shares none. */
  readonly residualRms: Float64Array;
  /** Connected component of each frame. */
  readonly component: Int32Array;
  readonly components: number;
  /** Frames that share no node with any other: their level is set against the median of all, their gradient is unknown and 0. */
  readonly islands: readonly number[];
  /** Widths of the priors that the ridge stands for: offset, linear and quadratic terms. */
  readonly priorSigma: readonly [number, number, number];
  /** Fraction of the shared observations that the robust weights shut out (weight below a tenth). */
  readonly outlierFraction: number;
  /** Ratio of the residuals' robust scale to the given sigmas. */
  readonly residualScale: number;
  readonly reweightings: number;
  readonly innerIterations: number;
  /** False when the robust weights still changed in the last round allowed. */
  readonly converged: boolean;
}

const HUBER_ROUNDS = 4;
/** Mean change of a robust weight (0 to 1) below which another round would not move a surface noticeably. */
const SETTLED = 2e-3;
/** Relative accuracy of an inner solve: 1e-3 ADU on offsets of 100 ADU. */
const CG_TOLERANCE = 1e-5;
/** Of the last solve, in which also the modes settle that only the ridge determines. */
const CG_FINAL_TOLERANCE = 1e-8;
const CG_MAX_ITERATIONS = 300;
/** Frames that agree better than their noise (copies of one frame) must not talk the ridge away: rounding would then fill the modes that it holds. */
const MIN_RIDGE_SCALE = 0.01;
const CG_FINAL_MAX_ITERATIONS = 1000;
/** Width of the prior on offsets over the farthest one that the frames' levels show. */
const OFFSET_FREEDOM = 10;

/**
 * Solves level = S[node] + P_f(X, Y) for one channel, S free at every node, P_f a polynomial per frame, by iteratively reweighted least
 * squares: Huber weights first (convex: no start value needed), then Tukey's, which shut outliers out. Time is linear in the
 * observations per iteration and the iterations are bounded.
 *
 * What overlaps cannot tell is settled by a weak ridge: a plane over the whole sky may be moved from S into the frames, so
 * gradients are drawn to 0 (what all frames have in common stays in the sky), quadratic terms more so, and offsets, more weakly, to their
 * mean. The widths of these priors are not given but estimated from the frames: ten times the reach of their levels, then the spread of their
 * gradients. So an offset is explained by an offset: frames side by side, each higher than the one before, are not taken for a gradient.
 * Gauge: in each connected component the weighted mean over the frames of the mean surface is 0; where there are several, each is
 * shifted so that the median of its sky equals the median of all components' (each counted by its frames). So a frame alone gets its own level
 * minus the median level of all, and a single component is not shifted.
 */
export function solveLevels(lists: readonly FrameLevels[], options: LevelSolveOptions = {}): LevelSolution {
  return solveObservations(gatherObservations(lists), options);
}

/** The same of gathered observations, in more of their memory, which is given back afterwards: views of it are void. */
export function solveObservations(obs: Observations, options: LevelSolveOptions = {}): LevelSolution {
  return obs.memory.within(() => solved(obs, options));
}

/** Frames' surfaces of observations that lie in memory. */
function solved(obs: Observations, options: LevelSolveOptions): LevelSolution {
  const terms = termsOf(options.order ?? 1);
  const held = options.held ?? [];
  const system = new LevelSystem(obs, terms, held);
  const priors = new Priors(system, options.widths);
  const { p } = system;
  const { start } = options;
  if (start) {
    for (let f = 0; f < start.length / LEVEL_POLYNOMIAL_TERMS; f++)
      p.set(start.subarray(f * LEVEL_POLYNOMIAL_TERMS, f * LEVEL_POLYNOMIAL_TERMS + terms), f * terms);
    priors.learn(p, terms);
  }
  const huberRounds = start ? 1 : HUBER_ROUNDS;
  let scale = 1;
  let innerIterations = 0;
  let reweightings = 0;
  let converged = false;
  const maxReweightings = options.maxReweightings ?? 14;
  for (; reweightings < maxReweightings && !converged; reweightings++) {
    system.prepare(priors.ridge(terms, scale));
    innerIterations += system.solve(CG_TOLERANCE, CG_MAX_ITERATIONS);
    scale = system.measure();
    const change = system.reweigh(scale, reweightings >= huberRounds);
    if (reweightings === 1 || reweightings === huberRounds) priors.learn(p, terms);
    converged = reweightings > huberRounds && change < SETTLED;
  }
  // the weights of the last round stand; planes over the whole sky, which only the ridge holds, converge last
  innerIterations += system.solve(CG_FINAL_TOLERANCE, CG_FINAL_MAX_ITERATIONS);
  system.measure();
  const summary = system.summary();
  fixGauge(obs, system, terms, summary, held);
  const coefficients = new Float64Array(obs.frames * LEVEL_POLYNOMIAL_TERMS);
  for (let f = 0; f < obs.frames; f++)
    coefficients.set(p.subarray(f * terms, (f + 1) * terms), f * LEVEL_POLYNOMIAL_TERMS);
  const { squares, sharedWeights, shared, shutOut } = summary;
  const residualRms = squares.map((sum, f) =>
    sharedWeights[f] > 0 ? Math.sqrt(sum / sharedWeights[f]) : NaN,
  );
  return {
    coefficients,
    residualRms,
    component: obs.component,
    components: obs.components,
    islands: Array.from({ length: obs.frames }, (_, f) => f).filter((f) => Number.isNaN(residualRms[f])),
    priorSigma: priors.sigma,
    outlierFraction: shared ? shutOut / shared : 0,
    residualScale: scale,
    reweightings,
    innerIterations,
    converged: converged || shared === 0,
  };
}

/** Widths of what offsets and gradients are expected to be, estimated from the frames themselves. */
class Priors {
  sigma: [number, number, number];
  readonly #floor: number;
  readonly #isGiven: boolean;

  constructor(system: LevelSystem, given?: readonly [number, number]) {
    const typicalSigma = system.typicalSigma();
    this.#floor = typicalSigma;
    this.#isGiven = given !== undefined;
    const medians = system.medians(false).filter((v) => !Number.isNaN(v));
    const centre = medians.length ? medianOf(medians.slice()) : 0;
    const farthest = Math.max(0, ...medians.map((v) => Math.abs(v - centre)));
    // far wider than what offsets there are: a gradient that all frames share can stand for any chain of offsets, and must never be the cheaper one
    const offset = OFFSET_FREEDOM * Math.max(farthest, 3 * typicalSigma);
    this.sigma = [offset, ...(given ?? ([30 * typicalSigma, 15 * typicalSigma] as const))];
  }

  /** Ridge per term; `scale` is that of the residuals, so that the ridge keeps its meaning when the sigmas given are too small. */
  ridge(terms: number, scale: number): number[] {
    const kept = Math.max(scale, MIN_RIDGE_SCALE);
    const [offset, linear, quadratic] = this.sigma.map((s) => (kept / s) ** 2);
    return [offset, linear, linear, quadratic, quadratic, quadratic].slice(0, terms);
  }

  learn(p: Float64Array, terms: number): void {
    if (this.#isGiven) return;
    const width = (from: number, to: number) => {
      const values = new Float64Array((to - from) * Math.ceil(p.length / terms));
      let count = 0;
      for (let at = 0; at < p.length; at += terms)
        for (let k = from; k < to; k++) if (p[at + k] !== 0) values[count++] = Math.abs(p[at + k]);
      return count ? 1.5 * 1.4826 * selectMedian(values.subarray(0, count)) : 0;
    };
    if (terms > 1) this.sigma[1] = Math.max(width(1, 3), 2 * this.#floor);
    if (terms > 3) this.sigma[2] = Math.max(Math.min(width(3, 6), 0.5 * this.sigma[1]), this.#floor);
  }
}

function fixGauge(
  { component, components, counts }: Observations,
  system: LevelSystem,
  terms: number,
  { surfaces, weights }: LevelSummary,
  held: readonly boolean[],
): void {
  const { p } = system;
  const anchored = new Uint8Array(components);
  const [sums, totals] = [new Float64Array(components), new Float64Array(components)];
  const frames = new Int32Array(components);
  for (let f = 0; f < counts.length; f++) {
    const part = component[f];
    if (held[f]) anchored[part] = 1;
    if (counts[f] === 0) continue;
    sums[part] += weights[f] * (surfaces[f] / counts[f]);
    totals[part] += weights[f];
    frames[part]++;
  }
  const shift = sums.map((s, c) => (totals[c] > 0 ? s / totals[c] : 0));
  for (let f = 0; f < counts.length; f++) if (!anchored[component[f]]) p[f * terms] -= shift[component[f]];
  if (components < 2) return;
  const levels: number[][] = Array.from({ length: components }, () => []);
  system.medians(true).forEach((v, f) => {
    if (!Number.isNaN(v)) levels[component[f]].push(v);
  });
  const medians = levels.map((list) => (list.length ? medianOf(list) : NaN));
  const counted = anchored.includes(1) ? frames.map((n, c) => n * anchored[c]) : frames;
  const target = weightedMedian(medians, counted);
  for (let f = 0; f < counts.length; f++)
    if (counts[f] > 0 && !anchored[component[f]]) p[f * terms] += medians[component[f]] - target;
}

function weightedMedian(values: readonly number[], weights: Int32Array): number {
  const order = values.map((_, i) => i).filter((i) => weights[i] > 0);
  order.sort((a, b) => values[a] - values[b]);
  const half = order.reduce((sum, i) => sum + weights[i], 0) / 2;
  let sum = 0;
  for (let k = 0; k < order.length; k++) {
    sum += weights[order[k]];
    if (sum === half) return 0.5 * (values[order[k]] + values[order[k + 1]]);
    if (sum > half) return values[order[k]];
  }
  return 0;
}

// Levels of all frames against each other: mesh levels carried onto common sky nodes, solved for all frames at once.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { BLOCK_SIZE, LEVEL_TERMS } from '../../compute/constants.js';
import { placesOnGrid, samplePlaces, type LevelGrid } from '../../photometry/level-grid.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import { levelAt, type LevelOrder } from '../../photometry/level-polynomial.js';
import { solveLevels, type LevelSolution } from '../../photometry/level-solve.js';
import { levelCoordinates, type PlaneLevel } from '../integrate/integration-frame.js';
import type { BlockSpans } from './block-spans.js';
import type { OutputGrid } from './output-grid.js';
import { skyByColour, type SkyByColour } from './sky-by-colour.js';
import { matchSky, type MatchOptions } from './sky-frames.js';
import { fixSkyGauge, type SkyGauge } from './sky-gauge.js';

/** A measured frame as the level plan sees it. */
export interface LevelFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
  readonly spans: BlockSpans;
  readonly grid: LevelGrid;
  /** Factor from this frame's ADU to the common ones, per channel. */
  readonly gains: readonly number[];
  /** Raw pixels per sample of each channel: 4, 2, 4 on a CFA; 1 unless told. */
  readonly sparsity?: readonly number[];
  /** Levels that are final, in the frame's own ADU. */
  readonly held?: readonly PlaneLevel[];
  /** Whether a pixel (0-based) shows sky; all do unless told. */
  readonly covers?: (x: number, y: number) => boolean;
}

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

/** Observations beyond this only cost time: the nodes are thinned. 12 M of them take about 300 MB. */
const MAX_OBSERVATIONS = 4e6;

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
  return frames.map((frame, f) =>
    solutions.map(({ coefficients }, channel): PlaneLevel => {
      const gain = frame.gains[channel];
      const terms = coefficients.slice(f * LEVEL_TERMS, (f + 1) * LEVEL_TERMS).map((v) => v / gain);
      return { gain, terms };
    }),
  );
}

/** What each frame saw of the nodes, `[channel][frame]`. A node that a frame lacks in one channel it lacks in all, so that these hang together alike. */
export function observedLevels(grid: OutputGrid, frames: readonly LevelFrame[]): FrameLevels[][] {
  const stride = nodeStride(frames);
  const channels = frames[0].gains.map((_, channel) => channel);
  const ofFrames = frames.map((frame) => {
    const { node, x, y, frameX, frameY } = nodesUnder(grid, frame, stride);
    const places = placesOnGrid(frame.grid, frameX, frameY);
    const seen = channels.map((channel): FrameLevels => {
      const gain = frame.gains[channel];
      const level = samplePlaces(frame.grid, frame.grid.level[channel], places, gain);
      const taken = frame.held?.[channel].terms;
      if (taken)
        for (let i = 0; i < level.length; i++) level[i] -= gain * levelAt(taken, 0, LEVEL_TERMS, x[i], y[i]);
      const sigma = samplePlaces(frame.grid, frame.grid.noise[channel], places, gain / frame.grid.stepPx);
      return { node, x, y, level, sigma };
    });
    for (const { level, sigma } of seen)
      for (let i = 0; i < node.length; i++)
        if (!(Number.isFinite(level[i]) && sigma[i] > 0)) for (const other of seen) other.level[i] = NaN;
    return seen;
  });
  return channels.map((channel) => ofFrames.map((seen) => seen[channel]));
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
  const lists = told
    ? observed.map((list, c) => list.map((own, f) => less(own, told.surfaces[c][f])))
    : observed;
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

/** A frame's levels without a surface. */
function less(own: FrameLevels, surface: Float64Array): FrameLevels {
  const level = new Float32Array(own.level.length);
  for (let i = 0; i < level.length; i++)
    level[i] = own.level[i] - levelAt(surface, 0, LEVEL_TERMS, own.x[i], own.y[i]);
  return { ...own, level };
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

function nodeStride(frames: readonly LevelFrame[]): number {
  let blocks = 0;
  for (const { spans } of frames) {
    for (let i = 0; i < spans.spans.length; i += 2) {
      blocks += Math.max(0, spans.spans[i + 1] - spans.spans[i] + 1);
    }
  }
  return Math.max(1, Math.ceil(Math.sqrt(blocks / MAX_OBSERVATIONS)));
}

/** Nodes that lie inside the frame: their numbers, frame positions (0-based) and normalised coordinates. */
function nodesUnder(grid: OutputGrid, frame: LevelFrame, stride: number) {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const { firstRow, spans } = frame.spans;
  const ids: number[] = [];
  for (let r = 0; r < spans.length / 2; r++) {
    const row = firstRow + r;
    if (row % stride !== 0) continue;
    for (let b = Math.ceil(spans[2 * r] / stride) * stride; b <= spans[2 * r + 1]; b += stride) {
      ids.push(row * blocksX + b);
    }
  }
  const [px, py] = [new Float64Array(ids.length), new Float64Array(ids.length)];
  for (let i = 0; i < ids.length; i++) {
    px[i] = (ids[i] % blocksX) * BLOCK_SIZE + (BLOCK_SIZE + 1) / 2;
    py[i] = Math.floor(ids[i] / blocksX) * BLOCK_SIZE + (BLOCK_SIZE + 1) / 2;
  }
  grid.wcs.pixelToSkyBatch(px, py, px, py);
  frame.wcs.skyToPixelBatch(px, py, px, py);
  const { centreX, centreY, invScale } = levelCoordinates(frame.nx, frame.ny);
  const node = new Int32Array(ids.length);
  const [frameX, frameY] = [new Float64Array(ids.length), new Float64Array(ids.length)];
  const [x, y] = [new Float32Array(ids.length), new Float32Array(ids.length)];
  let inside = 0;
  for (let i = 0; i < ids.length; i++) {
    if (!(px[i] >= 1 && py[i] >= 1 && px[i] <= frame.nx && py[i] <= frame.ny)) continue;
    if (frame.covers && !frame.covers(px[i] - 1, py[i] - 1)) continue;
    node[inside] = ids[i];
    frameX[inside] = px[i] - 1;
    frameY[inside] = py[i] - 1;
    x[inside] = (frameX[inside] - centreX) * invScale;
    y[inside] = (frameY[inside] - centreY) * invScale;
    inside++;
  }
  return {
    node: node.subarray(0, inside),
    frameX: frameX.subarray(0, inside),
    frameY: frameY.subarray(0, inside),
    x: x.subarray(0, inside),
    y: y.subarray(0, inside),
  };
}

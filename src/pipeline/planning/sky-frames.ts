// The sky as one more frame of the level solve: what is known of it holds frames, which else are matched to each other only.
import { LEVEL_TERMS } from '../../compute/constants.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import { solveLevels, type LevelSolution } from '../../photometry/level-solve.js';
import { fitSkyPlane, ON_PLANE } from '../../photometry/sky-plane.js';
import type { GridFrame, OutputGrid } from './output-grid.js';
import { fixSkyGauge, type SkyGauge, type SkySurface } from './sky-gauge.js';
import { partsOfSky, type PartNodes } from './sky-nodes.js';

/** Which of a part's nodes show the sky, `levels[channel]` of these, and their standard deviation per channel. */
interface SeenSky {
  readonly at: readonly number[];
  readonly levels: readonly Float32Array[];
  readonly sigmas: readonly number[];
}

/** The sky of one part of the mosaic as a frame. */
interface SkyFrame {
  /** Per channel. */
  readonly lists: readonly FrameLevels[];
  /** The surface to take from the sky when the solve gave this frame these six coefficients. */
  surface(coefficients: Float64Array, channel: number): SkySurface;
}

/** Solutions and gauges, `[channel]` and `[channel][part]`. */
interface Matched {
  readonly solutions: readonly LevelSolution[];
  readonly gauges: readonly (readonly SkyGauge[])[];
}

/** Share of a part's nodes that must be plain sky in all channels. Less may be a bay in a nebula, whose surface is not that of the field. */
const MIN_SHARE = 0.3;
/** Sky and surfaces tell each other: what is plain is seen better under better surfaces. */
const MAX_ROUNDS = 10;
/** A sky that moves less than this, rms in units of its scatter, has settled. */
const SETTLED = 0.1;

/** What the frames are matched by beside their overlaps. */
export interface MatchOptions {
  readonly order: 1 | 2;
  /** Parts whose surfaces the colour of a nebula told: taken from the lists already. */
  readonly byColour: readonly boolean[];
  /** Per channel; see `solveLevels`. */
  readonly widths?: readonly (readonly [number, number])[];
}

/**
 * Solves the levels again with the sky of each part that shows it plain as one more frame, starting from what frames alone told. Overlaps alone leave the surfaces of
 * panels free to bend together by what their narrow seams cannot tell. Plain sky is of one level. The frame of the sky has a free surface like all others,
 * which then is everybody's: the gauge.
 * `isTold[part]`: whether the sky of a part was told by this or by colour; where no plain sky shows, `matched` is the result.
 */
export function matchSky(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  matched: Matched,
  options: MatchOptions,
): Matched & { readonly isTold: readonly boolean[] } {
  let result = { ...matched, isTold: options.byColour };
  let before: readonly PartNodes[] | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parts = partsOfSky(grid, lists, result.solutions);
    if (before && hasSettled(parts, before)) break;
    const skies = parts.map((sky) => {
      const plain = plainNodes(sky);
      return plain && skyFrame(sky, plain);
    });
    if (skies.every((sky) => sky === undefined)) break;
    const solved = solveWithSky(grid, frames, lists, result.solutions, skies, options);
    // A part without nodes is of frames that show no sky: it needs none.
    result = {
      ...solved,
      isTold: skies.map(
        (sky, part) => sky !== undefined || options.byColour[part] || parts[part].node.length === 0,
      ),
    };
    before = parts;
  }
  return result;
}

/** Whether the sky of all parts moved too little to go on. */
function hasSettled(parts: readonly PartNodes[], before: readonly PartNodes[]): boolean {
  return parts.every(({ values, scatter }, part) =>
    values.every((now, c) => {
      const moved = now.map((v, i) => v - before[part].values[c][i]);
      return !(deviationOf(moved) > SETTLED * scatter[c]);
    }),
  );
}

function solveWithSky(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  before: readonly LevelSolution[],
  skies: readonly (SkyFrame | undefined)[],
  { order, byColour, widths }: MatchOptions,
) {
  const shown = skies.filter((sky) => sky !== undefined);
  const solved = lists.map((list, c) =>
    solveLevels([...list, ...shown.map((sky) => sky.lists[c])], {
      order,
      start: before[c].coefficients,
      widths: widths?.[c],
    }),
  );
  const count = lists[0].length;
  const surfaces = skies.map((sky) => {
    const at = (count + shown.indexOf(sky!)) * LEVEL_TERMS;
    return (
      sky && solved.map(({ coefficients }, c) => sky.surface(coefficients.subarray(at, at + LEVEL_TERMS), c))
    );
  });
  const solutions = solved.map((solution): LevelSolution => ({
    ...solution,
    coefficients: solution.coefficients.slice(0, count * LEVEL_TERMS),
    residualRms: solution.residualRms.slice(0, count),
    component: solution.component.slice(0, count),
    islands: solution.islands.filter((f) => f < count),
  }));
  const gauges = fixSkyGauge(grid, frames, lists, solutions, order, byColour, surfaces);
  return { solutions, gauges };
}

/** The nodes that lie on the sky's plane in every channel, at one level from now on; undefined where they are too few. */
function plainNodes({ values, scatter, x, y }: PartNodes): SeenSky | undefined {
  const planes = values.map((v, c) => fitSkyPlane(v, x, y, scatter[c]));
  if (!planes.every(({ found, support }) => found && support >= MIN_SHARE)) return undefined;
  const at = Array.from(x.keys()).filter((i) =>
    planes.every(({ level, gradientX, gradientY, x0, y0 }, c) => {
      const expected = level + gradientX * (x[i] - x0) + gradientY * (y[i] - y0);
      return Math.abs(values[c][i] - expected) < ON_PLANE * scatter[c];
    }),
  );
  if (at.length < MIN_SHARE * x.length) return undefined;
  const levels = planes.map(({ level }) => new Float32Array(at.length).fill(level));
  return { at, levels, sigmas: scatter };
}

/** The sky as a frame that has seen it so. */
function skyFrame({ node, values, scatter, x, y }: PartNodes, { at, levels, sigmas }: SeenSky): SkyFrame {
  const [x0, halfX] = middleOf(x);
  const [y0, halfY] = middleOf(y);
  const half = Math.max(halfX, halfY);
  const places = {
    node: Int32Array.from(at, (i) => node[i]),
    x: Float32Array.from(at, (i) => (x[i] - x0) / half),
    y: Float32Array.from(at, (i) => (y[i] - y0) / half),
  };
  return {
    lists: levels.map((level, c) => ({
      ...places,
      level,
      sigma: new Float32Array(at.length).fill(sigmas[c]),
    })),
    surface: ([constant, gx, gy, qxx, qxy, qyy], c) => ({
      level: fitSkyPlane(values[c], x, y, scatter[c]).level - constant,
      terms: [-gx / half, -gy / half, -qxx / half ** 2, -qxy / half ** 2, -qyy / half ** 2],
      x0,
      y0,
      evidence: 'plain_sky',
    }),
  };
}

/** Middle of the extent and half of it. */
function middleOf(values: Float64Array): [number, number] {
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  return [(least + most) / 2, (most - least) / 2];
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}

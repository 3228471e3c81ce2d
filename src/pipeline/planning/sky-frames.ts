// The sky as one more frame of the level solve: what is known of it holds frames, which else are matched to each other only.
import { LEVEL_TERMS } from '../../compute/constants.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import { solveLevels, type LevelSolution } from '../../photometry/level-solve.js';
import { fitSkyPlane } from '../../photometry/sky-plane.js';
import type { GridFrame, OutputGrid } from './output-grid.js';
import {
  groupsOfNodes,
  isOneLevel,
  levelNodes,
  plainByGroup,
  plainNodes,
  type PlainSky,
} from './plain-sky.js';
import { fixSkyGauge, type SkyGauge, type SkySurface } from './sky-gauge.js';
import { partsOfSky, type PartNodes } from './sky-nodes.js';

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

/** A match, and which parts' sky something told. */
interface MatchedSky extends Matched {
  readonly isTold: readonly boolean[];
}

/**
 * Solves the levels again with the sky of each part that shows it plain as one more frame, starting from what frames alone told. Overlaps alone leave the surfaces of
 * panels free to bend together by what their narrow seams cannot tell, and their levels too where they hardly touch. Plain sky is of one level. The frame of the sky has a
 * free surface like all others, which then is everybody's: the gauge.
 * `isTold[part]`: whether the sky of a part was told by this or by colour; where no plain sky shows, `matched` is the result.
 */
export function matchSky(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  matched: Matched,
  options: MatchOptions,
): MatchedSky {
  const parts = partsOfSky(grid, lists, matched.solutions);
  const plain = parts.map(plainNodes);
  const again = (from: Matched, of: readonly PartNodes[], shown: typeof plain) =>
    settle(grid, frames, lists, from, of, shown, options);
  if (parts.every(({ node }, part) => node.length === 0 || plain[part])) return again(matched, parts, plain);
  // Panels that overlaps hold badly hide the plane they have in common: each may show its own.
  const groupOf = groupsOfNodes(frames, lists[0]);
  const byGroup = parts.map((sky, part) =>
    plain[part] ? undefined : plainByGroup(sky, groupOf, options.byColour[part] ? levelNodes : plainNodes),
  );
  if (byGroup.every((seen) => seen === undefined)) return again(matched, parts, plain);
  const held = parts.map((sky, part) => skyFrame(sky, plain[part] ?? byGroup[part]));
  const begun = solveWithSky(grid, frames, lists, matched.solutions, held, options);
  const now = partsOfSky(grid, lists, begun.solutions);
  const shown = now.map(plainNodes);
  // Groups are believed where their overlaps let them have one sky.
  const isBelieved = byGroup.every(
    (seen, part) =>
      seen === undefined || (isOneLevel(now[part], seen) && (options.byColour[part] || shown[part])),
  );
  return isBelieved ? again(begun, now, shown) : again(matched, parts, plain);
}

/** Sky and levels tell each other until they stay. */
function settle(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  matched: Matched,
  begun: readonly PartNodes[],
  shown: readonly (PlainSky | undefined)[],
  options: MatchOptions,
): MatchedSky {
  let result: MatchedSky = { ...matched, isTold: options.byColour };
  let [parts, plain] = [begun, shown];
  for (let round = 0; round < MAX_ROUNDS && plain.some((seen) => seen !== undefined); round++) {
    const skies = parts.map((sky, part) => skyFrame(sky, plain[part]));
    const solved = solveWithSky(grid, frames, lists, result.solutions, skies, options);
    // A part without nodes is of frames that show no sky: it needs none.
    const isTold = skies.map(
      (sky, part) => sky !== undefined || options.byColour[part] || parts[part].node.length === 0,
    );
    result = { ...solved, isTold };
    const before = parts;
    parts = partsOfSky(grid, lists, result.solutions);
    if (hasSettled(parts, before)) break;
    plain = parts.map(plainNodes);
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

/** The sky as a frame that has seen it so. */
function skyFrame(
  { node, values, scatter, x, y }: PartNodes,
  plain: PlainSky | undefined,
): SkyFrame | undefined {
  if (!plain) return undefined;
  const { at, levels } = plain;
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
      level: new Float32Array(at.length).fill(level),
      sigma: new Float32Array(at.length).fill(scatter[c]),
    })),
    surface: ([constant, gx, gy, qxx, qxy, qyy], c) => ({
      level: fitSkyPlane(values[c], x, y, scatter[c]).level - constant,
      terms: [-gx / half, -gy / half, -qxx / half ** 2, -qxy / half ** 2, -qyy / half ** 2],
      x0,
      y0,
      evidence: 'plain_sky',
      isLevelTold: true,
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

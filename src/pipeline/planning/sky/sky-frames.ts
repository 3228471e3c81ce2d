// The sky as one more frame of the level solve: what is known of it holds frames, which else are matched to each other only.
import { LEVEL_TERMS } from '../../../compute/constants.js';
import type { FrameLevels } from '../../../photometry/levels/level-observations.js';
import { solveLevels, type LevelSolution } from '../../../photometry/levels/level-solve.js';
import type { GridFrame, OutputGrid } from '../grid/output-grid.js';
import {
  groupsOfNodes,
  isOneLevel,
  levelNodes,
  levelsAt,
  plainByGroup,
  plainNodes,
  type PlainGroups,
  type PlainSky,
  widelyOverlapping,
} from './plain-sky.js';
import { fixSkyGauge, type GradientEvidence, type SkyGauge, type SkySurface } from './sky-gauge.js';
import { nodesOn, partsOfSky, type PartNodes } from './sky-nodes.js';

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

/** What is matched, and by what. */
interface Matching {
  readonly grid: OutputGrid;
  readonly frames: readonly GridFrame[];
  readonly lists: readonly (readonly FrameLevels[])[];
  readonly options: MatchOptions;
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
  const matching = { grid, frames, lists, options };
  const parts = partsOfSky(grid, lists, matched.solutions);
  const plain = parts.map(plainNodes);
  if (parts.every(({ node }, part) => node.length === 0 || plain[part]))
    return settle(matching, matched, parts, plain);
  // Panels that overlaps hold badly hide the plane they have in common: each may show its own.
  const groupOf = groupsOfNodes(frames, lists[0], nodesOn(grid));
  const overlapping = widelyOverlapping(frames, lists[0]);
  const byGroup = parts.map((sky, part) => {
    if (plain[part]) return undefined;
    if (!options.byColour[part]) return plainByGroup(sky, groupOf, plainNodes);
    // The darkest crowd of a panel may be nebula: with surfaces that are known already wide overlaps tell its level better.
    const isHeld = new Set(overlapping.filter((_, f) => matched.solutions[0].component[f] === part)).size < 2;
    return isHeld ? undefined : plainByGroup(sky, groupOf, levelNodes);
  });
  const held = byGroup.some((seen) => seen !== undefined)
    ? matchByGroups(matching, matched, parts, plain, byGroup)
    : undefined;
  return held ?? settle(matching, matched, parts, plain);
}

/** The match where groups of frames show their sky, each its own; undefined where that turns out not to be one sky. */
function matchByGroups(
  matching: Matching,
  matched: Matched,
  parts: readonly PartNodes[],
  plain: readonly (PlainSky | undefined)[],
  byGroup: readonly (PlainGroups | undefined)[],
): MatchedSky | undefined {
  const { grid, lists, options } = matching;
  const skies = parts.map((sky, part) =>
    plain[part] || !options.byColour[part]
      ? skyFrame(sky, plain[part] ?? byGroup[part], 'plain_sky')
      : skyFrame(sky, byGroup[part], 'nebula_colour'),
  );
  const begun = solveWithSky(matching, matched.solutions, skies);
  const now = partsOfSky(grid, lists, begun.solutions);
  const shown = now.map(plainNodes);
  // Groups are believed where their overlaps let them have one sky, and it stays.
  const isOne = byGroup.every(
    (seen, part) =>
      seen === undefined || (isOneLevel(now[part], seen) && (options.byColour[part] || shown[part])),
  );
  if (!isOne) return undefined;
  const kept = byGroup.map((seen, part) => (options.byColour[part] ? seen : undefined));
  const settled = settle(matching, begun, now, shown, kept);
  return byGroup.every((seen, part) => seen === undefined || settled.isTold[part]) ? settled : undefined;
}

/**
 * Sky and levels tell each other until they stay. A sky that hides under the surfaces that it told was none: it would go on to lead them anywhere. `kept` holds parts that show none as a
 * whole, under a nebula of known colour.
 */
function settle(
  matching: Matching,
  matched: Matched,
  begun: readonly PartNodes[],
  shown: readonly (PlainSky | undefined)[],
  kept: readonly (PlainSky | undefined)[] = [],
): MatchedSky {
  const { grid, lists, options } = matching;
  let result: MatchedSky = { ...matched, isTold: options.byColour };
  let [parts, plain] = [begun, shown];
  for (let round = 0; round < MAX_ROUNDS && plain.some((seen) => seen !== undefined); round++) {
    const skies = parts.map((sky, part) =>
      plain[part]
        ? skyFrame(sky, plain[part], 'plain_sky')
        : skyFrame(
            sky,
            kept[part] && { at: kept[part].at, levels: levelsAt(sky, kept[part].at) },
            'nebula_colour',
          ),
    );
    const solved = solveWithSky(matching, result.solutions, skies);
    const now = partsOfSky(grid, lists, solved.solutions);
    const next = now.map(plainNodes);
    const stays = plain.map((seen, part) => !seen || next[part] !== undefined);
    if (stays.includes(false)) {
      const less = shown.map((seen, part) => (stays[part] ? seen : undefined));
      return settle(matching, matched, begun, less, kept);
    }
    // A part without nodes is of frames that show no sky: it needs none.
    const isTold = skies.map(
      (sky, part) => sky !== undefined || options.byColour[part] || parts[part].node.length === 0,
    );
    result = { ...solved, isTold };
    const settled = hasSettled(now, parts);
    [parts, plain] = [now, next];
    if (settled) break;
  }
  return result;
}

/** Whether the sky of all parts moved too little to go on. */
function hasSettled(parts: readonly PartNodes[], before: readonly PartNodes[]): boolean {
  return parts.every(({ values, scatter }, part) =>
    values.every((now, c) => {
      const then = before[part].values[c];
      const moved = new Float64Array(now.length);
      for (let i = 0; i < moved.length; i++) moved[i] = now[i] - then[i];
      return !(deviationOf(moved) > SETTLED * scatter[c]);
    }),
  );
}

function solveWithSky(
  { grid, frames, lists, options: { order, byColour, widths } }: Matching,
  before: readonly LevelSolution[],
  skies: readonly (SkyFrame | undefined)[],
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
  { node, scatter, x, y }: PartNodes,
  plain: PlainSky | undefined,
  evidence: GradientEvidence,
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
    surface: ([constant, gx, gy, qxx, qxy, qyy], c): SkySurface => ({
      level: levels[c] - constant,
      terms: [-gx / half, -gy / half, -qxx / half ** 2, -qxy / half ** 2, -qyy / half ** 2],
      x0,
      y0,
      evidence,
      isLevelTold: true,
    }),
  };
}

/** Middle of the extent and half of it. */
function middleOf(values: Float64Array): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v < least) least = v;
    if (v > most) most = v;
  }
  return [(least + most) / 2, (most - least) / 2];
}

function deviationOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

// Plain sky as one more frame of the level solve: it is flat, and frames that see enough of it are matched to it and not only to each other.
import { LEVEL_TERMS } from '../../compute/constants.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import type { LevelOrder } from '../../photometry/level-polynomial.js';
import { solveLevels, type LevelSolution } from '../../photometry/level-solve.js';
import { fitSkyPlane, ON_PLANE } from '../../photometry/sky-plane.js';
import type { GridFrame, OutputGrid } from './output-grid.js';
import { fixSkyGauge, type SkyGauge, type SkySurface } from './sky-gauge.js';
import { partsOfSky, type PartNodes } from './sky-nodes.js';

/** The plain sky of one part of the mosaic, as a frame that sees its nodes at one level. */
interface PlainSky {
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

/** Share of a part's nodes that must be plain sky. Less may be a bay in a nebula, whose surface is not that of the field. */
const MIN_SHARE = 0.3;
/** Sky and surfaces tell each other: what is plain is seen better under better surfaces. */
const MAX_ROUNDS = 3;
/** Plain nodes, as a share of those before, whose coming or going ends the rounds. */
const SETTLED = 0.01;

/**
 * Solves the levels again with the plain sky of each part as one more frame, starting from what frames alone told. Overlaps alone leave the surfaces of
 * panels free to bend together by what their narrow seams cannot tell; the sky between nebulae holds them. The frame of the sky has a free surface like
 * all others, which then is everybody's: the gauge. `isPlain[part]`: whether a part had enough plain sky; where none has, `matched` is the result.
 */
export function matchPlainSky(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  matched: Matched,
  order: LevelOrder,
): Matched & { readonly isPlain: readonly boolean[] } {
  let result = { ...matched, isPlain: [] as boolean[] };
  let before = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const skies = partsOfSky(grid, lists, result.solutions).map(plainSkyOf);
    const nodes = new Set(skies.flatMap((sky) => (sky ? [...sky.lists[0].node] : [])));
    if (nodes.size === 0) break;
    const changed =
      [...nodes].filter((n) => !before.has(n)).length + [...before].filter((n) => !nodes.has(n)).length;
    if (changed < SETTLED * nodes.size) break;
    before = nodes;
    result = solveWithSky(grid, frames, lists, result.solutions, skies, order);
  }
  return result;
}

function solveWithSky(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  before: readonly LevelSolution[],
  skies: readonly (PlainSky | undefined)[],
  order: LevelOrder,
) {
  const shown = skies.filter((sky) => sky !== undefined);
  const solved = lists.map((list, c) =>
    solveLevels([...list, ...shown.map((sky) => sky.lists[c])], { order, start: before[c].coefficients }),
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
  const gauges = fixSkyGauge(grid, frames, lists, solutions, order, surfaces);
  return { solutions, gauges, isPlain: skies.map((sky) => sky !== undefined) };
}

/** The nodes that lie on the sky's plane in every channel, flat from now on; undefined where they are too few. */
function plainSkyOf({ node, values, scatter, x, y }: PartNodes): PlainSky | undefined {
  const planes = values.map((v, c) => fitSkyPlane(v, x, y, scatter[c]));
  if (!planes.every(({ found, support }) => found && support >= MIN_SHARE)) return undefined;
  const on = Array.from(node.keys()).filter((i) =>
    planes.every(({ level, gradientX, gradientY, x0, y0 }, c) => {
      const expected = level + gradientX * (x[i] - x0) + gradientY * (y[i] - y0);
      return Math.abs(values[c][i] - expected) < ON_PLANE * scatter[c];
    }),
  );
  const [x0, halfX] = middleOf(x);
  const [y0, halfY] = middleOf(y);
  const half = Math.max(halfX, halfY);
  const places = {
    node: Int32Array.from(on, (i) => node[i]),
    x: Float32Array.from(on, (i) => (x[i] - x0) / half),
    y: Float32Array.from(on, (i) => (y[i] - y0) / half),
  };
  return {
    lists: planes.map(({ level }, c) => ({
      ...places,
      level: new Float32Array(on.length).fill(level),
      sigma: new Float32Array(on.length).fill(scatter[c]),
    })),
    surface: ([constant, gx, gy, qxx, qxy, qyy], c) => ({
      level: planes[c].level - constant,
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

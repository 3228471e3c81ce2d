// The gauge of the level solve, fixed on purpose: the surface that all frames have in common is taken from the sky, and parts of the mosaic that share no
// sky are set to one level.
import { BLOCK_SIZE, LEVEL_TERMS } from '../../../compute/constants.js';
import type { LevelOrder } from '../../../photometry/levels/level-polynomial.js';
import type { FrameLevels } from '../../../photometry/levels/level-observations.js';
import type { LevelSolution } from '../../../photometry/levels/level-solve.js';
import { fitSkyLevel } from '../../../photometry/levels/sky-level.js';
import { fitSkyPlane } from '../../../photometry/levels/sky-plane.js';
import { levelCoordinates } from '../../integrate/windows/integration-frame.js';
import type { GridFrame, OutputGrid } from '../grid/output-grid.js';
import { partsOfSky } from './sky-nodes.js';

/** By what a gradient was told: star-free and nebula-free sky, or the colour of a nebula that leaves none. */
export type GradientEvidence = 'plain_sky' | 'nebula_colour' | 'none';

/** By what the level of a part was set beside the others': it has no others, the sky that it shows plain, its darkest places where it shows none; frames of which no sky was measured have nothing to set. */
export type LevelEvidence = 'overlaps' | 'plain_sky' | 'darkest_places' | 'no_sky';

/** What was taken from one connected part of the mosaic in one channel. */
export interface SkyGauge {
  /** Gradient along the grid's axes in the middle of the part, ADU per degree; 0 where nothing tells it. */
  readonly gradientX: number;
  readonly gradientY: number;
  /** Constant, ADU: what brings the sky of several parts to one level; 0 for a single part. */
  readonly offset: number;
  readonly evidence: GradientEvidence;
  readonly levelEvidence: LevelEvidence;
}

/** The surface under the sky of one part in one channel, and what tells it. */
export interface SkySurface {
  readonly level: number;
  /** Coefficients of X, Y, X^2, XY, Y^2 about (x0, y0), in blocks of the grid. */
  readonly terms: readonly number[];
  readonly x0: number;
  readonly y0: number;
  readonly evidence: GradientEvidence;
  /** Whether plain sky tells `level`. */
  readonly isLevelTold: boolean;
}

/**
 * Adds to the solutions' surfaces, in place, what makes the mosaic's star-free sky flat: per connected part and channel a surface over the output grid, which
 * differs between no two frames at any place of the sky. Plain sky tells a plane, except where `byColour[part]` says that the frames' surfaces were told already.
 * The mean level of a single part stays. `lists[channel]` are those that the channel's solution was solved from, their nodes numbered row by row over the
 * blocks of the grid. An order of 0 only sets the parts' levels alike. `known[part][channel]` are surfaces found by other means. Result `[channel][part]`.
 */
export function fixSkyGauge(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly (readonly FrameLevels[])[],
  solutions: readonly LevelSolution[],
  order: LevelOrder,
  byColour: readonly boolean[] = [],
  known: readonly (readonly SkySurface[] | undefined)[] = [],
): SkyGauge[][] {
  const surfaces = skySurfaces(grid, lists, solutions, order, byColour, known);
  return solutions.map((solution, channel) =>
    applyGauge(grid, frames, lists[channel], solution, surfaces[channel]),
  );
}

function applyGauge(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly FrameLevels[],
  solution: LevelSolution,
  surfaces: readonly SkySurface[],
): SkyGauge[] {
  // Frames that saw no node are parts of their own, without a sky.
  const seeing = lists.map(({ level }) => level.some(Number.isFinite));
  const counts = surfaces.map(
    (_, part) => seeing.filter((sees, f) => sees && solution.component[f] === part).length,
  );
  const several = counts.filter((count) => count > 0).length > 1;
  const target = weightedMedian(
    surfaces.map(({ level }) => level),
    counts,
  );
  const offsets = surfaces.map(({ level }, part) => (several && counts[part] > 0 ? level - target : 0));
  frames.forEach((frame, f) => {
    if (!seeing[f]) return;
    const part = solution.component[f];
    const terms = inFrame(surfaces[part], blocksOf(grid, frame));
    terms[0] += offsets[part];
    terms.forEach((v, k) => (solution.coefficients[f * LEVEL_TERMS + k] += v));
  });
  const perDegree = 3600 / (grid.scaleArcsec * BLOCK_SIZE);
  return surfaces.map(({ terms, evidence, isLevelTold }, part) => ({
    gradientX: (terms[0] ?? 0) * perDegree,
    gradientY: (terms[1] ?? 0) * perDegree,
    offset: offsets[part],
    evidence,
    levelEvidence: levelEvidence(part, isLevelTold),
  }));

  function levelEvidence(part: number, isTold: boolean): LevelEvidence {
    if (counts[part] === 0) return 'no_sky';
    if (!several) return 'overlaps';
    return isTold ? 'plain_sky' : 'darkest_places';
  }
}

/** A surface over the grid as terms 1, X, Y, X^2, XY, Y^2 of a frame whose position on the grid is linear in X and Y. */
function inFrame(
  { terms, x0, y0 }: SkySurface,
  [[bx, xx, xy], [by, yx, yy]]: readonly [readonly number[], readonly number[]],
): number[] {
  const [gx = 0, gy = 0, qxx = 0, qxy = 0, qyy = 0] = terms;
  const [a, b] = [bx - x0, by - y0];
  return [
    gx * a + gy * b + qxx * a * a + qxy * a * b + qyy * b * b,
    gx * xx + gy * yx + 2 * qxx * a * xx + qxy * (a * yx + b * xx) + 2 * qyy * b * yx,
    gx * xy + gy * yy + 2 * qxx * a * xy + qxy * (a * yy + b * xy) + 2 * qyy * b * yy,
    qxx * xx * xx + qxy * xx * yx + qyy * yx * yx,
    2 * qxx * xx * xy + qxy * (xx * yy + xy * yx) + 2 * qyy * yx * yy,
    qxx * xy * xy + qxy * xy * yy + qyy * yy * yy,
  ];
}

/** The surface under each part's sky, `[channel][part]`. */
function skySurfaces(
  grid: OutputGrid,
  lists: readonly (readonly FrameLevels[])[],
  solutions: readonly LevelSolution[],
  order: LevelOrder,
  byColour: readonly boolean[],
  known: readonly (readonly SkySurface[] | undefined)[],
): SkySurface[][] {
  const surfaces: SkySurface[][] = solutions.map(() => []);
  partsOfSky(grid, lists, solutions).forEach((sky, part) => {
    const told = known[part];
    if (told) {
      told.forEach((surface, c) => surfaces[c].push(surface));
      return;
    }
    sky.values.forEach((values, c) => {
      const { found, gradientX, gradientY, ...plane } = fitSkyPlane(values, sky.x, sky.y, sky.scatter[c]);
      const { x0, y0 } = plane;
      if (found && !byColour[part]) {
        const terms = order === 0 ? [] : [gradientX, gradientY];
        const { level } = plane;
        surfaces[c].push({ level, terms, x0, y0, evidence: 'plain_sky', isLevelTold: true });
        return;
      }
      const evidence = byColour[part] ? 'nebula_colour' : 'none';
      const { level, found: isLevelTold } = fitSkyLevel(values, sky.scatter[c]);
      surfaces[c].push({ level, terms: [], x0, y0, evidence, isLevelTold });
    });
  });
  return surfaces;
}

/** Position on the grid, in blocks, as linear functions of a frame's normalised coordinates: coefficients of 1, X, Y for both axes. */
function blocksOf(grid: OutputGrid, { wcs, nx, ny }: GridFrame): [number[], number[]] {
  const { centreX, centreY, invScale } = levelCoordinates(nx, ny);
  const place = (x: number, y: number): readonly [number, number] => {
    const sky = wcs.pixelToSky(centreX + x / invScale + 1, centreY + y / invScale + 1);
    const at = sky && grid.wcs.skyToPixel(sky[0], sky[1]);
    // Never for a frame with nodes: they lie on the grid.
    if (!at) throw new RangeError('a frame lies outside the projection it was planned for');
    return at;
  };
  // Half a frame to each side: distortion averages out.
  const [left, right] = [place(-0.5, 0), place(0.5, 0)];
  const [below, above] = [place(0, -0.5), place(0, 0.5)];
  const axis = (k: 0 | 1) => [
    ((left[k] + right[k] + below[k] + above[k]) / 4 - (BLOCK_SIZE + 1) / 2) / BLOCK_SIZE,
    (right[k] - left[k]) / BLOCK_SIZE,
    (above[k] - below[k]) / BLOCK_SIZE,
  ];
  return [axis(0), axis(1)];
}

function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const half = weights.reduce((sum, w) => sum + w, 0) / 2;
  let sum = 0;
  for (const i of order) if ((sum += weights[i]) >= half) return values[i];
  return 0;
}

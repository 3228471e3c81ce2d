// The gauge of the level solve, fixed on purpose: the plane that all frames have in common is taken from the sky, and parts of the mosaic that share no
// sky are set to one level.
import { BLOCK_SIZE, LEVEL_TERMS } from '../../compute/constants.js';
import { levelAt } from '../../photometry/level-polynomial.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import type { LevelSolution } from '../../photometry/level-solve.js';
import { fitSkyPlane, type SkyPlane } from '../../photometry/sky-plane.js';
import { levelCoordinates } from '../integrate/integration-frame.js';
import type { GridFrame, OutputGrid } from './output-grid.js';

/** What was taken from one connected part of the mosaic in one channel. */
export interface SkyGauge {
  /** Gradient along the grid's axes, ADU per degree; 0 where none was found. */
  readonly gradientX: number;
  readonly gradientY: number;
  /** Constant, ADU: what brings the sky of several parts to one level; 0 for a single part. */
  readonly offset: number;
  /** True where enough star-free and nebula-free sky stands out to tell the gradient. */
  readonly found: boolean;
}

/**
 * Adds to the solution's surfaces, in place, what makes the mosaic's star-free sky flat: per connected part a plane over the output grid, which differs
 * between no two frames at any place of the sky. The mean level of a single part stays. `lists` are those that the solution was solved
 * from, their nodes numbered row by row over the blocks of the grid. With `tilts` false only the parts' levels are set alike.
 */
export function fixSkyGauge(
  grid: OutputGrid,
  frames: readonly GridFrame[],
  lists: readonly FrameLevels[],
  solution: LevelSolution,
  tilts: boolean,
): SkyGauge[] {
  const planes = skyPlanes(grid, lists, solution);
  const counts = planes.map((_, part) => solution.component.reduce((n, c) => n + (c === part ? 1 : 0), 0));
  const target = weightedMedian(
    planes.map(({ level }) => level),
    counts,
  );
  const offsets = planes.map(({ level }) => (planes.length > 1 ? level - target : 0));
  frames.forEach((frame, f) => {
    const part = solution.component[f];
    if (lists[f].node.length === 0) return;
    const { gradientX, gradientY, x0, y0 } = planes[part];
    const at = f * LEVEL_TERMS;
    solution.coefficients[at] += offsets[part];
    if (!tilts) return;
    const [x, y] = blocksOf(grid, frame);
    for (let k = 0; k < 3; k++) solution.coefficients[at + k] += gradientX * x[k] + gradientY * y[k];
    solution.coefficients[at] -= gradientX * x0 + gradientY * y0;
  });
  const perDegree = 3600 / (grid.scaleArcsec * BLOCK_SIZE);
  return planes.map(({ gradientX, gradientY, found }, part) => ({
    gradientX: tilts ? gradientX * perDegree : 0,
    gradientY: tilts ? gradientY * perDegree : 0,
    offset: offsets[part],
    found,
  }));
}

/** The plane under each part's sky, positions in blocks of the grid. */
function skyPlanes(grid: OutputGrid, lists: readonly FrameLevels[], solution: LevelSolution): SkyPlane[] {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const nodes = blocksX * Math.ceil(grid.ny / BLOCK_SIZE);
  const sums = new Float64Array(nodes);
  const weights = new Float64Array(nodes);
  const part = new Int32Array(nodes).fill(-1);
  // Plain sky scatters about a plane as frames do about each other.
  const sigmas = Float32Array.from(lists.flatMap(({ sigma }) => [...sigma])).sort();
  const scatter = Math.max(1, solution.residualScale) * (sigmas[sigmas.length >> 1] ?? 0);
  lists.forEach(({ node, level, sigma, x, y }, f) => {
    for (let i = 0; i < node.length; i++) {
      const value = level[i] - levelAt(solution.coefficients, f * LEVEL_TERMS, LEVEL_TERMS, x[i], y[i]);
      const weight = 1 / sigma[i] ** 2;
      if (!Number.isFinite(value) || !Number.isFinite(weight)) continue;
      sums[node[i]] += weight * value;
      weights[node[i]] += weight;
      part[node[i]] = solution.component[f];
    }
  });
  return Array.from({ length: solution.components }, (_, c) => {
    const members = Array.from({ length: nodes }, (_, n) => n).filter((n) => part[n] === c);
    return fitSkyPlane(
      members.map((n) => sums[n] / weights[n]),
      members.map((n) => n % blocksX),
      members.map((n) => Math.floor(n / blocksX)),
      scatter,
    );
  });
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

// The nodes of the level solve as samples of the mosaic's sky.
import { BLOCK_SIZE, LEVEL_TERMS } from '../../compute/constants.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import { levelAt } from '../../photometry/level-polynomial.js';
import type { LevelSolution } from '../../photometry/level-solve.js';
import { selectRank } from '../../photometry/select-median.js';
import type { OutputGrid } from './output-grid.js';

/** The nodes of one part: mean level over the frames per channel, and positions in blocks of the grid. */
export interface PartNodes {
  /** Numbers of the nodes: row by row over the blocks of the grid. */
  readonly node: Int32Array;
  readonly values: readonly Float64Array[];
  /** Expected deviation of a node of plain sky, per channel. */
  readonly scatter: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Number of blocks of a grid, which nodes are numbered by. */
export const nodesOn = ({ nx, ny }: OutputGrid): number =>
  Math.ceil(nx / BLOCK_SIZE) * Math.ceil(ny / BLOCK_SIZE);

/** The nodes of each connected part. */
export function partsOfSky(
  grid: OutputGrid,
  lists: readonly (readonly FrameLevels[])[],
  solutions: readonly LevelSolution[],
): PartNodes[] {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const nodes = nodesOn(grid);
  const levels = solutions.map((solution, channel) => nodeLevels(lists[channel], solution, nodes));
  // Plain sky scatters about a plane as frames do about each other.
  const scatter = solutions.map(
    ({ residualScale }, channel) => Math.max(1, residualScale) * middleSigma(lists[channel]),
  );
  return Array.from({ length: solutions[0].components }, (_, part) => {
    const node = new Int32Array(nodes);
    let count = 0;
    for (let n = 0; n < nodes; n++)
      if (levels[0].part[n] === part && levels.every(({ level }) => Number.isFinite(level[n])))
        node[count++] = n;
    const own = node.slice(0, count);
    const [x, y] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0; i < count; i++) {
      x[i] = own[i] % blocksX;
      y[i] = Math.floor(own[i] / blocksX);
    }
    const values = levels.map(({ level }) => {
      const of = new Float64Array(count);
      for (let i = 0; i < count; i++) of[i] = level[own[i]];
      return of;
    });
    return { node: own, values, scatter, x, y };
  });
}

/** The middle one of all frames' sigmas; 0 without any. */
function middleSigma(lists: readonly FrameLevels[]): number {
  const sigmas = new Float32Array(lists.reduce((sum, { sigma }) => sum + sigma.length, 0));
  let at = 0;
  for (const { sigma } of lists) {
    sigmas.set(sigma, at);
    at += sigma.length;
  }
  return at > 0 ? selectRank(sigmas, at >> 1) : 0;
}

/** Mean level of each node over the frames that see it, their surfaces subtracted (NaN where none does), and the part it belongs to. */
function nodeLevels(lists: readonly FrameLevels[], solution: LevelSolution, nodes: number) {
  const sums = new Float64Array(nodes);
  const weights = new Float64Array(nodes);
  const part = new Int32Array(nodes).fill(-1);
  const { coefficients, component } = solution;
  for (let f = 0; f < lists.length; f++) {
    const { node, level, sigma, x, y } = lists[f];
    for (let i = 0; i < node.length; i++) {
      const value = level[i] - levelAt(coefficients, f * LEVEL_TERMS, LEVEL_TERMS, x[i], y[i]);
      const weight = 1 / (sigma[i] * sigma[i]);
      if (!Number.isFinite(value) || !Number.isFinite(weight)) continue;
      const n = node[i];
      sums[n] += weight * value;
      weights[n] += weight;
      part[n] = component[f];
    }
  }
  for (let n = 0; n < nodes; n++) sums[n] /= weights[n];
  return { level: sums, part };
}

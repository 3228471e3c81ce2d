// The nodes of the level solve as samples of the mosaic's sky.
import { BLOCK_SIZE, LEVEL_TERMS } from '../../compute/constants.js';
import type { FrameLevels } from '../../photometry/level-observations.js';
import { levelAt } from '../../photometry/level-polynomial.js';
import type { LevelSolution } from '../../photometry/level-solve.js';
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

/** The nodes of each connected part. */
export function partsOfSky(
  grid: OutputGrid,
  lists: readonly (readonly FrameLevels[])[],
  solutions: readonly LevelSolution[],
): PartNodes[] {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const nodes = blocksX * Math.ceil(grid.ny / BLOCK_SIZE);
  const levels = solutions.map((solution, channel) => nodeLevels(lists[channel], solution, nodes));
  // Plain sky scatters about a plane as frames do about each other.
  const scatter = solutions.map(({ residualScale }, channel) => {
    const sigmas = Float32Array.from(lists[channel].flatMap(({ sigma }) => [...sigma])).sort();
    return Math.max(1, residualScale) * (sigmas[sigmas.length >> 1] ?? 0);
  });
  return Array.from({ length: solutions[0].components }, (_, part) => {
    const node = Int32Array.from(
      Array.from({ length: nodes }, (_, n) => n).filter(
        (n) => levels[0].part[n] === part && levels.every(({ level }) => Number.isFinite(level[n])),
      ),
    );
    return {
      node,
      values: levels.map(({ level }) => Float64Array.from(node, (n) => level[n])),
      scatter,
      x: Float64Array.from(node, (n) => n % blocksX),
      y: Float64Array.from(node, (n) => Math.floor(n / blocksX)),
    };
  });
}

/** Mean level of each node over the frames that see it, their surfaces subtracted (NaN where none does), and the part it belongs to. */
function nodeLevels(lists: readonly FrameLevels[], solution: LevelSolution, nodes: number) {
  const sums = new Float64Array(nodes);
  const weights = new Float64Array(nodes);
  const part = new Int32Array(nodes).fill(-1);
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
  return { level: sums.map((sum, n) => sum / weights[n]), part };
}

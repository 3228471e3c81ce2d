// The nodes of the level solve as samples of the mosaic's sky.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import {
  entriesOf,
  memoryFor,
  placeLists,
  type FrameLevels,
} from '../../../photometry/levels/level-observations.js';
import type { LevelSolution } from '../../../photometry/levels/level-solve.js';
import type { OutputGrid } from '../grid/output-grid.js';

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
  const memory = memoryFor(entriesOf(lists[0]) + nodes);
  const { passes } = memory;
  const channels = solutions.length;
  const doubles = (length: number) => memory.take(8 * length);
  const means = doubles(channels * nodes);
  const values = doubles(channels * nodes);
  const [weights, x, y] = [doubles(nodes), doubles(nodes), doubles(nodes)];
  const [node, part, idle] = [memory.take(4 * nodes), memory.take(4 * nodes), memory.take(4 * nodes)];
  const sigmas = solutions.map((solution, c) =>
    memory.within(() => {
      const { count, at, record } = placeLists(memory, lists[c]);
      const surfaces = doubles(solution.coefficients.length);
      const component = memory.take(solution.component.byteLength);
      const spare = memory.take(8 * count);
      new Float64Array(memory.buffer, surfaces, solution.coefficients.length).set(solution.coefficients);
      new Int32Array(memory.buffer, component, solution.component.length).set(solution.component);
      const mean = means + 8 * c * nodes;
      passes.nodeLevels(record, surfaces, component, nodes, mean, weights, c === 0 ? part : idle);
      // the middle one of all frames' sigmas
      return count > 0 ? passes.rankOfFloats(at.sigma, count, count >> 1, spare) : 0;
    }),
  );
  // Plain sky scatters about a plane as frames do about each other.
  const scatter = solutions.map(({ residualScale }, c) => Math.max(1, residualScale) * sigmas[c]);
  const { buffer } = memory;
  return Array.from({ length: solutions[0].components }, (_, own) => {
    const count = passes.partNodes(part, own, means, channels, nodes, blocksX, node, x, y, values);
    const column = (at: number) => new Float64Array(buffer, at, count).slice();
    return {
      node: new Int32Array(buffer, node, count).slice(),
      values: solutions.map((_, c) => column(values + 8 * c * nodes)),
      ...{ scatter, x: column(x), y: column(y) },
    };
  });
}

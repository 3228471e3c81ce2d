// The sky at the nodes is the weighted mean of the frames' levels without their surfaces, part by part.
import { expect, it } from 'vitest';
import { BLOCK_SIZE } from '../../../../src/compute/constants.js';
import type { FrameLevels } from '../../../../src/photometry/levels/level-observations.js';
import { levelAt } from '../../../../src/photometry/levels/level-polynomial.js';
import type { LevelSolution } from '../../../../src/photometry/levels/level-solve.js';
import type { OutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';
import { partsOfSky } from '../../../../src/pipeline/planning/sky/sky-nodes.js';
import { seededRandom } from '../../../helpers/kernel-runs.js';

const [BX, BY, FRAMES] = [9, 7, 4];
const grid = { nx: BX * BLOCK_SIZE - 5, ny: BY * BLOCK_SIZE } as OutputGrid;
/** Frames of two parts, in columns of their own; nobody sees the last one. */
const component = Int32Array.of(0, 1, 0, 1);

it('by every channel that knows it, with the middle one of the sigmas', () => {
  const random = seededRandom(3);
  const lists = [0, 1].map((): FrameLevels[] =>
    Array.from({ length: FRAMES }, (_, f) => {
      const node = Int32Array.from({ length: BX * BY }, (_, n) => n).filter(
        (n) => n % BX < BX - 1 && Number(n % BX > 3) === component[f],
      );
      const floats = (least: number) => Float32Array.from(node, () => least + random());
      return { node, level: floats(10), sigma: floats(0.5), x: floats(-0.5), y: floats(-0.5) };
    }),
  );
  // one node without a level in one channel, one without a weight in one frame
  for (const f of [0, 2]) lists[1][f].level[4] = NaN;
  lists[0][1].sigma[2] = Infinity;
  lists[0][3].sigma[6] = 0;
  const solutions = lists.map(
    (_, c): LevelSolution =>
      ({
        ...{ component, components: 2, residualScale: c === 0 ? 0.5 : 1.5 },
        coefficients: Float64Array.from({ length: 6 * FRAMES }, () => random()),
      }) as Partial<LevelSolution> as LevelSolution,
  );
  const parts = partsOfSky(grid, lists, solutions);
  expect(parts).toHaveLength(2);
  const middle = lists.map((list) => {
    const sigmas = list.flatMap(({ sigma }) => [...sigma]).sort((a, b) => a - b);
    return sigmas[sigmas.length >> 1];
  });
  parts.forEach(({ node, values, scatter, x, y }, part) => {
    const own = lists[0][part].node.filter((_, i) => part === 1 || i !== 4);
    expect([...node]).toEqual([...own]);
    expect([...x]).toEqual([...own].map((n) => n % BX));
    expect([...y]).toEqual([...own].map((n) => Math.floor(n / BX)));
    expect(scatter).toEqual([middle[0], 1.5 * middle[1]]);
    values.forEach((column, c) => {
      const seen = lists[c].map((list, f) => ({ list, f })).filter(({ f }) => component[f] === part);
      own.forEach((n, k) => {
        let [sum, weights] = [0, 0];
        for (const { list, f } of seen) {
          const i = list.node.indexOf(n);
          const { level, sigma } = list;
          if (!(sigma[i] > 0 && sigma[i] < Infinity)) continue;
          const surface = levelAt(solutions[c].coefficients, 6 * f, 6, list.x[i], list.y[i]);
          sum += (level[i] - surface) / sigma[i] ** 2;
          weights += 1 / sigma[i] ** 2;
        }
        expect(column[k]).toBeCloseTo(sum / weights, 9);
      });
    });
  });
});

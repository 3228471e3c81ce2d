import { expect, it } from 'vitest';
import type { LevelSolution } from '../../src/photometry/level-solve.js';
import { StarColumns } from '../../src/photometry/star-columns.js';

it('the mean of a star is that of its frames, each by its noise, without one that is far off; a star that no frame shows has none', () => {
  const levels = [0, 0.01, -0.02, 0.015, 3];
  const sigmas = [0.02, 0.03, 0.02, 0.02, 0.02];
  const lists = levels.map((level, f) => ({
    node: Int32Array.of(1),
    level: Float32Array.of(level),
    sigma: Float32Array.of(sigmas[f]),
    ...{ x: new Float32Array(1), y: new Float32Array(1) },
  }));
  const solution = { coefficients: new Float64Array(30), residualScale: 1 } as unknown as LevelSolution;
  const columns = new StarColumns(lists, solution);
  // Tukey's biweight about the median, 0.01
  const weights = levels.map((level, f) => {
    const z = (level - 0.01) / (4.685 * sigmas[f]);
    return Math.abs(z) < 1 ? ((1 - z * z) / sigmas[f]) ** 2 : 0;
  });
  const sum = (of: (f: number) => number) => weights.reduce((all, w, f) => all + w * of(f), 0);
  const [none, mean] = columns.means();
  expect(none).toBeNaN();
  expect(mean).toBeCloseTo(sum((f) => levels[f]) / sum(() => 1), 6);
  const { information } = columns.information(new Int32Array(5));
  information.forEach((of, f) => expect(of / (weights[f] || 1)).toBeCloseTo(weights[f] > 0 ? 1 : 0, 5));
});

import { expect, it } from 'vitest';
import {
  gatherNodeLevels,
  memoryFor,
  type NodeLevels,
} from '../../../src/photometry/levels/level-observations.js';
import type { LevelSolution } from '../../../src/photometry/levels/level-solve.js';
import { StarColumns } from '../../../src/photometry/gains/star-columns.js';
import { seededRandom } from '../../helpers/kernel-runs.js';

const columnsOf = (lists: readonly NodeLevels[], solution: Partial<LevelSolution>) => {
  const room = lists.reduce((sum, { node }) => sum + node.length, 0);
  return new StarColumns(gatherNodeLevels(memoryFor(room), lists, room), solution as LevelSolution);
};

it('the mean of a star is that of its frames, each by its noise, without one that is far off; a star that no frame shows has none', () => {
  const levels = [0, 0.01, -0.02, 0.015, 3];
  const sigmas = [0.02, 0.03, 0.02, 0.02, 0.02];
  const lists = levels.map((level, f) => ({
    node: Int32Array.of(1),
    level: Float32Array.of(level),
    sigma: Float32Array.of(sigmas[f]),
  }));
  const columns = columnsOf(lists, { coefficients: new Float64Array(30), residualScale: 1 });
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

it('stars tell of frames and groups what the equations of free fluxes say, whatever order the frames show them in', () => {
  const random = seededRandom(4);
  const [frames, stars, groups] = [7, 40, 3];
  const lists = Array.from({ length: frames }, (_, f): NodeLevels => {
    // the first frame shows the last stars: they are met first, and every third frame shows one of them twice
    const shown = Array.from({ length: stars }, (_, s) => (f === 0 ? stars - 1 - s : s)).filter(
      () => random() < 0.5,
    );
    const node = Int32Array.from(f % 3 === 0 ? [...shown, shown[0]] : shown);
    const floats = (least: number) => Float32Array.from(node, () => least + 0.1 * random());
    return { node, level: floats(3), sigma: floats(0.02) };
  });
  const group = Int32Array.from(lists, (_, f) => f % groups);
  const coefficients = Float64Array.from({ length: 6 * frames }, () => 0.01 * random());
  const residualScale = 1.2;
  const columns = columnsOf(lists, { coefficients, residualScale });

  const information = new Float64Array(frames);
  const groupInformation = new Float64Array(groups * groups);
  const shared = new Int32Array(frames);
  const means = columns.means();
  for (let star = 0; star < stars; star++) {
    const shown = lists.flatMap(({ node, level, sigma }, f) =>
      [...node.keys()]
        .filter((i) => node[i] === star)
        .map((i) => ({ f, value: level[i] - coefficients[6 * f], sigma: sigma[i] * residualScale })),
    );
    const sorted = shown.map(({ value }) => value).sort((a, b) => a - b);
    const half = sorted.length >> 1;
    const median = sorted.length % 2 === 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
    const weights = shown.map(({ value, sigma }) => {
      const z = (value - median) / (4.685 * sigma);
      return Math.abs(z) < 1 ? ((1 - z * z) / sigma) ** 2 : 0;
    });
    const total = weights.reduce((sum, w) => sum + w, 0);
    const mean = shown.reduce((sum, { value }, k) => sum + weights[k] * value, 0) / total;
    if (shown.length > 0) expect(means[star]).toBeCloseTo(mean, 10);
    if (shown.length < 2) continue;
    const inGroup = new Float64Array(groups);
    shown.forEach(({ f }, k) => {
      shared[f]++;
      information[f] += weights[k];
      inGroup[group[f]] += weights[k];
    });
    for (let g = 0; g < groups; g++)
      for (let h = 0; h < groups; h++)
        groupInformation[g * groups + h] += (g === h ? inGroup[g] : 0) - (inGroup[g] * inGroup[h]) / total;
  }
  expect(columns.sharedStars()).toEqual(shared);
  const told = columns.information(group);
  told.information.forEach((of, f) => expect(of / information[f]).toBeCloseTo(1, 10));
  told.groupInformation.forEach((of, k) => expect(of / groupInformation[k]).toBeCloseTo(1, 8));
});

// The least-squares step of the level solve against what its equations say.
import { expect, test } from 'vitest';
import { gatherObservations, type FrameLevels } from '../../../src/photometry/levels/level-observations.js';
import { levelAt, termsOf, type LevelOrder } from '../../../src/photometry/levels/level-polynomial.js';
import { LevelSystem } from '../../../src/photometry/levels/level-system.js';
import { seededRandom } from '../../helpers/kernel-runs.js';

const NODES = 60;

function someFrames(count: number): FrameLevels[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => {
    const node = Int32Array.from({ length: NODES }, (_, n) => n);
    const floats = (least: number) => Float32Array.from(node, () => least + 2 * random());
    return { node, level: floats(10), sigma: floats(1), x: floats(-1), y: floats(-1) };
  });
}

const ORDERS: readonly LevelOrder[] = [0, 1, 2];

test.each(ORDERS)(
  'of one free frame the block is the whole matrix: order %i is solved in one step',
  (order) => {
    const terms = termsOf(order);
    const lists = someFrames(3);
    const system = new LevelSystem(gatherObservations(lists), terms, [false, true, true]);
    const ridge = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].slice(0, terms);
    system.prepare(ridge);
    expect(system.solve(1e-10, 20)).toBe(1);
    // the gradient of what is minimised, in plain sums
    const { p } = system;
    const gradient = ridge.map((r, k) => r * p[k]);
    for (let n = 0; n < NODES; n++) {
      const rest = lists.map(({ level, x, y }, f) => level[n] - levelAt(p, f * terms, terms, x[n], y[n]));
      const weight = lists.map(({ sigma }) => 1 / sigma[n] ** 2);
      const mean = rest.reduce((sum, v, f) => sum + weight[f] * v, 0) / weight.reduce((sum, w) => sum + w, 0);
      const [x, y] = [lists[0].x[n], lists[0].y[n]];
      [1, x, y, x * x, x * y, y * y].slice(0, terms).forEach((basis, k) => {
        gradient[k] -= weight[0] * basis * (rest[0] - mean);
      });
    }
    for (const g of gradient) expect(Math.abs(g)).toBeLessThan(1e-8);
  },
);

test.each(ORDERS)('what the passes tell of the frames at order %i is what sums over them say', (order) => {
  const terms = termsOf(order);
  const lists = someFrames(4);
  // a node that one frame alone sees, and a frame that shares none of its own
  lists[0].node[5] = NODES;
  lists.push({ ...lists[3], node: lists[3].node.map((n) => n + 2 * NODES), level: lists[3].level.slice() });
  const system = new LevelSystem(gatherObservations(lists), terms);
  const typicalSigma = system.typicalSigma();
  system.prepare(new Array<number>(terms).fill(1e-3));
  system.solve(1e-10, 100);
  const scale = system.measure();
  system.reweigh(scale, true);
  const { p } = system;
  const rest = lists.map(({ level, x, y }, f) =>
    level.map((v, i) => v - levelAt(p, f * terms, terms, x[i], y[i])),
  );
  const middle = (of: Iterable<number>) => {
    const sorted = [...of].sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  };
  expect(typicalSigma).toBe(middle(lists.flatMap(({ sigma }) => [...sigma])));
  expect([...system.medians(false)]).toEqual(lists.map(({ level }) => middle(level)));
  system.medians(true).forEach((v, f) => expect(v).toBeCloseTo(middle(rest[f]), 5));
  const told = system.summary();
  lists.forEach(({ x, y }, f) => {
    const surface = x.reduce((sum, of, i) => sum + levelAt(p, f * terms, terms, of, y[i]), 0);
    expect(told.surfaces[f]).toBeCloseTo(surface, 8);
  });
  expect(told.shared).toBe(4 * NODES - 1);
  expect(told.sharedWeights[4]).toBe(0);
  expect(told.weights[4]).toBeCloseTo(
    lists[4].sigma.reduce((sum, s) => sum + 1 / s ** 2, 0),
    8,
  );
  // residuals of four frames about their mean, by Tukey's weights in units of the scale
  const sky = Float64Array.from({ length: NODES }, (_, n) => {
    const seen = [0, 1, 2, 3].filter((f) => lists[f].node[n] === n);
    const weight = (f: number) => 1 / lists[f].sigma[n] ** 2;
    return (
      seen.reduce((sum, f) => sum + weight(f) * rest[f][n], 0) / seen.reduce((sum, f) => sum + weight(f), 0)
    );
  });
  const sizes: number[] = [];
  let [squares, weights, shutOut] = [0, 0, 0];
  for (let f = 0; f < 4; f++)
    for (let n = 0; n < NODES; n++) {
      if (lists[f].node[n] !== n) continue;
      const sigma = lists[f].sigma[n];
      const residual = rest[f][n] - sky[n];
      sizes.push(Math.abs(residual) / sigma / Math.sqrt(1 - 1 / (n === 5 ? 3 : 4)));
      const share = residual / (sigma * scale * 4.685);
      const robust = Math.abs(share) < 1 ? (1 - share * share) ** 2 : 0;
      if (robust < 0.1) shutOut++;
      if (f !== 1) continue;
      squares += (robust / sigma ** 2) * residual ** 2;
      weights += robust / sigma ** 2;
    }
  expect(scale).toBeCloseTo(1.4826 * middle(sizes), 5);
  expect(told.shutOut).toBe(shutOut);
  expect(told.squares[1]).toBeCloseTo(squares, 4);
  expect(told.sharedWeights[1]).toBeCloseTo(weights, 4);
});

import { expect, it } from 'vitest';
import { doubtLinks, doubtNodes, opticsCosts } from '../../../src/astrometry/adjust/link-weights.js';
import type { SystemSolution } from '../../../src/astrometry/adjust/system-types.js';
import { medianOf } from '../../../src/photometry/mesh-repair.js';
import { randomNumbers } from '../solver/synthetic-field.js';
import { placedRows, weightsOf } from './placed-rows.js';

const random = randomNumbers(7);
const [FRAMES, NODES, LINKS] = [5, 12, 40];
const floats = (count: number, of: () => number) => Float32Array.from({ length: count }, of);
const doubles = (count: number, of: () => number) => Float64Array.from({ length: count }, of);
const start = Int32Array.of(0, 10, 10, 25, 31, LINKS);
const rows = {
  start,
  node: Int32Array.from({ length: LINKS }, () => Math.floor(random() * NODES)),
  weight: floats(LINKS, random),
};
const solution: SystemSolution = {
  ...{ frames: new Float64Array(0), optics: new Float64Array(0) },
  nodes: doubles(2 * NODES, random),
  residual: floats(2 * LINKS, () => random() - 0.5),
};
const nodes = { pull: doubles(2 * NODES, random), weight: doubles(NODES, random) };

/** Tukey's biweight, of six standard deviations. */
const biweight = (sigmas: number) => (sigmas < 6 ? (1 - (sigmas / 6) ** 2) ** 2 : 0);

it('links far out, in units of the scatter of all, count less or not at all', () => {
  const believed = floats(LINKS, () => 0.5 + random());
  const residual = solution.residual.slice();
  residual.set([40, -30, 1.2, 0.7]);
  const lengths = Array.from(
    believed,
    (b, l) => Math.sqrt(b) * Math.hypot(residual[2 * l], residual[2 * l + 1]),
  );
  const spread = 0.8493 * medianOf(lengths.slice());
  const weighed = placedRows({ ...rows, believed });
  doubtLinks(weighed, residual);
  const weights = weightsOf(weighed);
  weights.forEach((weight, l) =>
    expect(weight).toBeCloseTo((believed[l] / spread ** 2) * biweight(lengths[l] / spread), 4),
  );
  expect(weights[0]).toBe(0);
  expect(weights[1]).toBeLessThan(0.9 * (believed[1] / spread ** 2));
});

it('links that agree better than a tenth of their noise are believed no more than that', () => {
  const weighed = placedRows({ ...rows, believed: new Float32Array(LINKS).fill(1) });
  doubtLinks(weighed, new Float32Array(2 * LINKS));
  expect([...weightsOf(weighed)]).toEqual(new Array(LINKS).fill(expect.closeTo(100, 4)));
});

it('places of the catalogue far from where nodes lie count for nothing', () => {
  const believed = doubles(NODES, () => 4);
  const pull = doubles(2 * NODES, () => random());
  pull.set([3, 1]);
  const weight = new Float64Array(NODES);
  doubtNodes({ pull, weight }, believed);
  weight.forEach((w, n) =>
    expect(w).toBeCloseTo(4 * biweight(2 * Math.hypot(pull[2 * n], pull[2 * n + 1])), 12),
  );
  expect(weight[0]).toBe(0);
});

it('what a distortion costs is what its links have left and what the catalogue draws at their stars, each once', () => {
  const of = Int32Array.of(0, 1, 1, 0, 2);
  const expected = new Float64Array(3);
  const counted = new Set<number>();
  for (let l = 0; l < LINKS; l++) {
    const o = of[start.findIndex((at) => at > l) - 1];
    const n = rows.node[l];
    expected[o] += rows.weight[l] * Math.hypot(solution.residual[2 * l], solution.residual[2 * l + 1]) ** 2;
    if (counted.has(n)) continue;
    counted.add(n);
    const [e, k] = [0, 1].map((axis) => nodes.pull[2 * n + axis] - solution.nodes[2 * n + axis]);
    expected[o] += nodes.weight[n] * (e * e + k * k);
  }
  expect(of.length).toBe(FRAMES);
  opticsCosts(placedRows(rows), nodes, solution, of, 3).forEach((cost, o) =>
    expect(cost).toBeCloseTo(expected[o], 10),
  );
});

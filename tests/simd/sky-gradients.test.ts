// Slopes over nodes, by the pass and in plain sums.
import { expect, test } from 'vitest';
import { placeLists, type FrameLevels } from '../../src/photometry/levels/level-observations.js';
import { levelAt } from '../../src/photometry/levels/level-polynomial.js';
import { sharedPasses } from '../../src/simd/sample-passes.js';
import { seededRandom } from '../helpers/kernel-runs.js';

const WIDTH = 13;

/** Two frames that share many of their nodes, some without a level in one channel. */
function lists(seed: number): FrameLevels[] {
  const random = seededRandom(seed);
  return [0, 1].map(() => {
    const node = Int32Array.from({ length: 200 }, (_, n) => n).filter(() => random() < 0.7);
    const floats = () => Float32Array.from(node, () => random() - 0.5);
    const list = { node, level: floats(), sigma: floats(), x: floats(), y: floats() };
    list.level[7] = NaN;
    return list;
  });
}

const centred = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.map((v) => v - mean);
};
const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0);

test('sums of a surface over columns and rows, added to what stands there; the middle of nodes', () => {
  const [{ node, x, y }, other] = lists(1);
  const memory = sharedPasses();
  const { at } = placeLists(memory, [{ ...other, node, x, y }]);
  const [c, spare, out] = [memory.take(48), memory.take(8 * node.length), memory.take(40)];
  const surface = Float64Array.of(5, 4, 3, 2, 1, -1);
  new Float64Array(memory.buffer, c, 6).set(surface);
  const told = new Float64Array(memory.buffer, out, 5).fill(1);
  memory.passes.gradientSums(at.node, at.x, at.y, node.length, c, WIDTH, spare, out);
  const [u, v] = [Array.from(node, (n) => n % WIDTH), Array.from(node, (n) => Math.floor(n / WIDTH))];
  const [a, b] = [centred(u), centred(v)];
  const s = centred(Array.from(node, (_, i) => levelAt(surface, 0, 6, x[i], y[i])));
  [product(a, a), product(a, b), product(b, b), product(a, s), product(b, s)].forEach((sum, k) =>
    expect(told[k]).toBeCloseTo(sum + 1, 8),
  );
  memory.passes.middleOfNodes(at.node, node.length, WIDTH, out);
  expect(told[0]).toBeCloseTo(u.reduce((p, q) => p + q) / u.length, 10);
  expect(told[1]).toBeCloseTo(v.reduce((p, q) => p + q) / v.length, 10);
});

test('slopes of what one frame shows above another, along X and along Y beyond it', () => {
  const channels = [lists(2), lists(2).map((list) => ({ ...list, level: list.level.map((v) => v * v + 3) }))];
  channels[1][1].level[30] = Infinity;
  const [own, shown] = channels[0];
  const memory = sharedPasses();
  const entries = own.node.length + shown.node.length;
  const levels = memory.take(8 * entries);
  const [pairs, spare, out] = [memory.take(1600), memory.take(4800), memory.take(32)];
  const { at } = placeLists(memory, channels[0]);
  new Float32Array(memory.buffer, levels, 2 * entries).set(
    channels.flatMap((of) => of.flatMap(({ level }) => [...level])),
  );
  const begin = 4 * own.node.length;
  const { passes } = memory;
  const others = [at.node + begin, levels + begin, shown.node.length, 2, 4 * entries, pairs] as const;
  const count = passes.sharedNodes(at.node, levels, own.node.length, ...others);
  const both = [...own.node.keys()]
    .map((i) => [i, shown.node.indexOf(own.node[i])])
    .filter(([i, j]) => j >= 0 && channels.every(([a, b]) => Number.isFinite(a.level[i] - b.level[j])));
  expect(count).toBe(both.length);
  expect([...new Uint32Array(memory.buffer, pairs, 2 * count)]).toEqual(both.flat());
  const room = [2, 4 * entries, pairs, count, spare, out] as const;
  expect(passes.sharedSlopes(at.x, at.y, levels, levels + begin, ...room)).toBe(2);
  const dx = centred(both.map(([i]) => own.x[i]));
  const dy = centred(both.map(([i]) => own.y[i]));
  const slope = product(dx, dy) / product(dx, dx);
  const told = new Float64Array(memory.buffer, out, 4);
  [dx, dy.map((v, k) => v - slope * dx[k])].forEach((axis, k) =>
    channels.forEach(([a, b], c) => {
      const difference = centred(both.map(([i, j]) => a.level[i] - b.level[j]));
      const expected = product(axis, difference) / Math.sqrt(product(axis, axis));
      expect(told[2 * k + c]).toBeCloseTo(expected, 9);
    }),
  );
});

test('nodes in one column have a slope along the other axis only', () => {
  const memory = sharedPasses();
  const [x, y, levels] = [memory.take(12), memory.take(12), memory.take(24)];
  const [pairs, spare, out] = [memory.take(24), memory.take(72), memory.take(16)];
  new Float32Array(memory.buffer, y, 3).set([-1, 0, 1]);
  new Float32Array(memory.buffer, x, 3).fill(0.25);
  new Float32Array(memory.buffer, levels, 6).set([4, 2, 0, 0, 0, 0]);
  new Uint32Array(memory.buffer, pairs, 6).set([0, 0, 1, 1, 2, 2]);
  expect(memory.passes.sharedSlopes(x, y, levels, levels + 12, 1, 24, pairs, 3, spare, out)).toBe(1);
  expect(new Float64Array(memory.buffer, out, 1)[0]).toBeCloseTo(-4 / Math.sqrt(2), 10);
});

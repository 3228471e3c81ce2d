// Observations are gathered in WebAssembly as plain loops say.
import { expect, it, test } from 'vitest';
import {
  FEW_ENTRIES,
  frameComponents,
  gatherObservations,
  memoryFor,
  type FrameLevels,
} from '../../../src/photometry/levels/level-observations.js';
import { sharedPasses } from '../../../src/simd/sample-passes.js';
import { seededRandom } from '../../helpers/kernel-runs.js';

/** Frames that share nodes by chance, with entries that tell nothing. */
function someLists(frames: number, numbers: number, seed: number): FrameLevels[] {
  const random = seededRandom(seed);
  return Array.from({ length: frames }, () => {
    const node = Int32Array.from({ length: numbers }, (_, n) => n).filter(() => random() < 2 / frames);
    const floats = () => Float32Array.from(node, () => random());
    const list = { node, level: floats(), sigma: floats(), x: floats(), y: floats() };
    const spoil = (of: Float32Array, value: number) => (of[Math.floor(random() * of.length)] = value);
    for (const value of [NaN, Infinity]) spoil(list.level, value);
    for (const value of [NaN, Infinity, 0, -1]) spoil(list.sigma, value);
    return list;
  });
}

/** The same in plain words. */
function gathered(lists: readonly FrameLevels[]) {
  const numbers = new Map<number, number>();
  const frames = lists.map(({ node, level, sigma, x, y }) =>
    [...node.keys()]
      .filter((i) => Number.isFinite(level[i]) && sigma[i] > 0 && sigma[i] < Infinity)
      .map((i) => {
        if (!numbers.has(node[i])) numbers.set(node[i], numbers.size);
        return { node: numbers.get(node[i])!, level: level[i], sigma: sigma[i], x: x[i], y: y[i] };
      }),
  );
  const seen = Array.from(numbers.values(), (n) => frames.flat().filter(({ node }) => node === n).length);
  const component = frames.map((_, f) => f);
  for (let changed = true; changed;) {
    changed = false;
    frames.forEach((own, f) =>
      frames.forEach((other, g) => {
        if (component[g] >= component[f] || !own.some(({ node }) => other.some((o) => o.node === node)))
          return;
        component[f] = component[g];
        changed = true;
      }),
    );
  }
  const parts = [...new Set(component)].sort((a, b) => a - b);
  return { frames, seen, component: component.map((c) => parts.indexOf(c)), components: parts.length };
}

test.each([
  [6, 120, 1],
  [12, 30, 2],
  [30, 40, 3],
])(
  '%i frames of %i nodes: what tells something, dense numbers, how often each is seen, what hangs together',
  (frames, numbers, seed) => {
    const lists = someLists(frames, numbers, seed);
    const truth = gathered(lists);
    const { memory, at, ...obs } = gatherObservations(lists);
    const all = truth.frames.flat();
    expect(obs.count).toBe(all.length);
    expect(obs.nodes).toBe(truth.seen.length);
    expect([...obs.counts]).toEqual(truth.frames.map(({ length }) => length));
    expect(obs.largest).toBe(Math.max(...obs.counts));
    expect([...new Uint32Array(memory.buffer, at.node, obs.count)]).toEqual(all.map(({ node }) => node));
    for (const column of ['level', 'sigma', 'x', 'y'] as const)
      expect([...new Float32Array(memory.buffer, at[column], obs.count)]).toEqual(
        all.map((of) => of[column]),
      );
    expect([...new Uint32Array(memory.buffer, at.seen, obs.nodes)]).toEqual(truth.seen);
    expect([...obs.component]).toEqual(truth.component);
    expect(frameComponents(lists)).toEqual({ component: obs.component, count: truth.components });
  },
);

test('nothing is gathered from frames that saw nothing', () => {
  const none = { node: new Int32Array(0), level: new Float32Array(0), sigma: new Float32Array(0) };
  const list = { ...none, x: new Float32Array(0), y: new Float32Array(0) };
  expect(frameComponents([list, list])).toEqual({ component: Int32Array.of(0, 1), count: 2 });
  expect(gatherObservations([]).count).toBe(0);
});

it('work with many entries takes the memory of the work before', () => {
  const first = memoryFor(FEW_ENTRIES + 1);
  expect(first).not.toBe(sharedPasses());
  const at = first.take(1e6);
  const next = memoryFor(2 * FEW_ENTRIES);
  expect(next).toBe(first);
  expect(next.take(1e6)).toBe(at);
  expect(memoryFor(FEW_ENTRIES)).toBe(sharedPasses());
});

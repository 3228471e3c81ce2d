// The level solve recovers what was put in: offsets, gradients, curvature; whatever the sky, with outliers, in chains of panels.
import { describe, expect, it } from 'vitest';
import type { FrameLevels } from '../../../src/photometry/levels/level-observations.js';
import { LEVEL_POLYNOMIAL_TERMS, levelAt } from '../../../src/photometry/levels/level-polynomial.js';
import { solveLevels } from '../../../src/photometry/levels/level-solve.js';
import { seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

interface Session {
  readonly lists: FrameLevels[];
  /** `[frames, 6]` */
  readonly truth: Float64Array;
}

interface SessionOptions {
  readonly panels: readonly [number, number];
  readonly subs: number;
  readonly outliers?: number;
  readonly noise?: number;
  readonly curvature?: number;
  readonly seed?: number;
}

const FRAME = [16, 24] as const;
const nebula = (x: number, y: number) =>
  800 + 200 * Math.exp(-((x - 15) ** 2 + (y - 20) ** 2) / 150) + 60 * Math.sin(x / 6) * Math.cos(y / 7);

/** Frames on a lattice of sky nodes, panels overlapping by a fifth, dithered and slightly rotated. */
function session({
  panels,
  subs,
  outliers = 0,
  noise = 2,
  curvature = 0,
  seed = 1,
}: SessionOptions): Session {
  const normal = seededNormal(seed);
  const random = seededRandom(seed + 1);
  const lists: FrameLevels[] = [];
  const truth: number[] = [];
  for (let panel = 0; panel < panels[0] * panels[1]; panel++) {
    for (let k = 0; k < subs; k++) {
      const cx = FRAME[0] * (0.5 + 0.8 * (panel % panels[0])) + 0.4 * normal();
      const cy = FRAME[1] * (0.5 + 0.8 * Math.floor(panel / panels[0])) + 0.4 * normal();
      const [cos, sin] = [Math.cos(0.05 * normal()), 0.05 * normal()];
      const p = Float64Array.of(
        100 * normal(),
        20 * normal(),
        20 * normal(),
        curvature * normal(),
        curvature * normal(),
        curvature * normal(),
      );
      const [node, level, x, y]: number[][] = [[], [], [], []];
      for (let gy = -5; gy < 100; gy++) {
        for (let gx = -5; gx < 100; gx++) {
          const u = (cos * (gx - cx) + sin * (gy - cy)) / (FRAME[1] / 2);
          const v = (cos * (gy - cy) - sin * (gx - cx)) / (FRAME[1] / 2);
          if (Math.abs(u) > FRAME[0] / FRAME[1] || Math.abs(v) > 1) continue;
          node.push((gy + 5) * 200 + gx + 5);
          x.push(u);
          y.push(v);
          const outlier = random() < outliers ? 1000 * random() : 0;
          level.push(nebula(gx, gy) + levelAt(p, 0, 6, u, v) + noise * normal() + outlier);
        }
      }
      truth.push(...p);
      lists.push({
        node: Int32Array.from(node),
        level: Float32Array.from(level),
        sigma: new Float32Array(node.length).fill(Math.max(noise, 0.01)),
        x: Float32Array.from(x),
        y: Float32Array.from(y),
      });
    }
  }
  return { lists, truth: Float64Array.from(truth) };
}

/** Errors of the surfaces where frames overlap, up to what no overlap can tell (one value per node): rms and worst. */
function disagreement({ lists, truth }: Session, coefficients: Float64Array): { rms: number; worst: number } {
  const errors = new Map<number, number[]>();
  lists.forEach((list, f) =>
    list.node.forEach((node, i) => {
      const at = f * LEVEL_POLYNOMIAL_TERMS;
      const error =
        levelAt(coefficients, at, 6, list.x[i], list.y[i]) - levelAt(truth, at, 6, list.x[i], list.y[i]);
      errors.set(node, [...(errors.get(node) ?? []), error]);
    }),
  );
  let [squares, n, worst] = [0, 0, 0];
  for (const list of errors.values()) {
    const mean = list.reduce((s, v) => s + v, 0) / list.length;
    for (const v of list) {
      if (list.length < 2) continue;
      squares += (v - mean) ** 2;
      n++;
      worst = Math.max(worst, Math.abs(v - mean));
    }
  }
  return { rms: Math.sqrt(squares / n), worst };
}

describe('level solve', () => {
  it('matches panels chained by thin overlaps to a fraction of the noise of one node', () => {
    const s = session({ panels: [3, 3], subs: 3 });
    const solution = solveLevels(s.lists);
    const { rms, worst } = disagreement(s, solution.coefficients);
    expect(rms).toBeLessThan(0.4);
    expect(worst).toBeLessThan(2.5);
    expect(solution.converged).toBe(true);
    expect(solution.components).toBe(1);
    expect(solution.residualScale).toBeGreaterThan(0.9);
    expect(solution.residualScale).toBeLessThan(1.1);
    expect(solution.residualRms.every((v) => v > 1 && v < 2.5)).toBe(true);
  });

  it('is not moved by one node in twenty being wrong by hundreds of sigma', () => {
    const s = session({ panels: [3, 2], subs: 4, outliers: 0.05 });
    const solution = solveLevels(s.lists);
    expect(disagreement(s, solution.coefficients).rms).toBeLessThan(0.5);
    expect(solution.outlierFraction).toBeGreaterThan(0.04);
    expect(solution.outlierFraction).toBeLessThan(0.12);
  });

  it('with one frame a panel leans on thin overlaps alone', () => {
    const s = session({ panels: [3, 3], subs: 1, outliers: 0.02 });
    expect(disagreement(s, solveLevels(s.lists).coefficients).rms).toBeLessThan(0.8);
  });

  it('finds curvature when asked for order 2, and offsets alone for order 0', () => {
    const curved = session({ panels: [2, 1], subs: 5, curvature: 8 });
    expect(disagreement(curved, solveLevels(curved.lists, { order: 2 }).coefficients).rms).toBeLessThan(0.5);
    expect(disagreement(curved, solveLevels(curved.lists, { order: 1 }).coefficients).rms).toBeGreaterThan(1);
    const order0 = solveLevels(curved.lists, { order: 0 }).coefficients;
    expect(order0.every((v, i) => i % LEVEL_POLYNOMIAL_TERMS === 0 || v === 0)).toBe(true);
  });

  it('keeps what all frames have in common in the sky: mean offset 0, mean gradient near 0', () => {
    const s = session({ panels: [1, 1], subs: 8 });
    const { coefficients } = solveLevels(s.lists);
    const mean = (term: number) =>
      coefficients.reduce((sum, v, i) => sum + (i % LEVEL_POLYNOMIAL_TERMS === term ? v : 0), 0) / 8;
    expect(Math.abs(mean(0))).toBeLessThan(2);
    expect(Math.abs(mean(1))).toBeLessThan(2);
    expect(Math.abs(mean(2))).toBeLessThan(2);
  });

  it('sets a frame without overlap against the median level of all, and invents no gradient for it', () => {
    const s = session({ panels: [1, 1], subs: 6, noise: 0.5 });
    const n = 50;
    const lonely: FrameLevels = {
      node: Int32Array.from({ length: n }, (_, i) => 100_000 + i),
      level: new Float32Array(n).fill(5000),
      sigma: new Float32Array(n).fill(1),
      x: Float32Array.from({ length: n }, (_, i) => i / n - 0.5),
      y: new Float32Array(n),
    };
    const alone = solveLevels(s.lists);
    const solution = solveLevels([...s.lists, lonely]);
    const at = 6 * LEVEL_POLYNOMIAL_TERMS;
    expect(solution.islands).toEqual([6]);
    expect(solution.components).toBe(2);
    expect(solution.residualRms[6]).toBeNaN();
    // the group's own solution is not moved by the stranger
    for (let i = 0; i < at; i++) expect(solution.coefficients[i]).toBeCloseTo(alone.coefficients[i], 1);
    const groupMedians = s.lists.map((list, f) => {
      const corrected = Array.from(
        list.level,
        (v, i) => v - levelAt(solution.coefficients, f * LEVEL_POLYNOMIAL_TERMS, 6, list.x[i], list.y[i]),
      ).sort((a, b) => a - b);
      return corrected[corrected.length >> 1];
    });
    const target = groupMedians.sort((a, b) => a - b)[3];
    expect(Math.abs(5000 - solution.coefficients[at] - target)).toBeLessThan(3);
    expect(solution.coefficients[at + 1]).toBe(0);
  });

  it('takes a single frame, frames without any node, and nothing at all', () => {
    const [only] = session({ panels: [1, 1], subs: 1 }).lists;
    const single = solveLevels([only]);
    expect(single.coefficients.every((v) => v === 0)).toBe(true);
    expect(single.islands).toEqual([0]);
    const empty: FrameLevels = {
      node: new Int32Array(0),
      level: new Float32Array(0),
      sigma: new Float32Array(0),
      x: new Float32Array(0),
      y: new Float32Array(0),
    };
    expect(solveLevels([only, empty]).coefficients.every((v) => v === 0)).toBe(true);
    expect(solveLevels([]).coefficients).toHaveLength(0);
  });

  it('reproduces exact data, and leaves levels out that are not numbers', () => {
    const s = session({ panels: [2, 1], subs: 2, noise: 0 });
    s.lists[0].level[3] = NaN;
    s.lists[1].sigma[4] = 0;
    expect(disagreement(s, solveLevels(s.lists).coefficients).worst).toBeLessThan(0.01);
  });
});

describe('frames that agree exactly', () => {
  it.each([1, 2] as const)('get no surface of order %i: rounding fills no mode', (order) => {
    const copy = (): FrameLevels => {
      const indices = Array.from({ length: 20 }, (_, i) => i);
      return {
        node: Int32Array.from(indices),
        x: Float32Array.from(indices, (i) => (i % 5) / 2 - 1),
        y: Float32Array.from(indices, (i) => Math.floor(i / 5) / 3 - 0.5),
        level: Float32Array.from(indices, (i) => 100 + ((i * 7919) % 97) / 300),
        sigma: new Float32Array(20).fill(0.36),
      };
    };
    const { coefficients } = solveLevels([copy(), copy(), copy()], { order });
    for (const value of coefficients) expect(Math.abs(value)).toBeLessThan(1e-3);
  });
});

describe('a pair of frames with one overlap', () => {
  it('explains an offset by an offset: a gradient that both would share costs more', () => {
    const normal = seededNormal(4);
    const frame = (from: number, offset: number): FrameLevels => {
      const nodes = Array.from({ length: 6 * 4 }, (_, k) => [from + (k % 6), Math.floor(k / 6)]);
      return {
        node: Int32Array.from(nodes, ([x, y]) => 100 * y + x),
        level: Float32Array.from(nodes, ([x, y]) => nebula(x, y) + offset + normal()),
        sigma: new Float32Array(nodes.length).fill(1),
        x: Float32Array.from(nodes, ([x]) => (x - from - 2.5) / 3),
        y: Float32Array.from(nodes, ([, y]) => (y - 1.5) / 3),
      };
    };
    const { coefficients: c } = solveLevels([frame(0, 0), frame(3, 470)], { order: 1 });
    expect(c[6] - c[0]).toBeGreaterThan(465);
    expect(c[6] - c[0]).toBeLessThan(475);
    for (const gradient of [c[1], c[7]]) expect(Math.abs(gradient)).toBeLessThan(4);
  });
});

// The plane under a nebula: bright or faint, in the middle or at the edge, filling much of the field; and none where there is no sky.
import { describe, expect, it } from 'vitest';
import { fitSkyPlane } from '../../../src/photometry/levels/sky-plane.js';
import { seededNormal } from '../../helpers/kernel-runs.js';

const [NX, NY] = [33, 30];
const SCATTER = 2;
const x = Array.from({ length: NX * NY }, (_, i) => i % NX);
const y = Array.from({ length: NX * NY }, (_, i) => Math.floor(i / NX));

/** Sky of level 900 with gradients of 1.5 and -0.8 a node, lifted by `nebula`. */
function field(nebula: (x: number, y: number) => number, seed = 3): Float64Array {
  const normal = seededNormal(seed);
  return Float64Array.from(
    x,
    (_, i) => 900 + 1.5 * (x[i] - 16) - 0.8 * (y[i] - 14.5) + nebula(x[i], y[i]) + SCATTER * normal(),
  );
}

const cases: readonly (readonly [string, (x: number, y: number) => number])[] = [
  ['nothing', () => 0],
  ['a faint one in the middle', (i, j) => 20 * Math.exp(-((i - 15) ** 2 + (j - 12) ** 2) / 60)],
  [
    'a bright one that fills much of the field',
    (i, j) => 800 * Math.max(0, 1 - Math.hypot(i - 18, j - 13) / 13),
  ],
  ['a bright one at the edge', (i) => 500 * Math.max(0, (i - 20) / 12)],
  ['one in a corner, half of the field', (i, j) => 150 * Math.max(0, (i + j - 31) / 30)],
  ['patches everywhere', (i, j) => Math.max(0, 60 * Math.sin(i / 3.1) * Math.cos(j / 2.7))],
];

describe('the plane under', () => {
  it.each(cases)('%s', (_, nebula) => {
    const plane = fitSkyPlane(field(nebula), x, y, SCATTER);
    expect(plane.found).toBe(true);
    // A step of 2 ADU over the whole field at most: the scatter of one node.
    expect(Math.abs(plane.gradientX - 1.5) * NX).toBeLessThan(2);
    expect(Math.abs(plane.gradientY + 0.8) * NY).toBeLessThan(2);
  });

  it('a nebula without a gap is not found, and nothing is tilted', () => {
    const values = field((i, j) => 100 + 15 * i + 40 * Math.sin(j / 4) + 30 * Math.cos(i / 2));
    const plane = fitSkyPlane(values, x, y, SCATTER);
    expect(plane).toMatchObject({ found: false, gradientX: 0, gradientY: 0 });
  });

  it('a bay of sky in one corner does not tell the gradient', () => {
    const plane = fitSkyPlane(
      field((i, j) => 120 * Math.sqrt(Math.max(0, Math.hypot(i, j) - 9))),
      x,
      y,
      SCATTER,
    );
    expect(plane.found).toBe(false);
  });

  it('too few nodes, nodes on a line, and none at all have a level only', () => {
    const values = field(() => 0);
    const first = (count: number) =>
      fitSkyPlane(values.subarray(0, count), x.slice(0, count), y.slice(0, count), SCATTER);
    expect(first(NX)).toMatchObject({ found: false, gradientX: 0 });
    expect(first(5).level).toBeGreaterThan(850);
    expect(fitSkyPlane([], [], [], SCATTER)).toMatchObject({ found: false, level: 0 });
    expect(fitSkyPlane([NaN, 7], [0, 1], [0, 0], SCATTER).level).toBe(7);
  });
});

import { expect, it } from 'vitest';
import { AdjustSystem } from '../../../src/astrometry/adjust/adjust-system.js';
import { DISTORTION_TERMS, type Distortion } from '../../../src/astrometry/adjust/shared-distortion.js';
import type { SystemFrame, SystemNodes } from '../../../src/astrometry/adjust/system-types.js';
import { seededNormal } from '../../helpers/kernel-runs.js';
import { placedRows, type RowLists } from './placed-rows.js';

const [NODES, FRAMES, UNIT, RADIANS] = [60, 3, 1000, 1e-5];

/** Frames that show the same stars, about (1, 0, 0), each moved a little, through optics that bend them. */
function problem(): { rows: RowLists; nodes: SystemNodes; frames: SystemFrame[] } {
  const normal = seededNormal(3);
  const places = Array.from({ length: NODES }, () => [0.4 * normal(), 0.4 * normal()] as const);
  const links = NODES * FRAMES;
  const raw = Float32Array.from({ length: 2 * links }, (_, i) => {
    const [u, v] = places[(i >> 1) % NODES];
    const bent = (3 * u * u - 2 * u * v + 4 * v * v * v) / UNIT;
    return (i % 2 === 0 ? u + bent : v - bent) + (0.1 * normal() + Math.floor((i >> 1) / NODES)) / UNIT;
  });
  const along = (axis: 0 | 1) => Float64Array.from(places, (of) => of[axis] * UNIT * RADIANS);
  const every = (x: number, y: number, z: number) =>
    Float64Array.from({ length: 3 * NODES }, (_, i) => [x, y, z][i % 3]);
  return {
    rows: {
      start: Int32Array.from({ length: FRAMES + 1 }, (_, f) => NODES * f),
      node: Int32Array.from({ length: links }, (_, l) => l % NODES),
      ...{ base: raw, raw, weight: new Float32Array(links).fill(100) },
    },
    nodes: {
      axes: {
        ...{ x: new Float64Array(NODES).fill(1), y: along(0), z: along(1) },
        ...{ east: every(0, 1, 0), north: every(0, 0, 1) },
      },
      pull: Float64Array.from({ length: 2 * NODES }, () => 1e-6 * normal()),
      weight: new Float64Array(NODES).fill(1e12),
    },
    frames: Array.from({ length: FRAMES }, () => ({
      plane: Float64Array.of(...[1, 0, 0, 0, 1, 0, 0, 0, 1], ...[RADIANS, 0, 0, RADIANS, UNIT]),
      optics: 0,
      prior: { shift: 5, rotation: 5, scale: 1, shear: 1 },
      moved: Float64Array.from({ length: 6 }, () => 0.1 * normal()),
    })),
  };
}

const begin = (order: Distortion['order']): Distortion[] => [
  { order, terms: new Float64Array(DISTORTION_TERMS) },
];

it('distortions of all orders that are sought one after the other in one system come out as each does in its own', () => {
  const { rows, nodes, frames } = problem();
  const system = () => new AdjustSystem(placedRows(rows), nodes, frames, 1);
  const all = system();
  const sizes = ([1, 2, 3, 1] as const).map((order) => {
    const solution = all.solve(begin(order));
    expect(solution).toEqual(system().solve(begin(order)));
    return solution.residual.reduce((sum, v) => sum + v * v, 0);
  });
  // each order takes up what those below it leave
  expect(sizes[1]).toBeLessThan(0.7 * sizes[0]);
  expect(sizes[2]).toBeLessThan(0.7 * sizes[1]);
  expect(sizes[3]).toBe(sizes[0]);
});

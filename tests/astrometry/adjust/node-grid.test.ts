import { expect, it } from 'vitest';
import { NodeGrid } from '../../../src/astrometry/adjust/node-grid.js';

const REACH = 1e-4;
/** A direction `angle` radians beside the x axis. */
const beside = (angle: number) => [Math.cos(angle), Math.sin(angle), 0] as const;

it('The nearest star is the one within reach, and a direction that is none has none and is none', () => {
  const grid = new NodeGrid(REACH);
  const nowhere = [NaN, NaN, NaN] as const;
  grid.add(...nowhere);
  const first = grid.add(...beside(0));
  const second = grid.add(...beside(0.9 * REACH));
  expect(grid.nearest(...beside(0.2 * REACH), REACH)).toBe(first);
  expect(grid.nearest(...beside(0.8 * REACH), REACH)).toBe(second);
  expect(grid.nearest(...beside(2.5 * REACH), REACH)).toBe(-1);
  expect(grid.nearest(...nowhere, REACH)).toBe(-1);
});

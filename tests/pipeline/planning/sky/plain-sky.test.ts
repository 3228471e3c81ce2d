// Plain sky of groups of frames: each group shows its own, whatever its level beside the others'; what one group alone shows holds nothing.
import { expect, it } from 'vitest';
import {
  isOneLevel,
  levelNodes,
  plainByGroup,
  plainNodes,
  widelyOverlapping,
} from '../../../../src/pipeline/planning/sky/plain-sky.js';
import { BLOCK_SIZE } from '../../../../src/compute/constants.js';
import type { FrameLevels } from '../../../../src/photometry/levels/level-observations.js';
import { levelCoordinates } from '../../../../src/pipeline/integrate/windows/integration-frame.js';
import type { GridFrame } from '../../../../src/pipeline/planning/grid/output-grid.js';
import type { PartNodes } from '../../../../src/pipeline/planning/sky/sky-nodes.js';
import { seededNormal } from '../../../helpers/kernel-runs.js';

const [ROWS, COLUMNS, SCATTER] = [16, 12, 2];

/** Two panels of nodes side by side, in each of two channels: a level each, and a nebula above the lowest rows. */
function panels(levels: readonly number[], plainRows: readonly number[]): PartNodes {
  const normal = seededNormal(8);
  const node = Int32Array.from({ length: 2 * ROWS * COLUMNS }, (_, n) => n);
  const x = Float64Array.from(node, (n) => n % (2 * COLUMNS));
  const y = Float64Array.from(node, (n) => Math.floor(n / (2 * COLUMNS)));
  const values = [1, 0.3].map((share) =>
    Float64Array.from(node, (n) => {
      const panel = x[n] < COLUMNS ? 0 : 1;
      const above = Math.max(0, y[n] + 1 - plainRows[panel]);
      return levels[panel] + share * 40 * above + SCATTER * normal();
    }),
  );
  return { node, values, scatter: [SCATTER, SCATTER], x, y };
}
const groupOf = Int32Array.from({ length: 2 * ROWS * COLUMNS }, (_, n) =>
  n % (2 * COLUMNS) < COLUMNS ? 0 : 1,
);

it('is found in each, where over both it is not', () => {
  const sky = panels([900, 960], [3, 4]);
  expect(plainNodes(sky)).toBeUndefined();
  const { at } = plainByGroup(sky, groupOf, levelNodes)!;
  const rows = (left: boolean) => at.filter((i) => sky.x[i] < COLUMNS === left).map((i) => sky.y[i]);
  expect(Math.max(...rows(true))).toBe(2);
  expect(Math.max(...rows(false))).toBe(3);
  expect(at.length).toBeGreaterThan(0.9 * 7 * COLUMNS);
});

it('is of one level only where the groups have come to one', () => {
  const seen = plainByGroup(panels([900, 960], [3, 4]), groupOf, levelNodes)!;
  expect(isOneLevel(panels([900, 960], [3, 4]), seen)).toBe(false);
  expect(isOneLevel(panels([930, 930], [3, 4]), seen)).toBe(true);
});

it('is of one level only where each group has come to it, be it one of many', () => {
  const sky = panels([930, 930], [16, 16]);
  const seen = plainByGroup(sky, groupOf, plainNodes)!;
  const few = seen.groups[1].slice(0, 30);
  const groups = [seen.groups[0], few];
  const at = groups.flat();
  expect(isOneLevel(sky, { ...seen, at, groups })).toBe(true);
  for (const i of few) sky.values[0][i] += 10;
  expect(isOneLevel(sky, { ...seen, at, groups })).toBe(false);
});

it('is asked where frames overlap by no more than the outermost cells of their meshes', () => {
  const [nx, ny] = [10 * BLOCK_SIZE, 8 * BLOCK_SIZE];
  const frame = { nx, ny } as GridFrame;
  const { centreX, centreY, invScale } = levelCoordinates(nx, ny);
  const sees = (column: number): FrameLevels => {
    const node = Int32Array.from({ length: 80 }, (_, k) => Math.floor(k / 10) * 100 + (k % 10) + column);
    const place = (k: number) => k * BLOCK_SIZE + (BLOCK_SIZE - 1) / 2;
    return {
      node,
      level: new Float32Array(80).fill(900),
      sigma: new Float32Array(80).fill(1),
      x: Float32Array.from(node, (_, k) => (place(k % 10) - centreX) * invScale),
      y: Float32Array.from(node, (_, k) => (place(Math.floor(k / 10)) - centreY) * invScale),
    };
  };
  expect([...widelyOverlapping([frame, frame], [sees(0), sees(8)])]).toEqual([0, 1]);
  expect([...widelyOverlapping([frame, frame], [sees(0), sees(7)])]).toEqual([0, 0]);
});

it('needs two groups', () => {
  const sky = panels([900, 960], [3, 0]);
  // The right panel's nebula is even to no more than a row of it.
  expect(plainByGroup(sky, groupOf, levelNodes)).toBeUndefined();
  expect(
    plainByGroup(
      panels([900, 960], [16, 16]),
      groupOf.map(() => 0),
      plainNodes,
    ),
  ).toBeUndefined();
});

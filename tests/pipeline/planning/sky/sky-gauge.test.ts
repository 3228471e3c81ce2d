// The gauge adds one plane over the sky to all frames: what they differ by stays, whatever their rotation and scale, and parts come to one level.
import { expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { BLOCK_SIZE } from '../../../../src/compute/constants.js';
import type { FrameLevels } from '../../../../src/photometry/levels/level-observations.js';
import { levelAt } from '../../../../src/photometry/levels/level-polynomial.js';
import { solveLevels } from '../../../../src/photometry/levels/level-solve.js';
import { levelCoordinates } from '../../../../src/pipeline/integrate/windows/integration-frame.js';
import type { OutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';
import { fixSkyGauge } from '../../../../src/pipeline/planning/sky/sky-gauge.js';
import { seededNormal } from '../../../helpers/kernel-runs.js';

const SCALE = 2.4 / 3600;
const tan = (ra: number, dec: number, nx: number, ny: number, angle: number) => {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return makeTanWcs({
    crval: [ra, dec],
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-SCALE * cos, SCALE * sin, SCALE * sin, SCALE * cos],
    shape: [nx, ny],
  });
};
const [NX, NY] = [40 * BLOCK_SIZE, 20 * BLOCK_SIZE];
const grid = { nx: NX, ny: NY, wcs: tan(80, 30, NX, NY, 0), scaleArcsec: 2.4 } as OutputGrid;
/** Sky in ADU over the grid's blocks: a gradient, and a bright nebula at the left. */
const sky = (bx: number, by: number) =>
  700 + 2 * bx - by + 300 * Math.max(0, 1 - Math.hypot(bx - 6, by - 9) / 6);

const frameAt = (dRa: number, angle: number) => ({
  wcs: tan(80 + dRa, 30, 1200, 1000, angle),
  nx: 1200,
  ny: 1000,
});
type Frame = ReturnType<typeof frameAt>;

/** What a frame saw of the sky, with a level of its own. */
function levelsOf(frame: Frame, own: number, seed: number): FrameLevels {
  const normal = seededNormal(seed);
  const { centreX, centreY, invScale } = levelCoordinates(frame.nx, frame.ny);
  const [node, level, x, y]: number[][] = [[], [], [], []];
  for (let id = 0; id < 40 * 20; id++) {
    const [bx, by] = [id % 40, Math.floor(id / 40)];
    const at = grid.wcs.pixelToSky(
      bx * BLOCK_SIZE + (BLOCK_SIZE + 1) / 2,
      by * BLOCK_SIZE + (BLOCK_SIZE + 1) / 2,
    )!;
    const p = frame.wcs.skyToPixel(...at);
    if (!p || p[0] < 1 || p[1] < 1 || p[0] > frame.nx || p[1] > frame.ny) continue;
    node.push(id);
    level.push(sky(bx, by) + own + 0.5 * normal());
    x.push((p[0] - 1 - centreX) * invScale);
    y.push((p[1] - 1 - centreY) * invScale);
  }
  return {
    node: Int32Array.from(node),
    level: Float32Array.from(level),
    sigma: new Float32Array(node.length).fill(0.5),
    x: Float32Array.from(x),
    y: Float32Array.from(y),
  };
}

/** Sky of the mosaic per node: level less surface, mean over the frames. */
function mosaicSky(lists: readonly FrameLevels[], coefficients: Float64Array): Map<number, number[]> {
  const values = new Map<number, number[]>();
  lists.forEach(({ node, level, x, y }, f) => {
    node.forEach((id, i) => {
      const value = level[i] - levelAt(coefficients, 6 * f, 6, x[i], y[i]);
      values.set(id, [...(values.get(id) ?? []), value]);
    });
  });
  return values;
}

it('flattens the plain sky, leaves nebula and agreement between frames', () => {
  const frames = [-0.6, -0.35, -0.05, 0.2, 0.45].map((dRa, k) => frameAt(dRa, 0.3 * k));
  const lists = frames.map((frame, f) => levelsOf(frame, 40 * f, f));
  const solution = solveLevels(lists);
  const before = mosaicSky(lists, solution.coefficients);
  const [[gauge, ...others]] = fixSkyGauge(grid, frames, [lists], [solution], 1);
  expect(others).toEqual([]);
  expect(gauge.evidence).toBe('plain_sky');
  const after = mosaicSky(lists, solution.coefficients);
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  const plain: number[] = [];
  for (const [id, values] of after) {
    const [bx, by] = [id % 40, Math.floor(id / 40)];
    if (Math.hypot(bx - 6, by - 9) > 6.5) plain.push(mean(values));
    // Frames differ after the gauge by what they differed before.
    const [a, b] = [values, before.get(id)!].map((v) => v.map((value) => value - mean(v)));
    a.forEach((value, k) => expect(Math.abs(value - b[k])).toBeLessThan(0.05));
  }
  const level = mean(plain);
  expect(Math.max(...plain.map((v) => Math.abs(v - level)))).toBeLessThan(4);
  const peak = mean(after.get(9 * 40 + 6) ?? []) - level;
  expect(Math.abs(peak / 300 - 1)).toBeLessThan(0.02);
});

it('leaves the gradient where that is asked for, and brings islands to one level', () => {
  const frames = [frameAt(-0.55, 0), frameAt(-0.5, 0.2), frameAt(0.5, 0), frameAt(0.55, 0.1)];
  const lists = frames.map((frame, f) => levelsOf(frame, f < 2 ? 0 : 500, f));
  const kept = solveLevels(lists);
  const slopes = Array.from(kept.coefficients);
  const [gauges] = fixSkyGauge(grid, frames, [lists], [kept], 0);
  expect(gauges).toHaveLength(2);
  kept.coefficients.forEach((c, k) => {
    if (k % 6 > 0) expect(c).toBe(slopes[k]);
  });
  const flat = solveLevels(lists);
  fixSkyGauge(grid, frames, [lists], [flat], 1);
  const after = mosaicSky(lists, flat.coefficients);
  const plain = [...after].filter(([id]) => Math.hypot((id % 40) - 6, Math.floor(id / 40) - 9) > 6.5);
  const values = plain.map(([, v]) => v.reduce((a, b) => a + b, 0) / v.length);
  expect(Math.max(...values) - Math.min(...values)).toBeLessThan(8);
});

it('has nothing to set for a frame of which no sky was measured', () => {
  const frames = [frameAt(-0.05, 0), frameAt(0, 0.2), frameAt(0.05, 0)];
  const nothing = new Float32Array(0);
  const none = { node: new Int32Array(0), level: nothing, sigma: nothing, x: nothing, y: nothing };
  const lists = [levelsOf(frames[0], 0, 0), levelsOf(frames[1], 0, 1), none];
  const solution = solveLevels(lists);
  const [gauges] = fixSkyGauge(grid, frames, [lists], [solution], 1);
  expect(solution.components).toBe(2);
  expect(gauges.map(({ levelEvidence }) => levelEvidence).sort()).toEqual(['no_sky', 'overlaps']);
});

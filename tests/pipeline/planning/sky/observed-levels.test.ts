// What frames saw of the nodes, in WebAssembly, is what the plain definitions of places and meshes say.
import { expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { BLOCK_SIZE } from '../../../../src/compute/constants.js';
import { cellCount, sampleGrid, type LevelGrid } from '../../../../src/photometry/background/level-grid.js';
import { levelAt } from '../../../../src/photometry/levels/level-polynomial.js';
import { levelCoordinates } from '../../../../src/pipeline/integrate/windows/integration-frame.js';
import { observedLevels, type LevelFrame } from '../../../../src/pipeline/planning/sky/observed-levels.js';
import type { OutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';
import { sharedPasses } from '../../../../src/simd/sample-passes.js';
import { seededRandom } from '../../../helpers/kernel-runs.js';

const SCALE = 2.4 / 3600;
const tan = (ra: number, nx: number, ny: number, angle: number) => {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return makeTanWcs({
    crval: [ra, 30],
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-SCALE * cos, SCALE * sin, SCALE * sin, SCALE * cos],
    shape: [nx, ny],
  });
};
const [BX, BY] = [30, 20];
const grid = {
  ...{ nx: BX * BLOCK_SIZE, ny: BY * BLOCK_SIZE, scaleArcsec: 2.4 },
  wcs: tan(80, BX * BLOCK_SIZE, BY * BLOCK_SIZE, 0),
} as OutputGrid;

function meshOf(width: number, height: number, seed: number): LevelGrid {
  const random = seededRandom(seed);
  const [nx, ny] = [cellCount(width, 64), cellCount(height, 64)];
  const floats = () => Float32Array.from({ length: nx * ny }, () => 1 + random());
  const noise = [floats(), floats()];
  // two columns without noise: what lies between them tells nothing
  if (nx > 4) for (let j = 0; j < ny; j++) noise[1].fill(0, j * nx + 3, j * nx + 5);
  return { nx, ny, stepPx: 64, width, height, level: [floats(), floats()], noise };
}

function frameAt(
  dRa: number,
  angle: number,
  [nx, ny]: readonly [number, number],
  more: Partial<LevelFrame> = {},
) {
  const spans = Int32Array.from({ length: 2 * BY }, (_, i) => (i % 2 === 0 ? 1 : BX - 2));
  return {
    ...{ wcs: tan(80 + dRa, nx, ny, angle), nx, ny, spans: { firstRow: 0, spans } },
    ...{ grid: meshOf(nx, ny, nx), gains: [1.25, 0.8] },
    ...more,
  } satisfies LevelFrame;
}

it('levels, sigmas and places, of nodes that lie in a frame, show sky, and are known in all channels', () => {
  const terms = Float64Array.of(3, 2, -1, 0.5, 0.25, -2);
  const frames: LevelFrame[] = [
    frameAt(0, 0.3, [1000, 700]),
    frameAt(0.1, 0, [640, 90], { covers: (x, y) => (x + y) % 3 < 2 }),
    frameAt(-0.1, -1, [50, 900], {
      held: [0, 1].map((c) => ({ gain: 1, terms: terms.map((v) => v * (c + 1)) })),
    }),
  ];
  const observed = observedLevels(grid, frames);
  let unknown = 0;
  frames.forEach((frame, f) => {
    const expected: { node: number; level: number[]; sigma: number[]; x: number; y: number }[] = [];
    const { centreX, centreY, invScale } = levelCoordinates(frame.nx, frame.ny);
    for (let row = 0; row < BY; row++)
      for (let b = 1; b <= BX - 2; b++) {
        const place = (k: number) => k * BLOCK_SIZE + (BLOCK_SIZE + 1) / 2;
        const sky = grid.wcs.pixelToSky(place(b), place(row))!;
        const at = frame.wcs.skyToPixel(sky[0], sky[1])!;
        if (!(at[0] >= 1 && at[1] >= 1 && at[0] <= frame.nx && at[1] <= frame.ny)) continue;
        const [px, py] = [at[0] - 1, at[1] - 1];
        if (frame.covers && !frame.covers(px, py)) continue;
        const [x, y] = [Math.fround((px - centreX) * invScale), Math.fround((py - centreY) * invScale)];
        const sigma = [0, 1].map(
          (c) => (frame.gains[c] / 64) * sampleGrid(frame.grid, frame.grid.noise[c], px, py),
        );
        const level = [0, 1].map(
          (c) =>
            frame.gains[c] * sampleGrid(frame.grid, frame.grid.level[c], px, py) -
            (frame.held ? frame.gains[c] * levelAt(frame.held[c].terms, 0, 6, x, y) : 0),
        );
        if (!sigma.every((s) => s > 0)) {
          level.fill(NaN);
          unknown++;
        }
        expected.push({ node: row * BX + b, level, sigma, x, y });
      }
    expect(expected.length).toBeGreaterThan(3);
    [0, 1].forEach((c) => {
      const { node, level, sigma, x, y } = observed[c][f];
      expect([...node]).toEqual(expected.map((of) => of.node));
      const near = (values: Float32Array, wanted: number[]) =>
        wanted.forEach((v, i) =>
          Number.isNaN(v) ? expect(values[i]).toBeNaN() : expect(values[i]).toBeCloseTo(v, 5),
        );
      near(
        level,
        expected.map((of) => of.level[c]),
      );
      near(
        sigma,
        expected.map((of) => of.sigma[c]),
      );
      near(
        x,
        expected.map((of) => of.x),
      );
      near(
        y,
        expected.map((of) => of.y),
      );
    });
  });
  expect(unknown).toBeGreaterThan(0);
});

it('nodes of very many observations are thinned: every third block along both axes', () => {
  const memory = sharedPasses();
  const spans = [2, 7, 3, 9, 0, 9, 9, 9, 5, 4, 1, 2, 4, 6];
  const [given, node] = [memory.take(4 * spans.length), memory.take(400)];
  const [x, y] = [memory.take(800), memory.take(800)];
  new Int32Array(memory.buffer, given, spans.length).set(spans);
  const list = (...out: [number, number, number]) =>
    memory.passes.nodesOfSpans(given, 2, spans.length / 2, 3, 10, 8, ...out);
  // rows 3, 6 of those from 2 to 8
  const numbers = [33, 36, 39];
  expect(list(0, 0, 0)).toBe(numbers.length);
  expect(list(node, x, y)).toBe(numbers.length);
  expect([...new Int32Array(memory.buffer, node, 3)]).toEqual(numbers);
  expect([...new Float64Array(memory.buffer, x, 3)]).toEqual(numbers.map((n) => (n % 10) * 8 + 4.5));
  expect([...new Float64Array(memory.buffer, y, 3)]).toEqual(numbers.map(() => 3 * 8 + 4.5));
});

// Stacks blended window by window: no window shows, and what levels nothing has matched go over into each other.
import { expect, test } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import type { Memmap } from '../../src/cleanup/memmap.js';
import type { Workspace } from '../../src/cleanup/workspace.js';
import { memoryCanvas } from '../../src/pipeline/canvas/canvas.js';
import { blendStacks } from '../../src/pipeline/phases/blend-stacks.js';
import type { MosaicPlan } from '../../src/pipeline/planning/mosaic-plan.js';
import type { StackTile } from '../../src/pipeline/tiles/master-tiles.js';

/** Wider than a window. */
const [nx, ny] = [2900, 96];
const OFFSETS = [25, -15, 10];
const EXTENTS = [
  [0, 1100],
  [900, 2500],
  [2250, nx],
];
const scene = (x: number, y: number) =>
  800 + 30 * Math.sin(x / 90) + 10 * Math.cos(y / 40) + (x % 64 === 32 && y % 32 === 16 ? 2000 : 0);

/** An array where there would be one on the disk. */
function workspace(): Pick<Workspace, 'createMemmap'> {
  return {
    createMemmap({ planes = 1, ...size }) {
      const data = memoryCanvas(size.nx, size.ny, 1);
      const memmap = {
        ...{ nx: size.nx, ny: size.ny, planes },
        writeRegion: (
          region: { x0: number; y0: number; width: number; height: number },
          values: Float32Array,
        ) => data.write(region, values),
        readRegion: (region: { x0: number; y0: number; width: number; height: number }, out: Float32Array) =>
          data.readRegion(0, region, out),
      };
      return Promise.resolve(memmap as unknown as Memmap);
    },
  };
}

async function stack(first: number, end: number, offset: number): Promise<StackTile> {
  const window = { x0: first, y0: 0, width: end - first, height: ny };
  const make = async (value: (x: number, y: number) => number) => {
    const canvas = memoryCanvas(window.width, ny, 1);
    const data = Float32Array.from({ length: window.width * ny }, (_, k) =>
      value(first + (k % window.width), Math.floor(k / window.width)),
    );
    await canvas.write({ ...window, x0: 0 }, data);
    return canvas;
  };
  return {
    name: 'stack',
    frames: [],
    window,
    canvases: {
      mosaic: await make((x, y) => scene(x, y) + offset),
      weight: await make(() => 0.25),
      coverage: await make(() => 8),
      discard: () => Promise.resolve(),
    },
  };
}

test('three stacks of unlike levels become one even strip, stars and all', async () => {
  const stacks = await Promise.all(EXTENTS.map(([first, end], k) => stack(first, end, OFFSETS[k])));
  const wcs = makeTanWcs({ crval: [0, 0], crpix: [1, 1], cd: [-1e-3, 0, 0, 1e-3] });
  const plan = { grid: { nx, ny, wcs }, planes: 1 } as unknown as MosaicPlan;
  const blended = await blendStacks(workspace() as Workspace, plan, stacks, 64, new AbortController().signal);
  const out = new Float32Array(nx * ny);
  await blended.readRows(0, 0, ny, out);
  const error = (x: number, y: number) => out[y * nx + x] - scene(x, y);
  let steepest = 0;
  for (let y = 0; y < ny; y++)
    for (let x = 1; x < nx; x++) steepest = Math.max(steepest, Math.abs(error(x, y) - error(x - 1, y)));
  // the plain mean steps by 20 and 12.5
  expect(steepest).toBeLessThan(1.2);
  for (const [k, x] of [500, 1700, 2750].entries())
    expect(Math.abs(error(x, 50) - OFFSETS[k])).toBeLessThan(0.5);
});

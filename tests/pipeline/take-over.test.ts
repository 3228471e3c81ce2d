import { expect, it } from 'vitest';
import { memoryCanvas, mosaicSource } from '../../src/pipeline/canvas/canvas.js';
import { writtenBlocks } from '../../src/pipeline/canvas/written-blocks.js';
import type { BaseMosaic } from '../../src/pipeline/incremental/base-mosaic.js';
import { takeOver } from '../../src/pipeline/incremental/take-over.js';
import type { CellRect } from '../../src/pipeline/planning/grid/pixel-map.js';

it('a canvas that has grown is blank beyond the mosaic that it has taken over, in the blocks that hold both too', async () => {
  const [nx, ny] = [200, 190];
  const all = { x0: 64, y0: 0, width: 70, height: 100 };
  const base = {
    rect: all,
    read: ({ width, height }: CellRect) => {
      const pixels = width * height;
      return Promise.resolve({
        mean: new Float32Array(pixels).fill(5),
        weight: new Float32Array(pixels).fill(1),
        coverage: new Float32Array(pixels).fill(3),
      });
    },
  };
  const [mosaic, weight, coverage] = [0, 1, 2].map(() => memoryCanvas(nx, ny, 1));
  await takeOver(base as unknown as BaseMosaic, { mosaic, weight, coverage });
  const written = await writtenBlocks(mosaic, weight);
  expect([...written.marks]).toEqual([0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
  const out = new Float32Array(nx * ny);
  await mosaicSource({ ...mosaic, written }, weight).readRows(0, 0, ny, out);
  const inside = (i: number) => i % nx >= 64 && i % nx < 134 && i < 100 * nx;
  expect(out.findIndex((value, i) => (inside(i) ? value !== 5 : !Number.isNaN(value)))).toBe(-1);
});

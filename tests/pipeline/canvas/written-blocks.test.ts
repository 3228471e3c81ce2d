import { expect, it } from 'vitest';
import { memoryCanvas, mosaicSource } from '../../../src/pipeline/canvas/canvas.js';
import { blankUnwritten, writtenBlocks } from '../../../src/pipeline/canvas/written-blocks.js';

const [NX, NY, PLANES] = [150, 100, 2];

/** All but the second block of the first row and the last of the second, which is narrower and lower than others. */
async function canvases(corners = WRITTEN) {
  const [mosaic, weight] = [0, 1].map(() => memoryCanvas(NX, NY, PLANES));
  for (const [x0, y0] of corners) {
    const rect = { x0, y0, width: Math.min(64, NX - x0), height: Math.min(64, NY - y0) };
    const pixels = rect.width * rect.height;
    for (let plane = 0; plane < PLANES; plane++) {
      // a level of 0 that was measured, one that was not, and others
      const values = Float32Array.from({ length: pixels }, (_, i) =>
        i % 5 === 0 ? 0 : i % 5 === 1 ? NaN : i,
      );
      await mosaic.writePlane(plane, rect, values);
      await weight.writePlane(
        plane,
        rect,
        values.map((v) => (Number.isNaN(v) ? 0 : 2)),
      );
    }
  }
  return { mosaic, weight };
}

const WRITTEN = [
  [0, 0],
  [128, 0],
  [0, 64],
  [64, 64],
];
const ALL = [...WRITTEN, [64, 0], [128, 64]];

it('tells blocks that are written from those that are not, whose first pixel may be 0', async () => {
  const { mosaic, weight } = await canvases();
  const { marks, columns, areAll } = await writtenBlocks(mosaic, weight);
  expect([[...marks], columns, areAll]).toEqual([[1, 0, 1, 1, 1, 0], 3, false]);
  const whole = await canvases(ALL);
  expect((await writtenBlocks(whole.mosaic, whole.weight)).areAll).toBe(true);
});

it('a mosaic is blank where no cell has written and nowhere else, without a look at its weights', async () => {
  const { mosaic, weight } = await canvases();
  const wanted = mosaicSource(mosaic, weight);
  const unseen = { ...weight, readRegion: () => Promise.reject(new Error('a look')) };
  const source = mosaicSource({ ...mosaic, written: await writtenBlocks(mosaic, weight) }, unseen);
  for (const region of [
    { x0: 0, y0: 0, width: NX, height: NY },
    { x0: 63, y0: 1, width: 66, height: 64 },
    { x0: 64, y0: 63, width: 64, height: 1 },
    { x0: 149, y0: 64, width: 1, height: 36 },
  ]) {
    for (let plane = 0; plane < PLANES; plane++) {
      const [a, b] = [0, 1].map(() => new Float32Array(region.width * region.height + 1).fill(99));
      await wanted.readRegion!(plane, region, a);
      await source.readRegion!(plane, region, b);
      expect(b).toEqual(a);
    }
  }
  expect(source.view).toBeUndefined();
});

it('a mosaic in memory is read where it lies if all of it is written', async () => {
  const { mosaic, weight } = await canvases(ALL);
  const source = mosaicSource({ ...mosaic, written: await writtenBlocks(mosaic, weight) }, weight);
  expect(source.view!(1)).toEqual(mosaic.view!(1));
});

it('fills no more than the region', () => {
  const out = new Float32Array(12).fill(1);
  const written = { marks: Uint8Array.of(0, 1), columns: 2, areAll: false };
  blankUnwritten(written, { x0: 62, y0: 5, width: 4, height: 2 }, out);
  expect([...out]).toEqual([NaN, NaN, 1, 1, NaN, NaN, 1, 1, 1, 1, 1, 1]);
});

import { expect, it } from 'vitest';
import { memoryCanvas, mosaicSource } from '../../../src/pipeline/canvas/canvas.js';
import { blankUnwritten } from '../../../src/pipeline/canvas/unwritten-blocks.js';

const [NX, NY, PLANES] = [150, 100, 2];

/** All but the second block of the first row and the last of the second, which is narrower and lower than others. */
async function written() {
  const [mosaic, weight] = [0, 1].map(() => memoryCanvas(NX, NY, PLANES));
  for (const [x0, y0] of [
    [0, 0],
    [128, 0],
    [0, 64],
    [64, 64],
  ]) {
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

it('makes what no cell has written NaN, and nothing else, so that the mosaic is read where it lies', async () => {
  const { mosaic, weight } = await written();
  const wanted = mosaicSource(mosaic, weight);
  const rows = async (source: typeof wanted) => {
    const all = Array.from({ length: PLANES }, () => new Float32Array(NX * NY));
    for (const [plane, out] of all.entries()) await source.readRows(plane, 0, NY, out);
    return all;
  };
  const before = await rows(wanted);
  expect(wanted.view).toBeUndefined();
  const whole = blankUnwritten(mosaic, weight)!;
  const source = mosaicSource(whole, weight);
  expect(await rows(source)).toEqual(before);
  expect(Array.from({ length: PLANES }, (_, plane) => source.view!(plane))).toEqual(before);
  expect(before[1].filter((v) => v === 0).length).toBeGreaterThan(1000);
});

it('leaves alone what lies in files', () => {
  const [mosaic, weight] = [0, 1].map(() => memoryCanvas(NX, NY, PLANES));
  expect(blankUnwritten({ ...mosaic, view: undefined }, weight)).toBeUndefined();
});

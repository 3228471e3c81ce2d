import { expect, test } from 'vitest';
import { binnedSource } from '../../../src/output/sources/binned-source.js';
import { inTurn } from '../../../src/output/sources/in-turn.js';
import { productValues } from '../../../src/pipeline/canvas/finished-canvases.js';
import { writtenBlocks } from '../../../src/pipeline/canvas/written-blocks.js';
import { memoryCanvas, mosaicSource, uncertaintySource } from '../../../src/pipeline/canvas/canvas.js';

const whole = { x0: 0, y0: 0, width: 2, height: 1 };

test('a mosaic is blank where no cell wrote, where a cell wrote blanks, and nowhere else', async () => {
  const mosaic = memoryCanvas(2, 4, 1);
  const weight = memoryCanvas(2, 4, 1);
  // Row 0: values. Row 1: a blank and a true zero. Row 2: nothing was written. Row 3: values.
  await mosaic.write(whole, Float32Array.of(5, -3));
  await weight.write(whole, Float32Array.of(1, 1));
  await mosaic.write({ ...whole, y0: 1 }, Float32Array.of(NaN, 0));
  await weight.write({ ...whole, y0: 1 }, Float32Array.of(0, 2));
  await mosaic.write({ ...whole, y0: 3 }, Float32Array.of(7, 8));
  await weight.write({ ...whole, y0: 3 }, Float32Array.of(1, 1));
  const source = mosaicSource(mosaic, weight);
  const out = new Float32Array(10).fill(99);
  await source.readRows(0, 0, 4, out);
  expect([...out]).toEqual([5, -3, NaN, 0, NaN, NaN, 7, 8, 99, 99]);
  await source.readRows(0, 3, 1, out);
  expect([...out.subarray(0, 3)]).toEqual([7, 8, NaN]);
});

test('a mosaic lies ready where its canvas does, as does a window of it, and not bins of it', async () => {
  const [mosaic, weight] = [memoryCanvas(8, 8, 1), memoryCanvas(8, 8, 1)];
  const window = { x0: 0, y0: 0, width: 4, height: 6 };
  const written = await writtenBlocks(mosaic, weight);
  for (const source of [mosaicSource(mosaic, weight), mosaicSource({ ...mosaic, written }, weight)]) {
    expect(source.isStored).toBe(true);
    expect(inTurn(productValues(source, window, 1)).isStored).toBe(true);
    expect(productValues(source, window, 2).isStored).toBeFalsy();
  }
  expect(uncertaintySource(weight).isStored).toBeFalsy();
});

test('uncertainty is 1/sqrt(weight), more for a median of several samples, blank without weight', async () => {
  const weight = memoryCanvas(2, 1, 1);
  const coverage = memoryCanvas(2, 1, 1);
  await weight.write(whole, Float32Array.of(4, 0));
  await coverage.write(whole, Float32Array.of(3, 0));
  const out = new Float32Array(2);
  await uncertaintySource(weight).readRows(0, 0, 1, out);
  expect([...out]).toEqual([0.5, NaN]);
  await uncertaintySource(weight, coverage).readRows(0, 0, 1, out);
  expect(out[0]).toBeCloseTo(0.5 * Math.sqrt(1.346), 5);
  expect(out[1]).toBeNaN();
});

test('reads beside each other, as products are written, do not take of each other', async () => {
  const canvases = [0, 4, 3].map(() => memoryCanvas(2, 4, 1));
  const lower = { x0: 0, y0: 2, width: 2, height: 2 };
  for (const [k, value] of [0, 4, 3].entries())
    await canvases[k].write(lower, new Float32Array(4).fill(value));
  const [mosaic, weight, counts] = canvases;
  const sources = [mosaicSource(mosaic, weight), uncertaintySource(weight, counts)];
  for (const source of [...sources, ...sources.map((of) => binnedSource(of, 2, { kind: 'sum' }))]) {
    const height = source.ny;
    const alone = [0, height - 1].map(() => new Float32Array(source.nx));
    await source.readRows(0, 0, 1, alone[0]);
    await source.readRows(0, height - 1, 1, alone[1]);
    const beside = alone.map(() => new Float32Array(source.nx));
    await Promise.all([source.readRows(0, 0, 1, beside[0]), source.readRows(0, height - 1, 1, beside[1])]);
    expect(beside).toEqual(alone);
  }
});

test('in memory is shared memory, which V8 does not collect for', () => {
  expect(memoryCanvas(2, 4, 3).view?.(2).buffer).toBeInstanceOf(SharedArrayBuffer);
});

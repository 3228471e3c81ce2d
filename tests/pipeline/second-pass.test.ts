import { expect, test } from 'vitest';
import { memoryCanvas, mosaicSource } from '../../src/pipeline/canvas/canvas.js';
import { correctedCanvas } from '../../src/pipeline/phases/second-pass.js';

test('what is taken off is taken off wherever the mosaic is read, and what no cell has written stays 0', async () => {
  const canvas = memoryCanvas(6, 4, 2);
  const rect = { x0: 1, y0: 1, width: 4, height: 2 };
  await canvas.write(
    rect,
    Float32Array.from({ length: 16 }, (_, i) => (i === 5 ? NaN : 100 + i)),
  );
  const isFrame = (x: number, y: number) => x >= 1 && x < 5 && y >= 1 && y < 3;
  const surface = {
    row: (y: number, out: Float64Array) => out.forEach((_, x) => (out[x] = isFrame(x, y) ? 10 * y + x : 0)),
  };
  const corrected = correctedCanvas(canvas, [surface, undefined]);
  const [rows, region] = [new Float32Array(24), new Float32Array(6)];
  await corrected.readRows(0, 0, 4, rows);
  await corrected.readRegion(0, { x0: 2, y0: 1, width: 3, height: 2 }, region);
  expect([...rows.subarray(6, 12)]).toEqual([0, 100 - 11, 101 - 12, 102 - 13, 103 - 14, 0]);
  expect([...region]).toEqual([101 - 12, 102 - 13, 103 - 14, NaN, 106 - 23, 107 - 24]);
  expect([...rows.subarray(18)]).toEqual([0, 0, 0, 0, 0, 0]);
  await corrected.readRows(1, 1, 1, rows);
  expect([...rows.subarray(0, 6)]).toEqual([0, 108, 109, 110, 111, 0]);
});

test('what is taken off is missing from the files of a mosaic in memory too, which are written without a copy of it', async () => {
  const canvas = memoryCanvas(3, 2, 1);
  await canvas.write({ x0: 0, y0: 0, width: 3, height: 2 }, new Float32Array(6).fill(100));
  const surface = { row: (_: number, out: Float64Array) => out.fill(7) };
  const written = { marks: Uint8Array.of(1), columns: 1, areAll: true };
  const whole = correctedCanvas({ ...canvas, written }, [surface]);
  expect(whole.place).toBeUndefined();
  const source = mosaicSource(whole, memoryCanvas(3, 2, 1));
  // a picture that looks at it several times would have it computed as often
  expect(source.isStored).toBe(false);
  const plane = new Float32Array(6);
  if (source.view) plane.set(source.view(0));
  else await source.readRows(0, 0, 2, plane);
  expect([...plane]).toEqual([93, 93, 93, 93, 93, 93]);
});

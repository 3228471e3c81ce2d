import { expect, test } from 'vitest';
import { memoryCanvas } from '../../src/pipeline/integrate/canvas.js';
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

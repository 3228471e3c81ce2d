import { expect, test } from 'vitest';
import { BLANK_LIMIT, BLANK_VALUE } from '../../../src/compute/constants.js';
import { memoryCanvas } from '../../../src/pipeline/canvas/canvas.js';
import { nothingStored, storeStack } from '../../../src/pipeline/canvas/store-stack.js';

test('blanks become NaN, coverage is that of the deepest plane, and samples are counted, whatever the width', async () => {
  // more than one turn of rows, and rows that do not fill vectors
  const [nx, ny, planes] = [1003, 90, 3];
  const rect = { x0: 2, y0: 1, width: 999, height: 87 };
  const pixels = rect.width * rect.height;
  const mean = Float32Array.from({ length: planes * pixels }, (_, i) =>
    i % 7 === 0 ? BLANK_VALUE : i % 11 === 0 ? NaN : i % 13 === 0 ? BLANK_LIMIT : (i % 101) - 50,
  );
  const weight = Float32Array.from(mean, (_, i) => (i % 5 === 0 ? 0 : i % 17 === 0 ? NaN : i % 9));
  const used = Uint32Array.from(mean, (_, i) => (i * 31) % 70001);
  const canvas = {
    mosaic: memoryCanvas(nx, ny, planes),
    weight: memoryCanvas(nx, ny, planes),
    coverage: memoryCanvas(nx, ny, 1),
  };
  const sums = nothingStored();
  await storeStack(rect, { mean, weight, used, rejected: { low: 3, high: 4 } }, planes, canvas, sums);

  const read = async (of: keyof typeof canvas, plane: number) => {
    const out = new Float32Array(pixels);
    await canvas[of].readRegion(plane, rect, out);
    return out;
  };
  for (let p = 0; p < planes; p++) {
    const own = (all: Float32Array) => all.slice(p * pixels, (p + 1) * pixels);
    const weights = own(weight);
    const expected = own(mean).map((v, i) => (v > BLANK_LIMIT && weights[i] > 0 ? v : NaN));
    expect(Buffer.compare(bytesOf(await read('mosaic', p)), bytesOf(expected))).toBe(0);
    expect(Buffer.compare(bytesOf(await read('weight', p)), bytesOf(weights))).toBe(0);
  }
  const deepest = Float32Array.from({ length: pixels }, (_, i) =>
    Math.max(used[i], used[pixels + i], used[2 * pixels + i]),
  );
  expect(await read('coverage', 0)).toEqual(deepest);
  const total = used.reduce((a, b) => a + b, 0);
  expect(sums).toEqual({ used: total, low: 3, high: 4, stored: pixels });
  const border = new Float32Array(nx);
  await canvas.coverage.readRows(0, 0, 1, border);
  expect(border.every((v) => v === 0)).toBe(true);
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

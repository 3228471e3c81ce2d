import { expect, it } from 'vitest';

it('takes arrays of the same bytes for equal in no time, whatever holds them, and tells the others apart', () => {
  const pixels = () => Float32Array.from({ length: 1e6 }, (_, i) => (i % 7 === 0 ? NaN : i));
  const start = process.cpuUsage();
  expect({ planes: [pixels(), Buffer.from(pixels().buffer)] }).toEqual({
    planes: [pixels(), Buffer.from(pixels().buffer)],
  });
  expect(process.cpuUsage(start).user).toBeLessThan(2e6);
  expect(Float32Array.of(1, 2)).not.toEqual(Float32Array.of(1, 3));
  expect(Float32Array.of(0)).not.toEqual(Float32Array.of(-0));
  expect(Float32Array.of(1, 2)).not.toEqual(Float32Array.of(1));
  expect(Float32Array.of(1)).not.toStrictEqual(Float64Array.of(1));
  expect(Uint8Array.of(1, 2, 3).subarray(1)).toEqual(Uint8Array.of(2, 3));
});

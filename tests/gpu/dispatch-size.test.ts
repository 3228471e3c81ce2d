// Grids: lines fold where a dimension is full, images do not.
import { expect, it } from 'vitest';
import { dispatchSize } from '../../src/gpu/dispatch-size.js';
import { gpuKernels } from '../../src/gpu/kernels/index.js';

const LIMIT = 65535;
const line = gpuKernels['stack-mean'];
const image = gpuKernels['demosaic-bilinear'];

it.each([1, 64, 65, 64 * LIMIT, 64 * LIMIT + 1, 500_000_000])('a line of %i pixels is covered', (pixels) => {
  const [x, y, z] = dispatchSize('stack-mean', line, [pixels, 3, 1], LIMIT);
  expect(x * y * line.workgroup[0]).toBeGreaterThanOrEqual(pixels);
  expect(Math.max(x, y)).toBeLessThanOrEqual(LIMIT);
  // The fold adds less than one row of workgroups.
  expect((x * y - 1) * line.workgroup[0]).toBeLessThan(pixels + y * line.workgroup[0]);
  expect(z).toBe(3);
});

it('an image is covered in x, y and z', () => {
  expect(dispatchSize('demosaic-bilinear', image, [17, 9, 3], LIMIT)).toEqual([2, 2, 3]);
});

it('a grid beyond the limit is refused by name', () => {
  expect(() => dispatchSize('demosaic-bilinear', image, [17, 8 * 11, 1], 10)).toThrow(
    expect.objectContaining({
      code: 'gpu_grid_too_large',
      params: { stem: 'demosaic-bilinear', threads: '17 x 88 x 1', workgroups: 11, limit: 10 },
    }),
  );
});

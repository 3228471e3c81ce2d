// What the GPU tests share: whether there is an adapter, and programs of one kernel.
import { describe } from 'vitest';
import type { Handle, Op, Program } from '../../src/compute/backend.js';

/** The test command provides an adapter and says so. */
export const hasAdapter = process.env.ZEMOSAIC_TEST_WEBGPU === '1';

export function describeWithAdapter(name: string, suite: () => void): void {
  describe.skipIf(!hasAdapter)(hasAdapter ? name : `${name} (skipped: ZEMOSAIC_TEST_WEBGPU is not 1)`, suite);
}

export const f32 = (label: string, length: number): Handle => ({ label, element: 'f32', length });

/** sum / weight of a coadd, with everything allocated, read and freed in one program. */
export function normaliseProgram(pixels: number, sums: Float32Array, weights: Float32Array): Program {
  const [sum, weight, mean] = ['sum', 'weight', 'mean'].map((label) => f32(label, pixels));
  const ops: Op[] = [
    { op: 'alloc', handle: sum },
    { op: 'alloc', handle: weight },
    { op: 'alloc', handle: mean },
    { op: 'upload', handle: sum, data: sums },
    { op: 'upload', handle: weight, data: weights },
    {
      op: 'kernel',
      stem: 'coadd-normalise',
      params: { pixels, planes: 1 },
      buffers: { sum, weight, mean },
    },
    { op: 'read', handle: mean },
    { op: 'free', handle: sum },
    { op: 'free', handle: weight },
    { op: 'free', handle: mean },
  ];
  return { label: 'normalise', ops };
}

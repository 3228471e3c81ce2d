// Workgroups of a dispatch: a line longer than a dimension may hold is folded into two.
import { DeviceCapacityError } from '../compute/device-error.js';
import type { GpuKernel } from './gpu-kernel.js';

/**
 * Workgroup counts in x, y, z that cover a thread grid, of which each takes `pixels` columns. Lines go on in y beyond `limit` workgroups; the shader's guard drops what
 * the fold adds. Throws DeviceCapacityError `gpu_grid_too_large` when a dimension still exceeds the device's limit.
 */
export function dispatchSize(
  stem: string,
  kernel: GpuKernel,
  threads: readonly [number, number, number],
  limit: number,
  pixels: number = kernel.workgroup[0],
): [number, number, number] {
  let x = Math.ceil(threads[0] / pixels);
  let y = Math.ceil(threads[1] / kernel.workgroup[1]);
  let z = threads[2];
  if (kernel.line) {
    z = threads[1];
    y = Math.ceil(x / limit);
    x = y === 0 ? 0 : Math.ceil(x / y);
  }
  if (Math.max(x, y, z) > limit) {
    throw new DeviceCapacityError('gpu_grid_too_large', {
      stem,
      threads: threads.join(' x '),
      workgroups: Math.max(x, y, z),
      limit,
    });
  }
  return [x, y, z];
}

// The shape of a kernel of this backend: host code that cuts buffers into tiles and launches device functions on them.
import type { DeviceArray } from '../twin.js';
import type { GpujsEngine } from './engine.js';

/** Runs one kernel of the port over its whole thread grid; awaits `turn` between tiles. */
export type GpujsKernel = (
  engine: GpujsEngine,
  params: Readonly<Record<string, number>>,
  buffers: Readonly<Record<string, DeviceArray>>,
  turn: () => Promise<void>,
) => Promise<void>;

/** Forgets the exact parameter and buffer types of a kernel, which the validated program guarantees. */
export function asGpujsKernel<P, B>(
  kernel: (engine: GpujsEngine, params: P, buffers: B, turn: () => Promise<void>) => Promise<void>,
): GpujsKernel {
  return kernel as unknown as GpujsKernel;
}

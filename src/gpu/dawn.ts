// The one door to the npm package `webgpu` (Dawn): loaded when first needed, because it is a native library that a machine may lack.
import { GpuError, reasonOf } from './gpu-error.js';

/** Entry point of Dawn and the constants of its interface. */
export interface Dawn {
  /** A new instance; `options` are Dawn's own, such as `adapter=NAME` or `backend=null`. */
  readonly create: (options: string[]) => GPU;
  readonly bufferUsage: typeof GPUBufferUsage;
  readonly mapMode: typeof GPUMapMode;
}

interface DawnGlobals {
  GPUBufferUsage: typeof GPUBufferUsage;
  GPUMapMode: typeof GPUMapMode;
}

/** Throws GpuError `gpu_package_unavailable` with the loader's reason. */
export async function loadDawn(): Promise<Dawn> {
  try {
    const { create, globals } = await import('webgpu');
    const { GPUBufferUsage, GPUMapMode } = globals as DawnGlobals;
    return { create, bufferUsage: GPUBufferUsage, mapMode: GPUMapMode };
  } catch (error) {
    throw new GpuError('gpu_package_unavailable', { reason: reasonOf(error) }, { cause: error });
  }
}

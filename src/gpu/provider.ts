// Where WebGPU comes from: the npm package `webgpu` (Dawn) under Node, the runtime itself under Deno (wgpu). Loaded when first needed,
// because Dawn is a native library that a machine may lack.
import { GpuError, reasonOf } from './gpu-error.js';

/** Entry point of an implementation of WebGPU and the constants of its interface. */
export interface GpuProvider {
  /** Dawn lists its adapters and takes options of its own; the GPU of Deno is the one that the runtime has chosen. */
  readonly name: 'dawn' | 'deno';
  /** A new instance, kept as long as the process lives; `options` are Dawn's own, such as `adapter=NAME` or `backend=null`, and mean nothing to Deno. */
  readonly create: (options: string[]) => GPU;
  readonly bufferUsage: typeof GPUBufferUsage;
  readonly mapMode: typeof GPUMapMode;
}

interface GpuConstants {
  GPUBufferUsage: typeof GPUBufferUsage;
  GPUMapMode: typeof GPUMapMode;
}

/** What an instance of Dawn gave (adapters, devices, promises) crashes the process when it outlives the instance: none becomes garbage. They are few. */
const instances: GPU[] = [];

/** Deno names itself in a global; Node has none of that name. */
export const isDeno = 'Deno' in globalThis;

/** Throws GpuError `gpu_package_unavailable` with the loader's reason, `gpu_no_adapter` where Deno was built without WebGPU. */
export async function loadProvider(): Promise<GpuProvider> {
  if (isDeno) return denoProvider();
  try {
    const { create, globals } = await import('webgpu');
    const { GPUBufferUsage, GPUMapMode } = globals as GpuConstants;
    const createKept = (options: string[]): GPU => {
      const gpu = create(options);
      instances.push(gpu);
      return gpu;
    };
    return { name: 'dawn', create: createKept, bufferUsage: GPUBufferUsage, mapMode: GPUMapMode };
  } catch (error) {
    throw new GpuError('gpu_package_unavailable', { reason: reasonOf(error) }, { cause: error });
  }
}

function denoProvider(): GpuProvider {
  const { gpu } = (globalThis as { navigator?: { gpu?: GPU } }).navigator ?? {};
  if (gpu === undefined) throw new GpuError('gpu_no_adapter', { reason: 'navigator.gpu' });
  const { GPUBufferUsage, GPUMapMode } = globalThis as unknown as GpuConstants;
  return { name: 'deno', create: () => gpu, bufferUsage: GPUBufferUsage, mapMode: GPUMapMode };
}

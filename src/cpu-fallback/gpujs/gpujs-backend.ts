// The gpu.js backend: the kernels of the port in gpu.js's subset of JavaScript, run as generated WebAssembly (mode `webasm`) or as plain
// JavaScript (mode `cpu`), on one thread. A further fallback: right, and slower than the kernels made by hand.
import os from 'node:os';
import type { ComputeBackend } from '../../compute/backend.js';
import { createHostBackend, HOST_MAX_BUFFER_BYTES } from '../host-backend.js';
import { GpujsEngine, type GpujsLibrary, type GpujsMode, loadGpujs } from './engine.js';
import { gpujsKernels } from './gpujs-kernels.js';

export interface GpujsOptions {
  /** Undefined: `webasm` where the engine has WebAssembly, else `cpu`; `info.device` says which it became. */
  readonly mode?: GpujsMode;
  /** The package; loaded when absent. */
  readonly library?: GpujsLibrary;
}

/**
 * Opens gpu.js. Arithmetic is float32 in mode `webasm` and float64 rounded when stored in mode `cpu`; in both the same bytes at every run.
 * gpu.js's own WebGPU mode is not offered: it would sit on the same Dawn as the webgpu backend. Rejects with GpujsError when the package is
 * absent or broken; a kernel that gpu.js runs in another mode than the one named in `info.device` rejects with GpujsError too.
 */
export async function createGpujsBackend(options: GpujsOptions = {}): Promise<ComputeBackend> {
  const library = options.library ?? (await loadGpujs());
  const mode = options.mode ?? (library.GPU.isWebAssemblySupported ? 'webasm' : 'cpu');
  const engine = new GpujsEngine(library, mode);
  const processor = os.cpus()[0]?.model.trim() || os.arch();
  return createHostBackend({
    info: {
      name: 'gpujs',
      device: `gpu.js ${mode}, ${processor}`,
      hardware: true,
      threads: 1,
      limits: { maxBufferBytes: HOST_MAX_BUFFER_BYTES, maxResidentBytes: os.totalmem(), onHost: true },
    },
    run: (stem, params, buffers, turn) => gpujsKernels[stem](engine, params, buffers, turn),
    close: () => engine.close(),
  });
}

// gpu.js, loaded only when this backend is asked for: opens a mode, compiles device functions once, and proves at every launch that the
// mode which ran is the one that was opened, because gpu.js changes to plain JavaScript without a word.
import { DeviceError } from '../../compute/device-error.js';
import { type DeviceArgument, type DeviceKernel, SHARED_CONSTANTS } from './device-code.js';

/** `webasm`: generated WebAssembly with SIMD; `cpu`: generated JavaScript. */
export type GpujsMode = 'webasm' | 'cpu';

/** gpu.js is absent, does not open, or does not do what it was asked for. */
export class GpujsError extends DeviceError {}

/** The version that this backend is written and tested for (`peerDependencies` of package.json). */
export const GPUJS_VERSION = '2.24.1';

/** Rows of an output `[nx, ny]`, the cells of an output `[nx]`, or with several values a cell an array of them per cell. */
export type DeviceOutput = Float32Array | readonly Float32Array[];

/** A compiled kernel as gpu.js hands it out. */
interface Shortcut {
  (...args: DeviceArgument[]): DeviceOutput;
  readonly kernel: {
    readonly constructor: { readonly mode: string };
    readonly fallbackReason?: string | null;
  };
}

interface Gpu {
  createKernel(code: unknown, settings: object): Shortcut;
  destroy(): Promise<void>;
}

/** The part of the package that is used. */
export interface GpujsLibrary {
  readonly GPU: { new (settings: { mode: GpujsMode }): Gpu; readonly isWebAssemblySupported: boolean };
}

/** Loads the optional package; throws GpujsError that says how to install it. */
export async function loadGpujs(
  load: () => Promise<{ default: unknown }> = () => import('gpu.js'),
): Promise<GpujsLibrary> {
  try {
    return (await load()).default as GpujsLibrary;
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    if (missing) throw new GpujsError('gpujs_missing', { version: GPUJS_VERSION }, { cause });
    throw new GpujsError('gpujs_broken', { version: GPUJS_VERSION, reason: reasonOf(cause) }, { cause });
  }
}

/** Compiles and launches device functions in one mode. */
export class GpujsEngine {
  private readonly gpu: Gpu;
  private readonly compiled = new Map<DeviceKernel, Shortcut>();

  constructor(
    library: GpujsLibrary,
    readonly mode: GpujsMode,
  ) {
    this.gpu = new library.GPU({ mode });
  }

  /**
   * Runs a device function over its output; arguments in the order of its table. Throws GpujsError when gpu.js cannot compile or run it in
   * the mode of this engine, or ran it in another.
   */
  launch(kernel: DeviceKernel, args: readonly DeviceArgument[]): DeviceOutput {
    const shortcut = this.compiled.get(kernel) ?? this.compile(kernel);
    let output: DeviceOutput;
    try {
      output = shortcut(...args);
    } catch (cause) {
      const params = { kernel: kernel.name, mode: this.mode, reason: reasonOf(cause) };
      throw new GpujsError('gpujs_kernel_failed', params, { cause });
    }
    const ran = shortcut.kernel.constructor.mode;
    if (ran === this.mode) return output;
    const reason = shortcut.kernel.fallbackReason ?? '';
    throw new GpujsError('gpujs_degraded', { kernel: kernel.name, mode: this.mode, ran, reason });
  }

  async close(): Promise<void> {
    this.compiled.clear();
    await this.gpu.destroy();
  }

  private compile(kernel: DeviceKernel): Shortcut {
    const constants = { ...SHARED_CONSTANTS, ...kernel.constants };
    const constantTypes = Object.fromEntries(
      Object.keys(constants).map((name) => [name, name in SHARED_CONSTANTS ? 'Float' : 'Integer']),
    );
    const shortcut = this.gpu.createKernel(kernel.code, {
      output: [...kernel.output],
      argumentTypes: kernel.arguments,
      constants,
      constantTypes,
      // Arrays of the stacks grow with the frames.
      dynamicArguments: true,
      // gpu.js ends every loop of its own accord after this many rounds, 1000 by default: more than any loop here runs.
      loopMaxIterations: 2 ** 30,
      precision: 'single',
    });
    this.compiled.set(kernel, shortcut);
    return shortcut;
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

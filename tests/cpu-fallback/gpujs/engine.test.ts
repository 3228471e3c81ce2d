// What gpu.js may do behind one's back, and what becomes of it.
import { describe, expect, it, vi } from 'vitest';
import type { DeviceKernel, DeviceThis } from '../../../src/cpu-fallback/gpujs/device-code.js';
import {
  GpujsEngine,
  GPUJS_VERSION,
  type GpujsLibrary,
  loadGpujs,
} from '../../../src/cpu-fallback/gpujs/engine.js';
import { createGpujsBackend } from '../../../src/cpu-fallback/gpujs/gpujs-backend.js';
import packageJson from '../../../package.json' with { type: 'json' };
import { runKernel } from '../../helpers/kernel-runs.js';

/** A package whose kernels run in the given mode, or throw. */
function library(ran: string, behaviour: { throws?: Error; webAssembly?: boolean } = {}) {
  const destroyed: string[] = [];
  class GPU {
    static readonly isWebAssemblySupported = behaviour.webAssembly ?? true;
    constructor(private readonly settings: { mode: string }) {}
    createKernel() {
      const run = () => {
        if (behaviour.throws) throw behaviour.throws;
        return new Float32Array(1);
      };
      return Object.assign(run, {
        kernel: { constructor: { mode: ran }, fallbackReason: 'no reason at all' },
      });
    }
    destroy() {
      destroyed.push(this.settings.mode);
      return Promise.resolve();
    }
  }
  return { library: { GPU } as unknown as GpujsLibrary, destroyed };
}

const kernel: DeviceKernel = { name: 'nothing', arguments: {}, output: [1], code: () => 0 };

describe('loading gpu.js', () => {
  it('asks for the version that the package file pins', () => {
    expect(packageJson.peerDependencies['gpu.js']).toBe(GPUJS_VERSION);
    expect(packageJson.devDependencies['gpu.js']).toBe(GPUJS_VERSION);
  });

  it('says how to install it when it is absent, and what is wrong when it is broken', async () => {
    const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadGpujs(() => Promise.reject(absent))).rejects.toMatchObject({
      code: 'gpujs_missing',
      params: { version: GPUJS_VERSION },
    });
    await expect(loadGpujs(() => Promise.reject(new Error('bad file')))).rejects.toMatchObject({
      code: 'gpujs_broken',
      params: { version: GPUJS_VERSION, reason: 'bad file' },
    });
  });
});

describe('a mode of gpu.js', () => {
  it('is webasm where there is WebAssembly, cpu elsewhere, and named in the device', async () => {
    const modeOf = async (webAssembly: boolean) => {
      const backend = await createGpujsBackend({ library: library('', { webAssembly }).library });
      await backend.close();
      return backend.info.device;
    };
    expect(await modeOf(true)).toMatch(/^gpu\.js webasm, /);
    expect(await modeOf(false)).toMatch(/^gpu\.js cpu, /);
  });

  it('that changes in silence is found out and named', () => {
    const engine = new GpujsEngine(library('cpu').library, 'webasm');
    expect(() => engine.launch(kernel, [])).toThrow(
      expect.objectContaining({
        code: 'gpujs_degraded',
        params: { kernel: 'nothing', mode: 'webasm', ran: 'cpu', reason: 'no reason at all' },
      }),
    );
    const honest = new GpujsEngine(library('cpu').library, 'cpu');
    expect(honest.launch(kernel, [])).toEqual(new Float32Array(1));
  });

  it('that cannot run a kernel names it, and its program leaves nothing behind', async () => {
    const fake = library('webasm', { throws: new Error('no such thing') });
    const backend = await createGpujsBackend({ library: fake.library });
    const inputs = { sum: Float32Array.of(1), weight: Float32Array.of(1) };
    await expect(
      runKernel(backend, 'coadd-normalise', { pixels: 1, planes: 1 }, inputs),
    ).rejects.toMatchObject({
      code: 'gpujs_kernel_failed',
      params: { kernel: 'coadd-normalise', mode: 'webasm', reason: 'no such thing' },
    });
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
    await backend.close();
    await backend.close();
    expect(fake.destroyed).toEqual(['webasm']);
  });
});

describe('the real package', () => {
  it('falls back in silence where webasm does not know a type, which is why every launch is checked', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const engine = new GpujsEngine(await loadGpujs(), 'webasm');
    const pairs: DeviceKernel = {
      name: 'pairs',
      arguments: { pairs: 'Array1D(2)' as 'Array' },
      output: [1],
      code: function (this: DeviceThis, values: number[][]) {
        return values[this.thread.x][0];
      },
    };
    expect(() => engine.launch(pairs, [[[1, 2]] as unknown as Float32Array])).toThrow(
      expect.objectContaining({ code: 'gpujs_degraded' }),
    );
    await engine.close();
    warn.mockRestore();
  });
});

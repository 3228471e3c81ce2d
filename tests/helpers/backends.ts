// Every backend that a machine can run, for suites that hold for all of them.
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { BackendName, ComputeBackend } from '../../src/compute/backend.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';

/**
 * `ZEMOSAIC_TEST_WEBGPU=1`: an adapter must be there (the test command provides software Vulkan), and its absence fails. Otherwise webgpu
 * is tested only where it has been asked for, as starting Dawn without a driver tells nothing.
 */
const webgpuExpected = process.env.ZEMOSAIC_TEST_WEBGPU === '1';

/** Opens a backend by name; software adapters are welcome in tests. */
export async function openBackend(name: string): Promise<ComputeBackend> {
  if (name === 'reference') return createReferenceBackend();
  if (name === 'wasm') {
    const { createWasmBackend } = await import('../../src/cpu-fallback/wasm/wasm-backend.js');
    return createWasmBackend();
  }
  if (name === 'webgpu') {
    const { createWebgpuBackend } = await import('../../src/gpu/webgpu-backend.js');
    return createWebgpuBackend({ allowSoftware: true });
  }
  if (name === 'gpujs') {
    const { createGpujsBackend } = await import('../../src/cpu-fallback/gpujs/gpujs-backend.js');
    return createGpujsBackend();
  }
  throw new Error(`no backend is called ${name}`);
}

/** Declares the suite once per backend; `backend()` is open while its tests run. */
export function forEachBackend(suite: (backend: () => ComputeBackend, name: BackendName) => void): void {
  for (const name of ['reference', 'wasm', 'gpujs', 'webgpu'] as const) {
    const skipped = name === 'webgpu' && !webgpuExpected;
    const title = skipped ? `${name} (skipped: ZEMOSAIC_TEST_WEBGPU is not 1)` : name;
    describe.skipIf(skipped)(title, () => {
      let backend: ComputeBackend | undefined;
      beforeAll(async () => {
        backend = await openBackend(name);
      });
      afterAll(async () => {
        await backend?.close();
      });
      suite(() => backend!, name);
    });
  }
}

export type Check = (backend: ComputeBackend) => Promise<void>;

/** Runs every exported `check...` of a checks module on every backend. */
export function forEachCheck(checks: Readonly<Record<string, unknown>>): void {
  const named = Object.entries(checks).filter(([name]) => name.startsWith('check'));
  forEachBackend((backend) => {
    for (const [name, check] of named) it(sentence(name), () => (check as Check)(backend()));
  });
}

/** `checkConstantStaysConstant` -> `constant stays constant`. */
function sentence(name: string): string {
  return name
    .replace(/^check/, '')
    .replace(/(?<=[a-z])(?=[A-Z0-9])/g, ' ')
    .toLowerCase();
}

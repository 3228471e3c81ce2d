// What of the configuration reaches the backends.
import os from 'node:os';
import { expect, test } from 'vitest';
import { provideBackend, services } from '../../src/cli/compose.js';
import { kernelStems } from '../../src/compute/contracts/index.js';
import { resolveConfig } from '../../src/config/resolve.js';

async function threadsOf(num_processing_workers: number): Promise<number> {
  const { config } = resolveConfig({ argv: { backend: 'wasm' } });
  const { backend } = await provideBackend({ ...config, num_processing_workers }, []);
  try {
    return backend.info.threads;
  } finally {
    await backend.close();
  }
}

test('the number of threads asked for is the number that works; below 1 it is that of the cores', async () => {
  expect(await threadsOf(3)).toBe(3);
  expect(await threadsOf(1)).toBe(1);
  expect(await threadsOf(0)).toBe(os.availableParallelism());
  expect(await threadsOf(-1)).toBe(os.availableParallelism());
});

test('an adapter that is not there costs auto the GPU, with the reason, and ends a run that names webgpu', async () => {
  const choose = (backend: string) =>
    provideBackend(resolveConfig({ argv: { backend, gpu_selector: 'Voodoo 2' } }).config, []);
  const { backend, notices } = await choose('auto');
  await backend.close();
  expect(backend.info.name).toBe('wasm');
  expect(notices.map(({ code }) => code)).toEqual([
    process.env.ZEMOSAIC_TEST_WEBGPU === '1'
      ? 'gpu_adapter_not_found'
      : expect.stringMatching(/^gpu_(adapter_not_found|no_adapter)$/),
  ]);
  await expect(choose('webgpu')).rejects.toMatchObject({ code: 'compute_backend_unavailable' });
});

/** Four backends, each measured for as long as it takes to tell. */
const LISTING_MS = 300_000;

test(
  'the backends of this machine are listed with what they are and what they do',
  { timeout: LISTING_MS },
  async () => {
    const backends = await services.listBackends(
      resolveConfig({ argv: { num_processing_workers: '1' } }).config,
      {
        speed: true,
      },
    );
    expect(backends.map(({ name }) => name)).toEqual(['webgpu', 'wasm', 'gpujs', 'reference']);
    const [webgpu, ...onTheProcessor] = backends;
    for (const { available, kernels, speed } of onTheProcessor) {
      expect(available).toBe(true);
      expect(kernels).toEqual({ right: kernelStems, missing: [] });
      expect(speed!.samplesPerSecond).toBeGreaterThan(1e3);
    }
    expect(onTheProcessor[0].speed!.samplesPerSecond).toBeGreaterThan(
      onTheProcessor[2].speed!.samplesPerSecond,
    );
    expect(onTheProcessor[0].limits.threads).toBe(1);
    // The mode that gpu.js opened; every launch checks that it is the one that ran.
    expect(onTheProcessor[1].description).toMatch(/^gpu\.js (webasm|cpu), /);
    if (process.env.ZEMOSAIC_TEST_WEBGPU === '1') {
      expect(webgpu.adapters!.length).toBeGreaterThan(0);
      expect(webgpu.available).toBe(true);
    } else if (!webgpu.available) expect(webgpu.reason).toBeDefined();
  },
);

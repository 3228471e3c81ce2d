import { expect, it, vi } from 'vitest';
import { chooseAdapter } from '../../src/gpu/adapters.js';
import { loadProvider } from '../../src/gpu/provider.js';

it('a package of Dawn that does not load is named as such, and one that gives no GPU as another fault', async () => {
  vi.doMock('webgpu', () => {
    throw new Error('GLIBC_2.99 not found');
  });
  await expect(loadProvider()).rejects.toMatchObject({ name: 'GpuError', code: 'gpu_package_unavailable' });
  const create = () => ({ requestAdapter: () => Promise.resolve(null) });
  vi.doMock('webgpu', () => ({ create, globals: { GPUBufferUsage: {}, GPUMapMode: {} } }));
  const choosing = chooseAdapter(await loadProvider(), { dawnOptions: ['backend=vulkan'] });
  await expect(choosing).rejects.toMatchObject({ name: 'GpuError', code: 'gpu_no_adapter' });
});

// Which backend a request gets, and what is said about the others.
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.js';
import type { BackendName, ComputeBackend } from '../../src/compute/backend.js';
import type { KernelStem } from '../../src/compute/contracts/index.js';
import { type BackendFactory, BackendSelectionError, selectBackend } from '../../src/compute/select.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';

const PRIORITY: Record<BackendName, number> = { webgpu: 0, wasm: 1, gpujs: 2, reference: 3 };

/** Backends under test: the reference wearing another name. */
function stand(name: BackendName, traits: { hardware?: boolean; wrong?: boolean; lacks?: KernelStem } = {}) {
  const closed: string[] = [];
  const factory: BackendFactory = {
    name,
    priority: PRIORITY[name],
    create: () => {
      const inner = createReferenceBackend();
      const backend: ComputeBackend = {
        info: { ...inner.info, name, hardware: traits.hardware ?? true },
        supports: (stem) => (stem === traits.lacks ? { reason: 'not written' } : inner.supports(stem)),
        submit: async (program) => {
          const result = await inner.submit(program);
          if (traits.wrong) for (const read of result.reads) read.fill(1);
          return result;
        },
        resident: () => inner.resident(),
        takeProfile: () => inner.takeProfile(),
        close: () => {
          closed.push(name);
          return inner.close();
        },
      };
      return Promise.resolve(backend);
    },
  };
  return { factory, closed };
}

function absent(name: BackendName, error: Error): BackendFactory {
  return { name, priority: PRIORITY[name], create: () => Promise.reject(error) };
}

const auto = { backend: 'auto', requireGpu: false } as const;
const noAdapter = () => absent('webgpu', new CodedError('gpu_no_adapter', { found: 0 }));

describe('selectBackend', () => {
  it('refuses a backend without a kernel that the work needs, and takes it for work that does without', async () => {
    const lacking = () => stand('wasm', { lacks: 'stack-winsorised' });
    const stems: KernelStem[] = ['warp', 'stack-winsorised'];
    const passedOver = lacking();
    const factories = [passedOver.factory, stand('reference').factory];
    const { backend, tried } = await selectBackend({ ...auto, stems }, factories);
    expect(backend.info.name).toBe('reference');
    const params = { backend: 'wasm', kernels: 'stack-winsorised' };
    const reason = { code: 'compute_kernels_missing', params };
    expect(tried[0]).toEqual({ name: 'wasm', outcome: 'refused', reason });
    expect(passedOver.closed).toEqual(['wasm']);

    const named = { backend: 'wasm', requireGpu: false } as const;
    await expect(selectBackend({ ...named, stems }, factories)).rejects.toMatchObject({
      code: 'compute_backend_unavailable',
      details: [reason],
    });
    const other = await selectBackend({ ...named, stems: ['warp', 'stack-mean'] }, [lacking().factory]);
    expect(other.backend.info.name).toBe('wasm');
  });

  it('auto takes the first by priority and opens no other', async () => {
    const reference = stand('reference').factory;
    const never = { ...reference, create: () => Promise.reject(new Error('opened')) };
    const { backend, tried } = await selectBackend(auto, [never, stand('webgpu').factory]);
    expect(backend.info.name).toBe('webgpu');
    expect(tried).toEqual([
      { name: 'webgpu', outcome: 'chosen' },
      { name: 'reference', outcome: 'not_tried' },
    ]);
  });

  it('auto passes over what does not start, sits on software or computes wrongly, says why, and closes it', async () => {
    const software = stand('webgpu', { hardware: false });
    const wrong = stand('wasm', { wrong: true });
    const { backend, tried } = await selectBackend(auto, [
      software.factory,
      wrong.factory,
      absent('gpujs', new Error('no such module')),
      stand('reference').factory,
    ]);
    expect(backend.info.name).toBe('reference');
    expect(tried.map((t) => [t.name, t.outcome, t.reason?.code])).toEqual([
      ['webgpu', 'refused', 'compute_adapter_software'],
      ['wasm', 'failed', 'compute_wrong_answer'],
      ['gpujs', 'failed', 'compute_start_failed'],
      ['reference', 'chosen', undefined],
    ]);
    expect(tried[1].reason?.params.kernels).toContain('stack-winsorised');
    expect([...software.closed, ...wrong.closed]).toEqual(['webgpu', 'wasm']);
  });

  it('a backend asked for by name never falls back', async () => {
    const request = { backend: 'webgpu', requireGpu: false } as const;
    const attempt = selectBackend(request, [noAdapter(), stand('reference').factory]);
    await expect(attempt).rejects.toMatchObject({
      code: 'compute_backend_unavailable',
      params: { backend: 'webgpu' },
      details: [{ code: 'gpu_no_adapter', params: { found: 0 } }],
    });
    await expect(selectBackend({ ...request, backend: 'wasm' }, [])).rejects.toThrow(BackendSelectionError);
  });

  it('a backend asked for by name is refused when it computes wrongly', async () => {
    const wrong = stand('wasm', { wrong: true });
    const attempt = selectBackend({ backend: 'wasm', requireGpu: false }, [wrong.factory]);
    await expect(attempt).rejects.toMatchObject({ details: [{ code: 'compute_wrong_answer' }] });
    expect(wrong.closed).toEqual(['wasm']);
  });

  it('webgpu by name may sit on a software adapter; a required GPU may not unless allowed', async () => {
    const factories = [stand('webgpu', { hardware: false }).factory, stand('reference').factory];
    const named = await selectBackend({ backend: 'webgpu', requireGpu: false }, factories);
    expect(named.backend.info.hardware).toBe(false);
    for (const backend of ['webgpu', 'auto'] as const) {
      const request = { backend, requireGpu: true };
      const details = expect.arrayContaining([
        expect.objectContaining({ code: 'compute_adapter_software' }),
      ]) as unknown;
      await expect(selectBackend(request, factories)).rejects.toMatchObject({ details });
      const allowed = await selectBackend({ ...request, allowSoftwareGpu: true }, factories);
      expect(allowed.backend.info.name).toBe('webgpu');
    }
  });

  it('a required GPU leaves the processor backends out', async () => {
    const factories = [noAdapter(), stand('reference').factory];
    await expect(selectBackend({ backend: 'auto', requireGpu: true }, factories)).rejects.toMatchObject({
      code: 'compute_no_gpu',
      tried: [{ outcome: 'failed' }, { outcome: 'refused', reason: { code: 'compute_not_a_gpu' } }],
    });
  });

  it('says so when nothing computes', async () => {
    const attempt = selectBackend(auto, [stand('reference', { wrong: true }).factory]);
    await expect(attempt).rejects.toMatchObject({ code: 'compute_no_backend' });
  });
});

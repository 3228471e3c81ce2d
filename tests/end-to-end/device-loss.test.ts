// What becomes of a run whose backend fails: another takes over and nothing of the mosaic changes, or the run ends with the reason.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../src/compute/backend.js';
import type { DeviceError } from '../../src/compute/device-error.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { loadKernels } from '../../src/cpu-fallback/wasm/load-kernels.js';
import { WasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { WorkerPool } from '../../src/cpu-fallback/wasm/worker-pool.js';
import { openFits } from '../../src/fits/open-fits.js';
import { openDevice } from '../../src/gpu/device.js';
import { createProcessBackend } from '../../src/gpu/process/process-backend.js';
import { WebgpuBackend } from '../../src/gpu/webgpu-backend.js';
import { losingBackend, smallBackend } from '../helpers/failing-backend.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run, type RunOptions } from './support.js';

const folder = temporaryFolderForFile();
const output = (name: string) => path.join(folder(), name);
const science = (name: string) => path.join(output(name), 'zemosaic_science.fits');

/** Cells of two by two blocks: several, each of which can be cut further. */
const runInto = (name: string, options: RunOptions, settings: Record<string, string> = {}) =>
  run(
    { input_dir: path.join(folder(), 'session'), output_dir: output(name), cell_size_px: '128', ...settings },
    options,
  );

let expected: Float32Array[];
let submissions: number;
let cells: string;

beforeAll(async () => {
  await makeSmallSession(path.join(folder(), 'session'), {
    panels: [1, 1],
    subs: 3,
    size: [160, 200],
    extras: false,
  });
  const counting = losingBackend(createReferenceBackend(), Infinity);
  const { report } = await runInto('whole', { backend: () => counting });
  submissions = counting.submissions();
  cells = report.backends![0].cells;
  expect(cells).toMatch(/^0-[1-9]/);
  expected = await planes('whole');
});

const planes = (name: string) =>
  Promise.all([0, 1, 2].map(async (plane) => (await readPlane(science(name), plane)).data));

async function history(name: string): Promise<string> {
  const fits = await openFits(science(name));
  try {
    return fits.hdus[0].header.cards.map(({ key, comment }) => (key === 'HISTORY' ? comment : '')).join('');
  } finally {
    await fits.close();
  }
}

describe('a lost device', () => {
  it('at any moment: the next backend computes the cell again, with the same bytes', async () => {
    for (let at = 0; at < submissions; at += Math.ceil(submissions / 4)) {
      const name = `lost-${at}`;
      const lost = losingBackend(createReferenceBackend(), at);
      const next = createReferenceBackend();
      const { report } = await runInto(name, { backend: () => lost, successors: [() => next] });
      expect(await planes(name)).toEqual(expected);
      expect(report.backend!.name).toBe('webgpu');
      expect(report.warnings.map(({ code }) => code)).toEqual([
        'gpu_device_lost',
        'pipeline_backend_replaced',
      ]);
      const [first, second] = report.backends!;
      expect([first.name, second.name]).toEqual(['webgpu', 'reference']);
      expect(first.cell_rects!.length + second.cell_rects!.length).toBe(1 + Number(/\d+$/.exec(cells)![0]));
      expect(report.stages.some(({ backend }) => backend === 'reference')).toBe(true);
      expect(lost.resident().handles + next.resident().handles).toBe(0);
      const told = await history(name);
      if (first.cells === '') expect(told).not.toContain('computed cells');
      else {
        expect(told).toContain(`stage cells: webgpu; computed cells ${first.cells}`);
        expect(told).toContain(`stage cells: reference; computed cells ${second.cells}`);
      }
    }
  });

  it('twice: the backend after the next one goes on', async () => {
    const { report } = await runInto('twice', {
      // two cells are under way at a time, and are lost together
      backend: () => losingBackend(createReferenceBackend(), 5),
      successors: [() => losingBackend(createReferenceBackend(), 5), createReferenceBackend],
    });
    expect(await planes('twice')).toEqual(expected);
    expect(report.backends!.map(({ cells: own }) => own)).toEqual(['0', '1', '2-3']);
  });

  it('of a backend asked for by name ends the run with the reason, and leaves no product', async () => {
    const lost = losingBackend(createReferenceBackend(), 3);
    await expect(runInto('named', { backend: () => lost }, { resume: 'off' })).rejects.toMatchObject({
      code: 'gpu_device_lost',
      params: { reason: 'injected' },
    });
    expect(await readdir(output('named'))).toEqual(['run-report.json']);
    expect(lost.resident().handles).toBe(0);
  });

  it('while the run is being stopped starts nothing new', async () => {
    const stop = new AbortController();
    const lost = losingBackend(createReferenceBackend(), 3);
    const submit = lost.submit.bind(lost);
    const opened: string[] = [];
    const running = runInto('stopped', {
      signal: stop.signal,
      backend: () => ({
        ...lost,
        submit: (program) => {
          if (lost.submissions() === 5) stop.abort('SIGINT');
          return submit(program);
        },
      }),
      successors: [
        () => {
          opened.push('next');
          return createReferenceBackend();
        },
      ],
    });
    await expect(running).rejects.toMatchObject({ name: 'InterruptedError' });
    expect(opened).toEqual([]);
  });
});

describe('a device with too little memory', () => {
  it('computes cells in parts, with the same bytes, and says so once', async () => {
    const { report } = await runInto('small', {
      // Room for three frames, the spare slot of their guard, three planes and one block by two.
      backend: () => smallBackend(createReferenceBackend(), 4 * 4 * 3 * 64 * 128),
    });
    expect(await planes('small')).toEqual(expected);
    expect(report.notices.filter(({ code }) => code === 'pipeline_cell_split')).toHaveLength(1);
    expect(report.warnings).toEqual([]);
    expect(report.backends!.length).toBe(1);
  });

  it('that cannot hold one block is replaced, or ends the run when it was asked for by name', async () => {
    const tiny = () => smallBackend(createReferenceBackend(), 1000);
    const { report } = await runInto('tiny', { backend: tiny, successors: [createReferenceBackend] });
    expect(await planes('tiny')).toEqual(expected);
    expect(report.warnings.map(({ code }) => code)).toEqual([
      'compute_out_of_memory',
      'pipeline_backend_replaced',
    ]);
    await expect(runInto('tiny-named', { backend: tiny })).rejects.toMatchObject({
      code: 'compute_out_of_memory',
    });
  });

  it('keeps the products of every part for debugging', async () => {
    await run(
      {
        input_dir: path.join(folder(), 'session'),
        output_dir: output('debug'),
        cell_size_px: '128',
        cleanup_temp_artifacts: false,
        keep_debug_cells: '0',
      },
      { backend: () => smallBackend(createReferenceBackend(), 4 * 4 * 3 * 64 * 128) },
    );
    const kept = (await readdir(output('debug'), { recursive: true })).filter((at) => at.endsWith('.dat'));
    for (const part of ['again_1', 'again_2']) {
      expect(kept.some((at) => at.includes(`cell_0_${part}_stack`))).toBe(true);
    }
  });
});

describe('a killed worker of the wasm pool', () => {
  it('is a lost device: the next backend goes on', async () => {
    const kernels = await loadKernels();
    const pool = await WorkerPool.start(kernels.module, kernels.memory, 2);
    const wasm = new WasmBackend(kernels, pool);
    let count = 0;
    const killing = wrapSubmit(wasm, () => {
      if (++count === 6) void (pool.threads[0] as Worker).terminate();
    });
    const { report } = await runInto('worker', {
      backend: () => killing,
      successors: [createReferenceBackend],
    });
    expect(report.warnings[0]).toMatchObject({ code: 'wasm_worker_died' });
    expect(report.backends!.map(({ name }) => name)).toEqual(['wasm', 'reference']);
    await expectNear('worker');
  });

  it('ends a run that named the backend', async () => {
    const kernels = await loadKernels();
    const pool = await WorkerPool.start(kernels.module, kernels.memory, 3);
    const killing = wrapSubmit(new WasmBackend(kernels, pool), () => void pool.threads[1].terminate());
    await expect(runInto('worker-named', { backend: () => killing })).rejects.toMatchObject({
      code: 'wasm_worker_died',
    });
  });
});

const webgpuExpected = process.env.ZEMOSAIC_TEST_WEBGPU === '1';

describe.skipIf(!webgpuExpected)('a GPU device that is destroyed in mid-run', () => {
  it('is replaced, and the mosaic is within the tolerance of the backends', async () => {
    const device = await openDevice({ allowSoftware: true });
    let count = 0;
    const { report } = await runInto('destroyed', {
      backend: () =>
        wrapSubmit(new WebgpuBackend(device), () => {
          if (++count === 6) device.device.destroy();
        }),
      successors: [createReferenceBackend],
    });
    expect(report.warnings[0]).toMatchObject({ code: 'gpu_device_lost' });
    expect(report.backends!.map(({ name }) => name)).toEqual(['webgpu', 'reference']);
    await expectNear('destroyed');
  });

  it.each(['SIGKILL', 'SIGSEGV'] as const)('with its process, by %s, is replaced', async (signal) => {
    const backend = await createProcessBackend({ allowSoftware: true });
    let count = 0;
    const { report } = await runInto(signal, {
      backend: () =>
        wrapSubmit(backend, () => {
          if (++count === 6) process.kill(backend.pid!, signal);
        }),
      successors: [createReferenceBackend],
    });
    expect(report.warnings[0]).toMatchObject({ code: 'gpu_process_ended', params: { reason: signal } });
    expect(report.backends!.map(({ name }) => name)).toEqual(['webgpu', 'reference']);
    await expectNear(signal);
  });

  it('whose driver hangs is replaced', async () => {
    const backend = await createProcessBackend({ allowSoftware: true }, { workMs: 400 });
    let count = 0;
    const { report } = await runInto('hanging', {
      backend: () =>
        wrapSubmit(backend, () => {
          if (++count === 6) process.kill(backend.pid!, 'SIGSTOP');
        }),
      successors: [createReferenceBackend],
    });
    expect(report.warnings[0]).toMatchObject({ code: 'gpu_process_silent' });
    expect(report.backends!.map(({ name }) => name)).toEqual(['webgpu', 'reference']);
    await expectNear('hanging');
  });

  it('without memory for a buffer computes cells in parts', async () => {
    const device = await openDevice({ allowSoftware: true });
    // Room for three frames, the spare slot of their guard, three planes and one block by two.
    const small = outOfMemory(device.device, 4 * 4 * 3 * 64 * 128);
    const backend = new WebgpuBackend({ ...device, device: small });
    const submit = backend.submit.bind(backend);
    const refused = new Set<string>();
    backend.submit = (program) =>
      submit(program).catch((error: DeviceError) => {
        refused.add(error.code);
        throw error;
      });
    const { report } = await runInto('gpu-small', { backend: () => backend });
    // what was under way behind the first failure fails for want of its buffers
    expect([...refused][0]).toBe('gpu_out_of_memory');
    expect(report.notices.filter(({ code }) => code === 'pipeline_cell_split')).toHaveLength(1);
    expect(report.backends!.map(({ name, cells: own }) => [name, own])).toEqual([['webgpu', cells]]);
    expect(backend.resident().handles).toBe(0);
    await expectNear('gpu-small');
  });

  it('with a shader that does not compile is replaced too', async () => {
    const device = await openDevice({ allowSoftware: true });
    const { report } = await runInto('shader', {
      backend: () =>
        new WebgpuBackend(device, (stem, source) =>
          stem.startsWith('stack') ? source.replace('@compute', '@no_such_stage') : source,
        ),
      successors: [createReferenceBackend],
    });
    expect(report.warnings[0]).toMatchObject({ code: 'gpu_shader_error' });
    expect(await planes('shader')).toEqual(expected);
  });
});

/** A device that reports too little memory for buffers above a size, as WebGPU does: by its error scope, and with a buffer that is none. */
function outOfMemory(device: GPUDevice, maxBytes: number): GPUDevice {
  const scopes: { filter: string; failed: boolean }[] = [];
  const altered: Partial<GPUDevice> = {
    pushErrorScope: (filter) => {
      scopes.push({ filter, failed: false });
      device.pushErrorScope(filter);
    },
    createBuffer: (descriptor) => {
      const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
      if (descriptor.size > maxBytes && scope) scope.failed = true;
      return device.createBuffer(descriptor);
    },
    popErrorScope: async () => {
      const failed = scopes.pop()!.failed;
      const error = await device.popErrorScope();
      return failed ? { message: 'no memory' } : error;
    },
  };
  return new Proxy(device, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key in altered ? altered : target, key);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

function wrapSubmit(inner: ComputeBackend, before: () => void): ComputeBackend {
  return {
    info: inner.info,
    supports: (stem) => inner.supports(stem),
    submit: (program) => {
      before();
      return inner.submit(program);
    },
    resident: () => inner.resident(),
    takeProfile: () => inner.takeProfile(),
    close: () => inner.close(),
  };
}

/** A rejection that falls the other way moves a pixel by a fraction of its noise; rounding moves none by more than this. */
async function expectNear(name: string): Promise<void> {
  const ours = await planes(name);
  expected.forEach((theirs, plane) => {
    let different = 0;
    theirs.forEach((value, i) => {
      const value2 = ours[plane][i];
      expect(Number.isNaN(value2)).toBe(Number.isNaN(value));
      if (Math.abs(value2 - value) > 1e-5 * Math.abs(value)) different++;
    });
    expect(different / theirs.length).toBeLessThan(1e-3);
  });
}

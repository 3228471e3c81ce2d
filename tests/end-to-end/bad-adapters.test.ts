// Runs on machines whose GPU is absent, made of software, wrong, refuses a shader, or hangs: `auto` goes on without it and says so, what was asked
// for by name or demanded ends with the reason. (What fails only later, in the middle of a cell: device-loss.test.ts.)
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../src/cli/choose-backend.js';
import { services } from '../../src/cli/compose.js';
import type { ComputeBackend } from '../../src/compute/backend.js';
import type { BackendFactory, BackendSelectionError } from '../../src/compute/select.js';
import type { ConfigKey } from '../../src/config/table.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { openFits } from '../../src/fits/open-fits.js';
import { GpuError } from '../../src/gpu/gpu-error.js';
import { createProcessBackend } from '../../src/gpu/process/process-backend.js';
import { createWebgpuBackend } from '../../src/gpu/webgpu-backend.js';
import { runMosaic } from '../../src/pipeline/run-mosaic.js';
import { losingBackend } from '../helpers/failing-backend.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { configOf, makeSmallSession, readPlane, recordingSink, run } from './support.js';

const folder = temporaryFolderForFile();
const output = (name: string) => path.join(folder(), name);
const science = (name: string) => path.join(output(name), 'zemosaic_science.fits');
const hanging = fileURLToPath(new URL('../helpers/hanging-device.mjs', import.meta.url));

type Settings = Partial<Record<ConfigKey, string | boolean>>;

let expected: Float32Array;

beforeAll(async () => {
  const input_dir = path.join(folder(), 'session');
  await makeSmallSession(input_dir, { panels: [1, 1], subs: 3, size: [128, 160], extras: false });
  await run({ input_dir, output_dir: output('reference') });
  expected = (await readPlane(science('reference'), 0)).data;
});

/** A run that may choose between this GPU and the reference, by the rules of the program. */
function runOn(gpu: () => Promise<ComputeBackend>, name: string, settings: Settings = {}) {
  const factories: BackendFactory[] = [
    { name: 'webgpu', priority: 0, create: gpu },
    { name: 'reference', priority: 1, create: () => Promise.resolve(createReferenceBackend()) },
  ];
  const argv = { input_dir: path.join(folder(), 'session'), output_dir: output(name), ...settings };
  return runMosaic(configOf(argv), recordingSink().sink, new AbortController().signal, {
    version: '0.0.0-test',
    provideBackend: (config, stems) => chooseBackend(factories, config, stems),
  });
}

async function exitOf(gpu: () => Promise<ComputeBackend>, name: string, settings: Settings) {
  const error = await runOn(gpu, name, settings).then(
    () => undefined,
    (reason: unknown) => reason as BackendSelectionError,
  );
  return {
    exit: services.exitNameOf(error),
    code: error?.code,
    details: error?.details?.map(({ code }) => code),
  };
}

async function expectReferenceMosaic(name: string): Promise<void> {
  expect((await readPlane(science(name), 0)).data).toEqual(expected);
  const fits = await openFits(science(name));
  try {
    const cards = fits.hdus[0].header.cards;
    expect(cards.find(({ key }) => key === 'ZMBACKND')?.value).toMatch(/^reference/);
  } finally {
    await fits.close();
  }
}

/** The reference with another name and what a GPU may do to it. */
function likeGpu(traits: { hardware: boolean; wrong?: boolean }): () => Promise<ComputeBackend> {
  return () => {
    const inner = createReferenceBackend();
    return Promise.resolve({
      info: { ...inner.info, name: 'webgpu' as const, device: 'Voodoo 2', hardware: traits.hardware },
      supports: (stem) => inner.supports(stem),
      submit: async (program) => {
        const result = await inner.submit(program);
        if (traits.wrong) for (const read of result.reads) read.fill(1);
        return result;
      },
      resident: () => inner.resident(),
      takeProfile: () => inner.takeProfile(),
      close: () => inner.close(),
    });
  };
}

const noAdapter = () => Promise.reject(new GpuError('gpu_no_adapter', { reason: 'libvulkan.so.1' }));

const UNFIT = [
  ['that is absent', noAdapter, 'gpu_no_adapter'],
  ['made of software', likeGpu({ hardware: false }), 'compute_adapter_software'],
  ['that computes wrongly', likeGpu({ hardware: true, wrong: true }), 'compute_wrong_answer'],
  [
    'whose driver hangs while it computes the known answer',
    () => createProcessBackend({}, { module: hanging, workMs: 1000 }),
    'gpu_process_silent',
  ],
] as const;

describe.each(UNFIT)('a GPU %s', (title, gpu, code) => {
  const name = title.replaceAll(' ', '-');

  it('is passed over by auto, with the reason', async () => {
    const report = await runOn(gpu, name);
    expect(report.backends!.map((backend) => backend.name)).toEqual(['reference']);
    expect(report.notices.map((notice) => notice.code)).toContain(code);
    await expectReferenceMosaic(name);
  });

  it('ends a run that demands one, without another backend', async () => {
    expect(await exitOf(gpu, `${name}-demanded`, { require_gpu: true })).toEqual({
      exit: 'backend',
      code: 'compute_no_gpu',
      details: [code, 'compute_not_a_gpu'],
    });
  });

  it.skipIf(code === 'compute_adapter_software')('ends a run that names it', async () => {
    expect(await exitOf(gpu, `${name}-named`, { backend: 'webgpu' })).toEqual({
      exit: 'backend',
      code: 'compute_backend_unavailable',
      details: [code],
    });
  });
});

describe.skipIf(process.env.ZEMOSAIC_TEST_WEBGPU !== '1')('a real adapter', () => {
  /** Counts as hardware, so that only what it computes speaks against it. */
  const spoilt = (spoil: (source: string) => string) => async (): Promise<ComputeBackend> => {
    const backend = await createWebgpuBackend({
      allowSoftware: true,
      shaderOverride: (stem, source) => (stem.startsWith('coadd-normalise') ? spoil(source) : source),
    });
    return Object.create(backend, { info: { value: { ...backend.info, hardware: true } } }) as ComputeBackend;
  };

  it.each([
    ['a shader that computes wrongly', 'sum[out] / w', 'sum[out] * w', 'compute_wrong_answer'],
    ['a shader that does not compile', 'sum[out] / w', 'sum[out] / no_such_name', 'gpu_shader_error'],
  ])('with %s is passed over by auto', async (title, from, to, code) => {
    const name = title.replaceAll(' ', '-');
    const report = await runOn(
      spoilt((source) => source.replace(from, to)),
      name,
    );
    expect(report.notices.map((notice) => notice.code)).toContain(code);
    await expectReferenceMosaic(name);
  });
});

describe('a GPU that fits', () => {
  const lost = () =>
    likeGpu({ hardware: true })().then((backend) => losingBackend(backend, 2) as ComputeBackend);

  it('and is lost in mid-run ends a run that demands one: no other backend goes on', async () => {
    expect(await exitOf(lost, 'lost-demanded', { require_gpu: true })).toMatchObject({
      exit: 'backend',
      code: 'compute_no_gpu',
    });
    expect(await exitOf(lost, 'lost-named', { backend: 'webgpu' })).toMatchObject({
      exit: 'backend',
      code: 'gpu_device_lost',
    });
  });

  it('is not opened by auto where GPUs are switched off, and is by its name', async () => {
    let opened = 0;
    const gpu = () => {
      opened++;
      return likeGpu({ hardware: true })();
    };
    const report = await runOn(gpu, 'off', { use_gpu_phase5: false });
    expect([opened, report.backend!.name]).toEqual([0, 'reference']);
    expect((await runOn(gpu, 'off-named', { use_gpu_phase5: false, backend: 'webgpu' })).backend!.name).toBe(
      'webgpu',
    );
  });
});

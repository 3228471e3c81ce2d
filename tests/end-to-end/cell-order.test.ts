// What a device is given before the thread that asks does anything else: kernels ahead of the cells, the stack ahead of the next windows, many frames at a time.
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ComputeBackend, KernelCall, Program } from '../../src/compute/backend.js';
import { knownCases } from '../../src/compute/known-answer-cases.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { gpuKernels } from '../../src/gpu/kernels/index.js';
import type * as Cell from '../../src/pipeline/integrate/integrate-cell.js';
import type * as LeftOut from '../../src/pipeline/integrate/left-out-samples.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { makeSmallSession, run } from './support.js';

const log = vi.hoisted(() => [] as string[]);
vi.mock('../../src/pipeline/integrate/left-out-samples.js', async (original) => {
  const { leftOutSamples, ...rest } = await original<typeof LeftOut>();
  return {
    ...rest,
    leftOutSamples(...of: Parameters<typeof leftOutSamples>) {
      log.push('left out');
      return leftOutSamples(...of);
    },
  };
});
vi.mock('../../src/pipeline/integrate/integrate-cell.js', async (original) => {
  const { prepareCell, ...rest } = await original<typeof Cell>();
  return {
    ...rest,
    prepareCell(...of: Parameters<typeof prepareCell>) {
      log.push('prepare');
      return prepareCell(...of);
    },
  };
});

const folder = temporaryFolder();
beforeEach(() => log.splice(0));

async function runWith(
  watch: (backend: ComputeBackend) => Partial<ComputeBackend>,
  session: Parameters<typeof makeSmallSession>[1],
  more: object = {},
) {
  const input_dir = path.join(folder(), 'session');
  await makeSmallSession(input_dir, { panels: [1, 1], extras: false, ...session });
  await run(
    {
      input_dir,
      output_dir: path.join(folder(), 'out'),
      runtime_temp_dir: path.join(folder(), 'tmp'),
      ...more,
    },
    {
      backend: async () => {
        const backend = await createWasmBackend({ threads: 1 });
        return {
          info: backend.info,
          supports: backend.supports.bind(backend),
          submit: backend.submit.bind(backend),
          resident: backend.resident.bind(backend),
          takeProfile: backend.takeProfile.bind(backend),
          close: backend.close.bind(backend),
          ...watch(backend),
        };
      },
    },
  );
}

it('the stack, before what was left out is counted and the next cell prepared', async () => {
  const submit = (backend: ComputeBackend) => (program: Program) => {
    if (program.label === 'stack') log.push('stack');
    return backend.submit(program);
  };
  const session = { subs: 3, size: [160, 200] as const };
  await runWith((backend) => ({ submit: submit(backend) }), session, { cell_size_px: '128' });
  const cells = log.filter((what) => what === 'stack').length;
  expect(cells).toBeGreaterThan(2);
  const one = ['stack', 'prepare', 'left out'];
  const expected = ['prepare', ...Array.from({ length: cells }, () => one).flat()];
  // none follows the last
  expected.splice(expected.lastIndexOf('prepare'), 1);
  expect(log.slice(-expected.length)).toEqual(expected);
});

it.each([
  [false, 5, 5],
  // four times as many go together
  [true, 3, 20],
])('frames: where its memory is the host’s own (%s) up to %i at a time', async (onHost, expected, subs) => {
  let [underWay, most] = [0, 0];
  const watch = (backend: ComputeBackend): Partial<ComputeBackend> => ({
    info: { ...backend.info, limits: { ...backend.info.limits, onHost } },
    async submit(program) {
      if (!program.label.startsWith('slot')) return backend.submit(program);
      most = Math.max(most, ++underWay);
      const submitted = backend.submit(program);
      await wait(300);
      underWay--;
      return submitted;
    },
  });
  await runWith(watch, { subs, size: [460, 440] }, { learn_bad_pixels: false });
  expect(most).toBe(expected);
});

it.each([
  {},
  { stacking_rejection_algorithm: 'mad_clip', few_frames_guard: false, large_scale_rejection: false },
  { cfa_warp_kernel: 'lanczos3' },
  { demosaic_method: 'bilinear', warp_kernel: 'bilinear' },
])('the kernels of its cells, once these are planned: %o', async (more) => {
  const prepared: KernelCall[] = [];
  const called: KernelCall[] = [];
  const watch = (backend: ComputeBackend): Partial<ComputeBackend> => ({
    prepare(calls) {
      expect(log).toEqual([]);
      prepared.push(...calls);
      return Promise.resolve();
    },
    submit(program) {
      for (const op of program.ops) if (op.op === 'kernel') called.push(op);
      return backend.submit(program);
    },
  });
  await runWith(watch, { subs: 17, size: [130, 170] }, more);
  const built = ({ stem, params }: KernelCall) => `${stem} ${gpuKernels[stem].variantFor(params).name}`;
  const known = Object.entries(knownCases).map(([stem, { params }]) => built({ stem, params } as KernelCall));
  const ready = new Set([...known, ...prepared.map(built)]);
  expect(called.map(built).filter((name) => !ready.has(name))).toEqual([]);
  // nor anything that is not called
  const used = new Set(called.map(built));
  expect(prepared.map(built).filter((name) => !used.has(name))).toEqual([]);
  expect(called.map(built).some((name) => !known.includes(name))).toBe(true);
});

// What the wasm backend promises beyond the kernel suites: threads do not change bytes, a lost thread is an error.
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { lanczosTable } from '../../../src/compute/contracts/warp.js';
import { MAX_STEPS, STEP, stepAddress } from '../../../src/cpu-fallback/wasm/control-area.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { createWasmBackend, WasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { OwnShare } from '../../../src/cpu-fallback/wasm/own-share.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { runKernel, seededRandom } from '../../helpers/kernel-runs.js';
import { alloc, f32, free, opened, turned, warpParams } from './open-backends.js';

describe('threads', () => {
  it('give the same bytes, however many', async () => {
    const random = seededRandom(11);
    const side = 333;
    const image = Float32Array.from({ length: side * side }, () =>
      random() < 0.001 ? BLANK_VALUE : 1000 + 500 * random(),
    );
    const site = { width: side, height: side, originX: 1, originY: 0 };
    const stack = { pixels: side * 37, planes: 1, slots: 9, kappaLow: 2, kappaHigh: 2, maxIterations: 5 };
    const results: Buffer[][] = [];
    for (const threads of [1, 2, 4]) {
      const backend = opened(await createWasmBackend({ threads }));
      expect(backend.info.threads).toBe(threads);
      const thresholds = { threshold00: 200, threshold01: 200, threshold10: 200, threshold11: 200 };
      const outputs = [
        await runKernel(
          backend,
          'fix-hot-pixels',
          { ...site, ...thresholds, step: 2, isolation: 0.5, blanks: 0 },
          { image },
        ),
        await runKernel(backend, 'demosaic-bilinear', { ...site, pattern: 0b10_01_01_00 }, { cfa: image }),
        await runKernel(backend, 'demosaic-edge-aware', { ...site, pattern: 0b10_01_01_00 }, { cfa: image }),
        await runKernel(backend, 'warp', warpParams(side), {
          planes: image,
          map: turned(side),
          levels: Float32Array.of(1.5, 10, 1, 2, 3, 4, 5),
          lanczos: lanczosTable(),
        }),
        await runKernel(
          backend,
          'stack-winsorised',
          { ...stack, combine: 0 },
          { cube: image, frame_weights: Float32Array.from({ length: 9 }, (_, k) => 1 + k / 7) },
        ),
      ];
      results.push(
        outputs.flatMap((o) =>
          Object.values(o).map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)),
        ),
      );
    }
    for (const [i, bytes] of results[0].entries()) {
      expect(results[1][i].equals(bytes)).toBe(true);
      expect(results[2][i].equals(bytes)).toBe(true);
    }
  });

  // of two, the one that asks is one
  it.each([1, 2])('leave the event loop free while they work: %i', async (threads) => {
    const backend = opened(await createWasmBackend({ threads }));
    const [cube, weights] = [f32('cube', 1 << 22), f32('weights', 64)];
    const pixels = cube.length / weights.length;
    const out = ['mean', 'weight'].map((label) => f32(label, pixels));
    const counts = ['used', 'rejected_low', 'rejected_high'].map((label): Handle => ({
      label,
      element: 'u32',
      length: pixels,
    }));
    const random = seededRandom(1);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const buffers = Object.fromEntries([...out, ...counts].map((h) => [h.label, h]));
    const ops: Op[] = [cube, weights, ...out, ...counts].map(alloc);
    ops.push({ op: 'upload', handle: cube, data: Float32Array.from({ length: cube.length }, random) });
    const params = { pixels, planes: 1, slots: 64, kappaLow: 3, kappaHigh: 3, maxIterations: 9, combine: 0 };
    const kernel: Op = {
      op: 'kernel',
      stem: 'stack-winsorised',
      params,
      buffers: { ...buffers, cube, frame_weights: weights },
    };
    const kernels = Array.from({ length: 6 }, () => kernel);
    const submitted = backend.submit({ label: 'long', ops: [...ops, ...kernels] });
    const before = turns;
    await submitted;
    clearInterval(timer);
    expect(turns - before).toBeGreaterThan(2);
  });
});

it('joins calls for one slot after another, and gives what they give apart', async () => {
  const random = seededRandom(5);
  const [width, height, planes, slots] = [131, 70, 2, 6];
  const size = width * height * planes;
  const weights = Float32Array.from({ length: (slots - 1) * planes }, () => 0.5 + random());
  const samples = Float32Array.from({ length: slots * size }, () =>
    random() < 0.1 ? BLANK_VALUE : 500 + 4 * random() + (random() < 0.1 ? 18 * Math.round(random()) - 9 : 0),
  );
  const inputs = {
    cube: samples,
    frame_weights: weights,
    median: new Float32Array(size).fill(502),
    weight: new Float32Array(size).fill(4),
    used: new Uint32Array(size).fill(5),
    rejected_low: new Uint32Array(size),
    rejected_high: new Uint32Array(size),
  };
  const backend = opened(await createWasmBackend({ threads: 2 }));
  const results: Buffer[][] = [];
  for (const together of [true, false]) {
    const buffers = Object.fromEntries(
      Object.entries(inputs).map(([label, data]): [string, Handle] => [
        label,
        { label, element: data instanceof Uint32Array ? 'u32' : 'f32', length: data.length },
      ]),
    );
    const calls = Array.from({ length: slots - 1 }, (_, slot): Op => ({
      op: 'kernel',
      stem: 'guard-few',
      params: {
        ...{ width, height, planes, slots, slot, maxSamples: 16 },
        ...{ kappaLow: 3, kappaHigh: 2.5, slope: 1, pairSlope: 1 },
      },
      buffers,
    }));
    const start = Object.entries(inputs).flatMap(([label, data]): Op[] => [
      alloc(buffers[label]),
      { op: 'upload', handle: buffers[label], data },
    ]);
    const end = Object.values(buffers).flatMap((handle): Op[] => [{ op: 'read', handle }, free(handle)]);
    const programs = together ? [[...start, ...calls, ...end]] : [start, ...calls.map((call) => [call]), end];
    let reads: readonly (Float32Array | Uint32Array)[] = [];
    for (const ops of programs) ({ reads } = await backend.submit({ label: 'guard', ops }));
    results.push(reads.map((data) => Buffer.from(data.buffer)));
  }
  // Low and high: some went on either side.
  for (const counts of results[0].slice(-2)) expect(counts.some((n) => n > 0)).toBe(true);
  expect(results[0].length).toBe(7);
  results[0].forEach((bytes, i) => expect(Buffer.compare(bytes, results[1][i])).toBe(0));
  const guard = backend.takeProfile().find(({ stem }) => stem === 'guard-few');
  expect(guard?.calls).toBe(2 * (slots - 1));
});

it('uploads only behind a kernel that the full list has put off', async () => {
  const backend = opened(await createWasmBackend({ threads: 1 }));
  const handles = (name: string) => {
    const [sum, weight, mean] = ['sum', 'weight', 'mean'].map((role) => f32(`${name} ${role}`, 2));
    return { sum, weight, mean };
  };
  const [others, last] = [handles('others'), handles('last')];
  const put = (handle: Handle, ...values: number[]): Op => ({
    op: 'upload',
    handle,
    data: Float32Array.from(values),
  });
  const kernel = (buffers: Record<string, Handle>): Op => ({
    op: 'kernel',
    stem: 'coadd-normalise',
    params: { pixels: 2, planes: 1 },
    buffers,
  });
  const all = [...Object.values(others), ...Object.values(last)];
  const { reads } = await backend.submit({
    label: 'full list',
    ops: [
      ...all.map(alloc),
      put(others.sum, 1, 1),
      put(others.weight, 1, 1),
      put(last.sum, 6, 6),
      // Half unwritten: the zeros take the last place of the list, and the kernel stands first in the next.
      put(last.weight, 2),
      ...Array.from({ length: MAX_STEPS - 1 }, () => kernel(others)),
      kernel(last),
      put(last.sum, 100, 100),
      { op: 'read', handle: last.mean, length: 1 },
      ...all.map(free),
    ],
  });
  expect([...reads[0]]).toEqual([3]);
});

it('uploads as often as an operation stands in a program, at once and behind others', async () => {
  const backend = opened(await createWasmBackend({ threads: 1 }));
  const program = (label: string) => {
    const handle = f32(label, 2);
    const upload: Op = { op: 'upload', handle, data: Float32Array.of(1, 2) };
    const other: Op = { op: 'upload', handle, data: Float32Array.of(5, 6) };
    const read: Op = { op: 'read', handle };
    return { label, ops: [alloc(handle), upload, read, other, upload, read, free(handle)] };
  };
  const results = await Promise.all(['first', 'second'].map((label) => backend.submit(program(label))));
  for (const { reads } of results)
    expect(reads.map((read) => [...read])).toEqual([
      [1, 2],
      [1, 2],
    ]);
});

it('has taken what a waiting program uploads to a part of a buffer, or to a whole one', async () => {
  const backend = opened(await createWasmBackend({ threads: 1 }));
  const [part, whole] = [f32('part', 4), f32('whole', 2)];
  const data = Float32Array.of(1, 2);
  const first = backend.submit({ label: 'first', ops: [alloc(part)] });
  const second = backend.submit({
    label: 'second',
    ops: [
      alloc(whole),
      { op: 'upload', handle: whole, data },
      { op: 'upload', handle: part, data, offset: 1 },
      { op: 'read', handle: whole },
      { op: 'read', handle: part },
      free(whole),
      free(part),
    ],
  });
  data.fill(9);
  await first;
  expect((await second).reads).toEqual([Float32Array.of(1, 2), Float32Array.of(0, 1, 2, 0)]);
});

it('gives threads away only while nothing runs, and computes the same without them', async () => {
  const backend = opened(await createWasmBackend({ threads: 3 })) as WasmBackend;
  const module = {
    file: path.join(import.meta.dirname, '../../fixtures/given-thread.mjs'),
    start: { factor: 3 },
  };
  const x = f32('x', 1 << 16);
  const data = Float32Array.from({ length: x.length }, (_, i) => i % 1000);
  const ops: Op[] = [alloc(x), { op: 'upload', handle: x, data }, { op: 'read', handle: x }];
  const running = backend.submit({ label: 'before', ops: [...ops, { op: 'free', handle: x }] });
  const gives = () => backend.giveThread(module) !== undefined;
  expect(gives()).toBe(false);
  await running;
  const given = backend.giveThread(module)!;
  const another = backend.giveThread(module)!;
  expect(gives()).toBe(false);
  await another.worker.terminate();
  const told = new Promise((resolve) => given.port.once('message', resolve));
  given.port.postMessage(14);
  expect(await told).toBe(42);
  const cfa = f32('cfa', 64 * 64);
  const planes = f32('planes', 3 * cfa.length);
  const params = { width: 64, height: 64, originX: 0, originY: 0, pattern: 0b10_01_01_00 };
  const program: Op[] = [
    ...[alloc(cfa), alloc(planes)],
    { op: 'upload', handle: cfa, data: data.subarray(0, cfa.length) },
    { op: 'kernel', stem: 'demosaic-edge-aware', params, buffers: { cfa, planes } },
    { op: 'read', handle: planes },
  ];
  const whole = opened(await createWasmBackend({ threads: 2 }));
  const [a, b] = [backend, whole].map((one) => one.submit({ label: 'after', ops: program }));
  expect((await a).reads).toEqual((await b).reads);
  await given.worker.terminate();
});

it('counts the thread that asks as one of two, and starts one', async () => {
  const { module, memory } = await loadKernels();
  for (const [threads, started] of [
    [1, 1],
    [2, 1],
    [3, 3],
  ]) {
    const pool = await WorkerPool.start(module, memory, threads);
    expect([pool.size, pool.threads.length]).toEqual([threads, started]);
    await pool.close();
  }
});

it.each([1, 2])('tells that a kernel trapped, whoever called it, and goes on: of %i', async (threads) => {
  const { module, memory } = await loadKernels();
  const pool = await WorkerPool.start(module, memory, threads);
  const step = new Int32Array(memory.buffer, stepAddress(0), STEP.DONE + 1);
  for (let i = 0; i < 5; i++) {
    step.fill(0);
    [step[STEP.FUNCTION], step[STEP.UNITS], step[STEP.GRAIN]] = [9999, 1000, 1];
    await expect(pool.run(1)).rejects.toMatchObject({ code: 'wasm_kernel_trapped' });
    await pool.run(0);
  }
  await pool.close();
});

it('has the other thread stop where a kernel traps on the one that asks', async () => {
  const { module, memory } = await loadKernels();
  const pool = await WorkerPool.start(module, memory, 2);
  const step = new Int32Array(memory.buffer, stepAddress(0), STEP.DONE + 1).fill(0);
  [step[STEP.UNITS], step[STEP.GRAIN], step[STEP.NEXT]] = [2, 1, 2];
  const run = vi.spyOn(OwnShare.prototype, 'run').mockRejectedValueOnce(new Error('unreachable'));
  await expect(pool.run(1)).rejects.toMatchObject({ code: 'wasm_kernel_trapped' });
  run.mockRestore();
  await pool.close();
});

it('lets nobody wait for steps of a pool that is closed', async () => {
  const { module, memory } = await loadKernels();
  const pool = await WorkerPool.start(module, memory, 1);
  const step = new Int32Array(memory.buffer, stepAddress(0), STEP.DONE + 1).fill(0);
  // all chunks are taken, and will never be done
  [step[STEP.UNITS], step[STEP.GRAIN], step[STEP.NEXT]] = [2, 1, 2];
  const share = new OwnShare({ module, memory, index: 1 }).run(1);
  // meanwhile everything else has its turn
  await new Promise((resolve) => setTimeout(resolve, 20));
  await pool.close();
  await share;
});

describe('a lost thread', () => {
  async function withPool(threads = 3) {
    const kernels = await loadKernels();
    const pool = await WorkerPool.start(kernels.module, kernels.memory, threads);
    return { pool, backend: opened(new WasmBackend(kernels, pool)) };
  }

  // beside one more that computes, which may be the one that asks, and beside two
  it.each([2, 3])(
    'is an error of what runs and of all that follows, never a wait: of %i',
    async (threads) => {
      const { pool, backend } = await withPool(threads);
      const cfa = f32('cfa', 1 << 22);
      const planes = f32('planes', 3 << 22);
      const kernel: Op = {
        op: 'kernel',
        stem: 'demosaic-edge-aware',
        params: { width: 2048, height: 2048, originX: 0, originY: 0, pattern: 0b10_01_01_00 },
        buffers: { cfa, planes },
      };
      const running = backend.submit({
        label: 'killed',
        ops: [alloc(cfa), alloc(planes), ...Array.from({ length: 40 }, () => kernel)],
      });
      const outcome = expect(running).rejects.toMatchObject({ code: 'wasm_worker_died' });
      const waiting = f32('waiting', 8);
      const upload: Op = { op: 'upload', handle: waiting, data: new Float32Array(8) };
      const read: Op = { op: 'read', handle: waiting };
      const queued = backend.submit({ label: 'queued', ops: [alloc(waiting), upload, read] });
      const itsOutcome = expect(queued).rejects.toMatchObject({ code: 'wasm_worker_died' });
      await pool.threads[threads - 2].terminate();
      await outcome;
      await itsOutcome;
      expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
      const handle = f32('later', 1);
      await expect(backend.submit({ label: 'later', ops: [alloc(handle)] })).rejects.toMatchObject({
        code: 'wasm_worker_died',
      });
    },
  );

  it('is noticed while nothing runs', async () => {
    const { pool, backend } = await withPool();
    await pool.threads[0].terminate();
    await expect(backend.submit({ label: 'later', ops: [] })).rejects.toMatchObject({
      code: 'wasm_worker_died',
    });
  });
});

it('ends when what runs is done, and takes nothing after its end', async () => {
  const backend = await createWasmBackend({ threads: 1 });
  const handle = f32('x', 1000);
  const running = backend.submit({ label: 'running', ops: [alloc(handle), { op: 'read', handle }] });
  await Promise.all([backend.close(), backend.close()]);
  expect((await running).reads[0]).toEqual(new Float32Array(1000));
  await expect(backend.submit({ label: 'late', ops: [] })).rejects.toMatchObject({
    code: 'compute_backend_closed',
  });
});

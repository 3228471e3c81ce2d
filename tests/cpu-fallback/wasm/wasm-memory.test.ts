// The memory of the wasm backend: bounded, reused, and given back.
import { describe, expect, it, vi } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { lanczosTable } from '../../../src/compute/contracts/warp.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { createWasmBackend, WasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { justBefore, runKernel } from '../../helpers/kernel-runs.js';
import { alloc, f32, free, opened, turned, warpParams } from './open-backends.js';

describe('memory', () => {
  it('is zero again for a buffer that takes the place of another', async () => {
    const backend = opened(await createWasmBackend({ threads: 2 }));
    const [old, next] = [f32('old', 5000), f32('next', 5000)];
    const upload: Op = { op: 'upload', handle: old, data: new Float32Array(5000).fill(7) };
    await backend.submit({ label: 'old', ops: [alloc(old), upload, free(old)] });
    const part: Op = { op: 'upload', handle: next, data: Float32Array.of(1, 2), offset: 4000 };
    const { reads } = await backend.submit({
      label: 'next',
      ops: [alloc(next), part, { op: 'read', handle: next }, free(next)],
    });
    const expected = new Float32Array(5000);
    expected.set([1, 2], 4000);
    expect(reads[0]).toEqual(expected);
  });

  it('around the weights of Lanczos-3 counts nothing, whatever stood there', async () => {
    const backend = opened(await createWasmBackend({ threads: 1 }));
    const [old, side] = [f32('old', 2 ** 20), 64];
    const data = new Float32Array(old.length).fill(NaN);
    await backend.submit({
      label: 'old',
      ops: [alloc(old), { op: 'upload', handle: old, data }, free(old)],
    });
    const whole = Float32Array.from({ length: side * side }, (_, k) => k);
    // in the second all pixels lack a tap, which takes them elsewhere
    for (const planes of [whole, whole.with(9 * side + 9, BLANK_VALUE)]) {
      const { cube } = await runKernel(backend, 'warp', warpParams(side), {
        planes,
        map: justBefore(10, 10),
        levels: Float32Array.of(1, 0, 0, 0, 0, 0, 0),
        lanczos: lanczosTable(),
      });
      expect(cube).toEqual(new Float32Array(side * side).fill(10 * side + 10));
    }
  });

  it('that does not suffice is named with what is wanted and what is free, and nothing stays', async () => {
    const backend = opened(await createWasmBackend({ threads: 1 }));
    const gib = 2 ** 28;
    const handles = [f32('first', gib), f32('second', 2 * gib), f32('third', 2 * gib)];
    const error = await backend
      .submit({ label: 'too much', ops: handles.map(alloc) })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'wasm_out_of_memory',
      params: { program: 'too much', label: 'third', bytes: 2 ** 31 },
    });
    const { free: left } = (error as { params: { free: number } }).params;
    expect(left).toBeGreaterThan(2 ** 29);
    expect(left).toBeLessThan(2 ** 31);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
    const again = f32('again', 2 * gib);
    await backend.submit({ label: 'fits', ops: [alloc(again), free(again)] });
  });

  it('that uploads of a waiting program take is given up to the one that runs', async () => {
    const backend = opened(await createWasmBackend({ threads: 1 }));
    const [small, whole] = [
      f32('small', 16),
      f32('whole', (backend.info.limits.maxBufferBytes - 2 ** 20) / 4),
    ];
    const running = backend.submit({
      label: 'running',
      ops: [alloc(small), { op: 'read', handle: small }, alloc(whole), free(whole), free(small)],
    });
    const late = f32('late', 2 ** 20);
    const data = new Float32Array(2 ** 20).fill(3);
    const upload: Op = { op: 'upload', handle: late, data };
    const waiting = backend.submit({
      label: 'waiting',
      ops: [alloc(late), upload, { op: 'read', handle: late }, free(late)],
    });
    data.fill(4);
    await running;
    const { reads } = await waiting;
    expect(reads[0].every((value) => value === 3)).toBe(true);
  });

  it('of sums and of uploads that wait is given back by a program that fails', async () => {
    const backend = opened(await createWasmBackend({ threads: 1 }));
    const left: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const words: Handle = { label: 'words', element: 'u32', length: 8 };
      const whole = f32('whole', backend.info.limits.maxBufferBytes / 4);
      const last = f32('last', 1000);
      const sum: Op = { op: 'read', handle: words, sum: true };
      const upload: Op = { op: 'upload', handle: last, data: new Float32Array(1000) };
      const error = await backend
        .submit({ label: 'fails', ops: [alloc(words), sum, sum, alloc(whole), alloc(last), upload] })
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'wasm_out_of_memory', params: { label: 'whole' } });
      left.push((error as { params: { free: number } }).params.free);
      expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
    }
    expect(left).toEqual([left[0], left[0], left[0]]);
  });

  it('of a table that is uploaded anew is not remembered', async () => {
    const backend = opened(await createWasmBackend({ threads: 2 }));
    const side = 40;
    const planes = Float32Array.from({ length: side * side }, (_, k) => (k * 31) % 97);
    const changed = lanczosTable().map((v, i) => (i < 4096 ? v : v / 2));
    const base = { planes, map: turned(side), levels: Float32Array.of(1, 0, 0, 0, 0, 0, 0) };
    const params = { ...warpParams(side), clampThreshold: 1e9 };
    const alone = (lanczos: Float32Array) => runKernel(backend, 'warp', params, { ...base, lanczos });
    const [plain, other] = [(await alone(lanczosTable())).cube, (await alone(changed)).cube];
    expect(other).not.toEqual(plain);

    const handles = {
      planes: f32('planes', planes.length),
      map: f32('map', base.map.length),
      levels: f32('levels', 7),
      lanczos: f32('lanczos', changed.length),
      cube: f32('cube', planes.length),
    };
    const put = (name: keyof typeof handles, data: Float32Array): Op => ({
      op: 'upload',
      handle: handles[name],
      data,
    });
    const kernel: Op = { op: 'kernel', stem: 'warp', params, buffers: handles };
    const read: Op = { op: 'read', handle: handles.cube };
    const { reads } = await backend.submit({
      label: 'two tables',
      ops: [
        ...Object.values(handles).map(alloc),
        ...(['planes', 'map', 'levels'] as const).map((name) => put(name, base[name])),
        put('lanczos', lanczosTable()),
        kernel,
        read,
        put('lanczos', changed),
        kernel,
        read,
        ...Object.values(handles).map(free),
      ],
    });
    expect(reads[0]).toEqual(plain);
    expect(reads[1]).toEqual(other);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('of a table that a failed program was to make is not looked at', async () => {
    const kernels = await loadKernels();
    const pool = await WorkerPool.start(kernels.module, kernels.memory, 1);
    const backend = opened(new WasmBackend(kernels, pool));
    const side = 40;
    const inputs = {
      planes: Float32Array.from({ length: side * side }, (_, k) => (k * 31) % 97),
      map: turned(side),
      levels: Float32Array.of(1, 0, 0, 0, 0, 0, 0),
      lanczos: lanczosTable(),
    };
    const plain = (await runKernel(backend, 'warp', warpParams(side), inputs)).cube;
    const handles = {
      planes: f32('planes', side * side),
      map: f32('map', inputs.map.length),
      levels: f32('levels', 7),
      lanczos: f32('lanczos', inputs.lanczos.length),
      cube: f32('cube', side * side),
    };
    const put = Object.entries(inputs).map(([name, data]): Op => ({
      op: 'upload',
      handle: handles[name as keyof typeof inputs],
      data,
    }));
    const other = f32('other', 2 ** 20);
    await backend.submit({
      label: 'inputs',
      ops: [
        alloc(other),
        { op: 'upload', handle: other, data: new Float32Array(2 ** 20).fill(5) },
        free(other),
        ...Object.values(handles).map(alloc),
        ...put,
      ],
    });
    const kernel: Op = { op: 'kernel', stem: 'warp', params: warpParams(side), buffers: handles };
    const run = vi.spyOn(pool, 'run').mockRejectedValueOnce(new Error('no room'));
    await expect(backend.submit({ label: 'fails', ops: [kernel] })).rejects.toThrow('no room');
    run.mockRestore();
    const { reads } = await backend.submit({
      label: 'again',
      ops: [kernel, { op: 'read', handle: handles.cube }, ...Object.values(handles).map(free)],
    });
    expect(reads[0]).toEqual(plain);
  });
});

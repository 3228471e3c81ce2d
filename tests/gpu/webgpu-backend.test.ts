// The backend beyond what its kernels compute: leaks, order, errors, loss, determinism, profile.
import { afterEach, expect, it } from 'vitest';
import type { ComputeBackend, Op } from '../../src/compute/backend.js';
import { listAdapters } from '../../src/gpu/adapters.js';
import { openDevice } from '../../src/gpu/device.js';
import { createWebgpuBackend, WebgpuBackend, type WebgpuOptions } from '../../src/gpu/webgpu-backend.js';
import { describeWithAdapter, f32, normaliseProgram } from './software-adapter.js';

const opened: ComputeBackend[] = [];

async function open(options: WebgpuOptions = {}): Promise<ComputeBackend> {
  const backend = await createWebgpuBackend({ allowSoftware: true, ...options });
  opened.push(backend);
  return backend;
}

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

const PIXELS = 1000;
const sums = Float32Array.from({ length: PIXELS }, (_, i) => 3 * i);
const weights = Float32Array.from({ length: PIXELS }, (_, i) => 1 + (i % 3));
const program = () => normaliseProgram(PIXELS, sums, weights);

describeWithAdapter('webgpu backend', () => {
  it('computes, leaves nothing resident, and gives the same bytes again from reused buffers', async () => {
    const backend = await open();
    const first = await backend.submit(program());
    const second = await backend.submit(program());
    expect(first.reads[0][10]).toBe(15);
    expect(second.reads).toEqual(first.reads);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('a new handle is zero although its memory was used before', async () => {
    const backend = await open();
    const [used, fresh] = [f32('used', 256), f32('fresh', 256)];
    const { reads } = await backend.submit({
      label: 'reuse',
      ops: [
        { op: 'alloc', handle: used },
        { op: 'upload', handle: used, data: new Float32Array(256).fill(7) },
        { op: 'free', handle: used },
        { op: 'alloc', handle: fresh },
        { op: 'upload', handle: fresh, data: new Float32Array([1]), offset: 3 },
        { op: 'read', handle: fresh, length: 5 },
        { op: 'free', handle: fresh },
      ],
    });
    expect([...reads[0]]).toEqual([0, 0, 0, 1, 0]);
  });

  it('uploads and reads of one buffer take effect in the order of the operations', async () => {
    const backend = await open();
    const handle = f32('x', 2);
    const put = (a: number, b: number): Op => ({ op: 'upload', handle, data: new Float32Array([a, b]) });
    const read: Op = { op: 'read', handle };
    const ops: Op[] = [{ op: 'alloc', handle }, put(1, 2), read, put(3, 4), read, { op: 'free', handle }];
    const { reads } = await backend.submit({ label: 'order', ops });
    expect(reads.map((array) => [...array])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('large uploads too, in memory that serves again', async () => {
    const device = await openDevice({ allowSoftware: true });
    const made: number[] = [];
    const createBuffer = device.device.createBuffer.bind(device.device);
    device.device.createBuffer = (descriptor) => {
      if (descriptor.mappedAtCreation) made.push(descriptor.size);
      return createBuffer(descriptor);
    };
    const backend = new WebgpuBackend(device);
    opened.push(backend);
    const length = 50_000;
    for (let times = 0; times < 4; times++) {
      const handle = f32('large', length);
      const put = (data: Float32Array, offset: number): Op => ({ op: 'upload', handle, data, offset });
      const all = (value: number) => put(new Float32Array(length).fill(value), 0);
      const [one, some] = [put(Float32Array.of(7), 40_000), put(new Float32Array(5000).fill(2), 45_000)];
      const read: Op = { op: 'read', handle };
      const ops: Op[] = [{ op: 'alloc', handle }, all(1), one, some, read, all(3), one, read];
      const { reads } = await backend.submit({ label: 'large', ops: [...ops, { op: 'free', handle }] });
      const expected = [1, 3].map((value) => new Float32Array(length).fill(value));
      expected[0].fill(2, 45_000);
      for (const values of expected) values[40_000] = 7;
      expect(reads).toEqual(expected);
    }
    // two in each program
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThanOrEqual(4);
  });

  it('repeats what is uploaded many times, and no more', async () => {
    const backend = await open();
    const times = 50_000;
    const handle = f32('rows', 3 * times + 3);
    const { reads } = await backend.submit({
      label: 'rows',
      ops: [
        { op: 'alloc', handle },
        { op: 'upload', handle, data: new Float32Array(handle.length).fill(9) },
        { op: 'upload', handle, data: Float32Array.of(1, 2, 3), offset: 2, times },
        { op: 'read', handle },
        { op: 'free', handle },
      ],
    });
    const expected = new Float32Array(handle.length).fill(9);
    for (let k = 0; k < 3 * times; k++) expected[2 + k] = 1 + (k % 3);
    expect(reads[0]).toEqual(expected);
  });

  it('takes uploads when submit returns: the caller may overwrite them at once', async () => {
    const backend = await open();
    const data = sums.slice();
    const pending = backend.submit(normaliseProgram(PIXELS, data, weights));
    data.fill(-1);
    expect((await pending).reads[0][10]).toBe(15);
  });

  it('a folded line of pixels reaches every pixel', async () => {
    const backend = await open();
    const pixels = 64 * 65535 + 77;
    const many = new Float32Array(pixels).fill(6);
    const { reads } = await backend.submit(normaliseProgram(pixels, many, new Float32Array(pixels).fill(2)));
    expect((reads[0] as Float32Array).every((value) => value === 3)).toBe(true);
  });

  it('reports calls, time and bytes of each kernel once', async () => {
    const backend = await open();
    await backend.submit(program());
    await backend.submit(program());
    const profile = backend.takeProfile();
    const byStem = [...profile].sort((a, b) => a.stem.localeCompare(b.stem));
    expect(byStem).toMatchObject([
      { stem: 'coadd-normalise', calls: 2, bytes: 2 * 3 * 4 * PIXELS },
      { stem: 'read_back', calls: 2, bytes: 2 * 4 * PIXELS },
      { stem: 'upload', calls: 4, bytes: 2 * 2 * 4 * PIXELS },
    ]);
    // Adapters quantise their clock: a small kernel may take none of its ticks.
    for (const { seconds } of profile) expect(seconds).toBeGreaterThanOrEqual(0);
    expect(backend.takeProfile()).toEqual([]);
  });

  it('times each call of a program, also where one call stands in it several times', async () => {
    const device = await openDevice({ allowSoftware: true });
    const timers: number[] = [];
    const createQuerySet = device.device.createQuerySet.bind(device.device);
    device.device.createQuerySet = (descriptor) => {
      timers.push(descriptor.count);
      return createQuerySet(descriptor);
    };
    const backend = new WebgpuBackend(device);
    opened.push(backend);
    const { label, ops } = program();
    const again = ops.flatMap((op): Op[] => (op.op === 'kernel' ? [op, op, op, op] : [op]));
    await backend.submit({ label, ops: again });
    expect(timers).toEqual(device.hasTimestamps ? [8] : []);
  });

  it('a shader that does not compile is named with its line and the compiler’s words', async () => {
    const backend = await open({
      shaderOverride: (_stem, source) => source.replace('sum[out] / w', 'sum[out] / no_such_name'),
    });
    await expect(backend.submit(program())).rejects.toMatchObject({
      code: 'gpu_shader_error',
      params: {
        stem: 'coadd-normalise',
        text: 'mean[out] = sum[out] / no_such_name;',
        reason: expect.stringContaining('no_such_name'),
      },
    });
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('kernels that were made ready compute the same; a bad one fails its call, not the making', async () => {
    const call = { stem: 'coadd-normalise', params: { pixels: 1, planes: 1 } } as const;
    const made: string[] = [];
    const watching = await open({ shaderOverride: (stem, source) => (made.push(stem), source) });
    await watching.prepare!([
      call,
      { ...call, stem: 'stack-mean', params: { pixels: 1, planes: 1, slots: 2 } },
    ]);
    expect(made).toEqual(['coadd-normalise', 'stack-mean']);
    const other = { ...call, stem: 'stack-median', params: { pixels: 1, planes: 1, slots: 2 } } as const;
    await Promise.all([watching.prepare!([call, other]), watching.prepare!([other])]);
    expect(made.splice(2)).toEqual(['stack-median']);
    expect((await watching.submit(program())).reads[0][10]).toBe(15);
    expect(made.length).toBe(2);
    const bad = await open({
      shaderOverride: (_stem, source) => source.replace('sum[out] / w', 'no_such_name'),
    });
    await bad.prepare!([call]);
    await expect(bad.submit(program())).rejects.toMatchObject({ code: 'gpu_shader_error' });
  });

  it('a program that fails half-way leaves nothing: neither what it made nor what it was to free', async () => {
    const backend = await open({
      shaderOverride: () => {
        throw new Error('unreadable');
      },
    });
    const earlier = f32('earlier', 64);
    await backend.submit({ label: 'earlier', ops: [{ op: 'alloc', handle: earlier }] });
    const { label, ops } = program();
    const failing = { label, ops: [...ops, { op: 'free', handle: earlier } satisfies Op] };
    await expect(backend.submit(failing)).rejects.toMatchObject({
      code: 'gpu_program_failed',
      params: { reason: 'unreadable' },
    });
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('a buffer beyond the device’s limit is refused with wanted and allowed bytes', async () => {
    const backend = await open();
    const { maxBufferBytes } = backend.info.limits;
    const handle = f32('huge', maxBufferBytes / 4 + 1);
    await expect(backend.submit({ label: 'huge', ops: [{ op: 'alloc', handle }] })).rejects.toMatchObject({
      code: 'compute_buffer_over_limit',
      params: { label: 'huge', bytes: maxBufferBytes + 4, maxBytes: maxBufferBytes },
    });
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('a lost device fails the work under way and all that follows, and close still works', async () => {
    const device = await openDevice({ allowSoftware: true });
    const backend = new WebgpuBackend(device);
    opened.push(backend);
    await backend.submit(program());
    const underWay = backend.submit(program());
    device.device.destroy();
    await expect(underWay).rejects.toMatchObject({ code: 'gpu_device_lost' });
    await expect(backend.submit(program())).rejects.toMatchObject({ code: 'gpu_device_lost' });
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('is closed after close', async () => {
    const backend = await open();
    await backend.close();
    await expect(backend.submit(program())).rejects.toMatchObject({ code: 'compute_backend_closed' });
  });
});

describeWithAdapter('choice of an adapter', () => {
  it('lists what there is, and opens it by that name', async () => {
    const [first] = await listAdapters();
    const backend = await open({ adapterName: first.name });
    expect(backend.info).toMatchObject({ device: first.description, hardware: first.hardware });
  });

  it('takes a number of the list, and a part of a name in any case', async () => {
    const [first] = await listAdapters();
    for (const adapterName of ['0', ` ${first.name.slice(0, 5).toUpperCase()}`]) {
      expect((await open({ adapterName })).info.device).toBe(first.description);
    }
    await expect(open({ adapterName: '99' })).rejects.toMatchObject({ code: 'gpu_adapter_not_found' });
  });

  it('refuses a name that no adapter has, naming those there are', async () => {
    const [first] = await listAdapters();
    await expect(open({ adapterName: 'Voodoo 2' })).rejects.toMatchObject({
      code: 'gpu_adapter_not_found',
      params: { name: 'Voodoo 2', available: expect.stringContaining(first.name) },
    });
  });

  it('refuses software unless it is allowed, and the null backend always', async () => {
    const [first] = await listAdapters();
    if (!first.hardware) {
      await expect(open({ allowSoftware: false })).rejects.toMatchObject({ code: 'gpu_software_only' });
    }
    await expect(open({ dawnOptions: ['backend=null'] })).rejects.toMatchObject({ code: 'gpu_null_adapter' });
  });
});

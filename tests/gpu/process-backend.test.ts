// The device in a process of its own: the same answers, and nothing that happens to it happens to the run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Op, ProgramResult } from '../../src/compute/backend.js';
import { prepareKnownAnswer, wrongAnswers } from '../../src/compute/known-answer.js';
import {
  createProcessBackend,
  type DeviceProcessBackend,
  listAdaptersInProcess,
} from '../../src/gpu/process/process-backend.js';
import { FrameReader } from '../../src/gpu/process/wire.js';
import { describeWithAdapter, f32, normaliseProgram } from './software-adapter.js';

/** Says nothing, as a driver that hangs. */
const SILENT_DEVICE = fileURLToPath(new URL('../helpers/silent-device.mjs', import.meta.url));
const HANGING_DEVICE = fileURLToPath(new URL('../helpers/hanging-device.mjs', import.meta.url));

const opened: DeviceProcessBackend[] = [];

async function open(): Promise<DeviceProcessBackend> {
  const backend = await createProcessBackend({ allowSoftware: true });
  opened.push(backend);
  return backend;
}

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

const PIXELS = 1_000_000;
const sums = Float32Array.from({ length: PIXELS }, (_, i) => 3 * (i % 1000));
const weights = Float32Array.from({ length: PIXELS }, (_, i) => 1 + (i % 3));
const program = () => normaliseProgram(PIXELS, sums, weights);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200 && isAlive(pid); tries++) await wait(50);
  return !isAlive(pid);
}

describe('frames', () => {
  it('are put together from chunks cut anywhere', () => {
    const sent: Buffer[] = [];
    const frame = (head: object, body: Uint8Array) => {
      const text = Buffer.from(JSON.stringify(head));
      const prefix = Buffer.alloc(16);
      prefix.writeDoubleLE(text.length, 0);
      prefix.writeDoubleLE(body.length, 8);
      sent.push(prefix, text, Buffer.from(body));
    };
    frame({ a: 'ü' }, new Uint8Array());
    frame({ b: 1 }, Uint8Array.of(1, 2, 3, 4, 5));
    frame({ c: 2 }, Uint8Array.of(6));
    const all = Buffer.concat(sent);
    for (let size = 1; size <= all.length; size++) {
      const got: unknown[] = [];
      const reader = new FrameReader((head, body) => got.push([head, [...body]]));
      for (let at = 0; at < all.length; at += size) reader.take(all.subarray(at, at + size));
      expect(got).toEqual([
        [{ a: 'ü' }, []],
        [{ b: 1 }, [1, 2, 3, 4, 5]],
        [{ c: 2 }, [6]],
      ]);
    }
  });
});

describe('a driver that hangs', () => {
  it('ends its process, and the wait for it', async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'zemosaic-silent-'));
    const module = path.join(dir, 'silent.mjs');
    const pidFile = path.join(dir, 'pid');
    writeFileSync(
      module,
      `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
       process.on('SIGTERM', () => {});
       setInterval(() => {}, 1000);`,
    );
    try {
      const options = { module, answerMs: 3000 };
      const silent = { code: 'gpu_process_silent', params: { adapter: 'GPU', seconds: 3 } };
      await Promise.all([
        expect(createProcessBackend({}, options)).rejects.toMatchObject(silent),
        expect(listAdaptersInProcess(options)).rejects.toMatchObject(silent),
      ]);
      expect(await untilGone(Number(readFileSync(pidFile, 'utf8')))).toBe(true);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a driver that hangs in mid-run', () => {
  it('ends its process and what waits for it, when nothing has been answered for so long', async () => {
    const backend = await createProcessBackend({}, { module: HANGING_DEVICE, workMs: 1000 });
    opened.push(backend);
    const underWay = [backend.submit(program()), backend.submit(program())];
    for (const { status, reason } of (await Promise.allSettled(underWay)) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(reason).toMatchObject({
        code: 'gpu_process_silent',
        params: { adapter: 'hanging', seconds: 1 },
      });
    }
    await expect(backend.submit(program())).rejects.toMatchObject({ code: 'gpu_process_silent' });
    expect(await untilGone(backend.pid!)).toBe(true);
  });
});

describe('a driver that hangs at the start', () => {
  it('is ended with its process when nobody waits for it any more', async () => {
    const stop = new AbortController();
    const opening = createProcessBackend({}, { module: SILENT_DEVICE, signal: stop.signal });
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'gpu_process_ended', params: { reason: 'SIGKILL' } });
  });

  it('is not even begun where nobody waited any more before that', async () => {
    const options = { module: SILENT_DEVICE, answerMs: 1000, signal: AbortSignal.abort() };
    await expect(createProcessBackend({}, options)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describeWithAdapter('the device in a process of its own', () => {
  it('knows the known answer, reports its kernels once, and leaves nothing resident', async () => {
    const backend = await open();
    expect(backend.pid).not.toBe(process.pid);
    expect(await wrongAnswers(backend)).toEqual([]);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
    backend.takeProfile();
    await backend.submit(program());
    expect(backend.takeProfile()).toMatchObject([
      { stem: 'upload', calls: 2, bytes: 8 * PIXELS },
      { stem: 'coadd-normalise', calls: 1, bytes: 12 * PIXELS },
      { stem: 'read_back', calls: 1, bytes: 4 * PIXELS },
    ]);
    expect(backend.takeProfile()).toEqual([]);
  });

  /** What the last of three programs reads, of which the first two put 1 and 2, where `between` passes after the first. */
  async function readInOrder(
    backend: DeviceProcessBackend,
    between?: () => Promise<unknown>,
  ): Promise<number[]> {
    const kept = f32('kept', 1);
    const put = (value: number): Op => ({ op: 'upload', handle: kept, data: Float32Array.of(value) });
    const first = backend.submit({ label: 'first', ops: [{ op: 'alloc', handle: kept }, put(1)] });
    if (between) await between();
    const second = backend.submit({ label: 'second', ops: [put(2)] });
    const { reads } = await backend.submit({
      label: 'third',
      ops: [
        { op: 'read', handle: kept },
        { op: 'free', handle: kept },
      ],
    });
    await Promise.all([first, second]);
    return [...reads[0]];
  }

  it('has programs wait for the kernels that are made ready, in their order', async () => {
    const backend = await open();
    await prepareKnownAnswer(backend);
    expect(await readInOrder(backend)).toEqual([2]);
    expect(await wrongAnswers(backend)).toEqual([]);
  });

  it('has none overtake those that wait for kernels when others, asked for before, are ready', async () => {
    const backend = await open();
    await backend.prepare([]);
    await prepareKnownAnswer(backend);
    expect(await readInOrder(backend, () => wait(100))).toEqual([2]);
  });

  it('takes uploads when submit returns, keeps the order of programs, and counts what is live', async () => {
    const backend = await open();
    const data = sums.slice();
    const first = backend.submit(normaliseProgram(PIXELS, data, weights));
    data.fill(-1);
    const kept = f32('kept', 4);
    const put = backend.submit({
      label: 'put',
      ops: [
        { op: 'alloc', handle: kept },
        { op: 'upload', handle: kept, data: Float32Array.of(1, 2), offset: 1 },
      ],
    });
    expect(backend.resident()).toEqual({ handles: 1, bytes: 16 });
    const read = await backend.submit({
      label: 'read',
      ops: [
        { op: 'read', handle: kept, length: 3 },
        { op: 'read', handle: kept, offset: 2 },
        { op: 'free', handle: kept },
      ],
    });
    await put;
    expect((await first).reads[0][10]).toBe(15);
    expect(read.reads.map((array) => [...array])).toEqual([
      [0, 1, 2],
      [2, 0],
    ]);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it.each([true, false])(
    'lends what it reads, and reads between kernels too; shared memory: %s',
    async (shares) => {
      const backend = await createProcessBackend({ allowSoftware: true }, { shares });
      opened.push(backend);
      const lent: number[] = [];
      const lend = (reads: ProgramResult['reads']) => {
        lent.push(reads.length, reads[0][10], reads[0].length);
        reads[0].fill(0);
        return Promise.resolve();
      };
      for (let round = 0; round < 2; round++)
        expect(await backend.submit({ ...program(), lend })).toEqual({ reads: [] });
      expect(lent).toEqual([1, 15, PIXELS, 1, 15, PIXELS]);
      const [x, y] = [f32('x', PIXELS), f32('y', 3)];
      const { reads } = await backend.submit({
        label: 'between',
        ops: [
          { op: 'alloc', handle: x },
          { op: 'alloc', handle: y },
          { op: 'upload', handle: x, data: sums },
          { op: 'read', handle: x },
          { op: 'upload', handle: x, data: weights },
          { op: 'upload', handle: y, data: Float32Array.of(1, 2, 3) },
          { op: 'read', handle: y },
          { op: 'read', handle: x },
          { op: 'free', handle: x },
          { op: 'free', handle: y },
        ],
      });
      expect(reads).toEqual([sums, Float32Array.of(1, 2, 3), weights]);
      await expect(
        backend.submit({ ...program(), lend: () => Promise.reject(new Error('disk full')) }),
      ).rejects.toThrow('disk full');
      expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
    },
  );

  it.each(['SIGKILL', 'SIGSEGV'] as const)(
    'ended by %s fails what is under way and all that follows, and closing still works',
    async (signal) => {
      const backend = await open();
      await backend.submit(program());
      const underWay = [backend.submit(program()), backend.submit(program())];
      process.kill(backend.pid!, signal);
      for (const { status, reason } of (await Promise.allSettled(underWay)) as PromiseRejectedResult[]) {
        expect(status).toBe('rejected');
        expect(reason).toMatchObject({ code: 'gpu_process_ended', params: { reason: signal } });
      }
      await expect(backend.submit(program())).rejects.toMatchObject({ code: 'gpu_process_ended' });
      expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
      await backend.close();
    },
  );

  it('leaves Ctrl-C to the run', async () => {
    const backend = await open();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(backend.pid!, signal);
    const { reads } = await backend.submit(program());
    expect(reads[0][10]).toBe(15);
  });

  it('is closed after close, and its process is gone', async () => {
    const backend = await open();
    const underWay = backend.submit(program());
    await backend.close();
    expect((await underWay).reads[0][10]).toBe(15);
    expect(isAlive(backend.pid!)).toBe(false);
    await expect(backend.submit(program())).rejects.toMatchObject({ code: 'compute_backend_closed' });
  });

  it('says why no adapter fits', async () => {
    await expect(createProcessBackend({ adapterName: 'Voodoo 2' })).rejects.toMatchObject({
      code: 'gpu_adapter_not_found',
      params: { name: 'Voodoo 2' },
    });
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'is gone after its run was ended by %s',
    async (signal) => {
      const { parent, pid } = await startParent('wait');
      expect(isAlive(pid)).toBe(true);
      parent.kill(signal);
      await once(parent, 'exit');
      expect(await untilGone(pid)).toBe(true);
    },
  );

  it('does not keep a program from ending', async () => {
    const { parent, pid } = await startParent('close');
    if (parent.exitCode === null) await once(parent, 'exit');
    expect(parent.exitCode).toBe(0);
    expect(await untilGone(pid)).toBe(true);
  });
});

async function startParent(mode: string) {
  const script = fileURLToPath(new URL('process-parent.mjs', import.meta.url));
  const parent = spawn(process.execPath, [script, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, pid: parseInt(String(line), 10) };
}

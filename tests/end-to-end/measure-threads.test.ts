// The measure pass on threads: the same mosaic from any number of them, a bad frame among good ones, a thread that dies, a run that is stopped.
import { cp, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { BackendSelectionError } from '../../src/compute/select.js';
import { openFits } from '../../src/fits/open-fits.js';
import { MeasurePool } from '../../src/frames/measure-pool.js';
import type * as MeasureThreads from '../../src/pipeline/measure-threads.js';
import type * as StartThread from '../../src/start-thread.js';
import { writeCalibration } from '../helpers/damaged-session.js';
import { losingBackend } from '../helpers/failing-backend.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, readPlane, run, type RunOptions } from './support.js';

/** Small sessions start no threads of their own accord. */
const asked = vi.hoisted(() => ({ threads: 0, started: [] as Worker[] }));
vi.mock('../../src/pipeline/measure-threads.js', async (original) => ({
  ...(await original<typeof MeasureThreads>()),
  measureThreads: () => asked.threads,
}));
vi.mock('../../src/start-thread.js', async (original) => {
  const { startThread, ...others } = await original<typeof StartThread>();
  return {
    ...others,
    startThread(...start: Parameters<typeof startThread>) {
      const thread = startThread(...start);
      asked.started.push(thread);
      return thread;
    },
  };
});

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const input = () => path.join(shared(), 'session');

beforeAll(async () => {
  await makeSmallSession(input(), { panels: [1, 1], subs: 7, size: [130, 170], extras: false });
  // a frame whose header is as it should be and whose samples are all the same
  const [first] = (await filesBelow(input())).filter((file) => /\.fits?$/.test(file));
  const bad = path.join(input(), path.dirname(first), 'zz_constant.fit');
  await cp(path.join(input(), first), bad);
  const fits = await openFits(bad);
  const [{ dataBytes, dataOffset }] = fits.hdus;
  await fits.close();
  const handle = await open(bad, 'r+');
  await handle.write(new Uint8Array(dataBytes), 0, dataBytes, dataOffset);
  await handle.close();
  await writeCalibration(darks(), [130, 170], { kind: 'Dark', count: 3, exposureS: 10 });
});

beforeEach(() => {
  asked.started.length = 0;
});

type Options = RunOptions & { readonly more?: object };

async function runOn(
  threads: number,
  { onEvent, signal, more, backend = () => createWasmBackend({ threads: 1 }), successors }: Options = {},
) {
  asked.threads = threads;
  const output_dir = path.join(folder(), `out${threads}`);
  const runtime_temp_dir = path.join(folder(), 'tmp');
  const argv = { input_dir: input(), output_dir, runtime_temp_dir, resume: 'off', ...more };
  const { report, events } = await run(argv, {
    onEvent,
    signal,
    backend,
    successors,
  });
  const planes = [];
  for (let plane = 0; plane < 3; plane++)
    planes.push((await readPlane(path.join(output_dir, 'zemosaic_science.fits'), plane)).data);
  const told = events.filter(({ type }) => type === 'frame-measured' || type === 'frame-rejected');
  return { report, events, told, planes };
}

/** Threads that have not ended: an ended one has no number. */
const living = () => asked.started.filter(({ threadId }) => threadId !== -1);

it('gives the same mosaic and tells the same of every frame, in the same order, on 0, 1 and 3 threads', async () => {
  const here = await runOn(0);
  expect(asked.started).toHaveLength(0);
  expect(here.report.inputs.used).toBe(7);
  const codes = here.events.flatMap((event) => (event.type === 'frame-rejected' ? event.reason.code : []));
  expect(codes).toEqual(['frames_reject_constant']);
  for (const threads of [1, 3]) {
    const there = await runOn(threads);
    expect(there.told).toEqual(here.told);
    expect(there.planes).toEqual(here.planes);
  }
  expect(asked.started).toHaveLength(4);
  expect(living()).toEqual([]);
});

const darks = () => path.join(shared(), 'darks');

it('calibrates for threads: the same mosaic again', async () => {
  const more = { calibration_darks: darks() };
  const [here, there] = [await runOn(0, { more }), await runOn(2, { more })];
  expect(asked.started).toHaveLength(2);
  expect(here.told).not.toEqual((await runOn(0)).told);
  expect(there.told).toEqual(here.told);
  expect(there.planes).toEqual(here.planes);
});

const loses = async () =>
  losingBackend(await createWasmBackend({ threads: 1 }), 2, ({ label }) => label === 'calibrate');

it('goes on with one other device, and the same frames, when several wait for the one that is lost', async () => {
  const more = { calibration_darks: darks() };
  const whole = await runOn(0, { more });
  let opened = 0;
  // slow to open, as devices are: frames come to be calibrated meanwhile
  const next = async () => {
    opened++;
    await setTimeout(100);
    return createWasmBackend({ threads: 1 });
  };
  const { told, planes, report } = await runOn(2, { more, backend: loses, successors: [next, next] });
  expect(opened).toBe(1);
  expect(told).toEqual(whole.told);
  expect(planes).toEqual(whole.planes);
  expect(report.warnings.map(({ code }) => code)).toEqual(['gpu_device_lost', 'pipeline_backend_replaced']);
});

it.each([0, 2])('ends when the device is lost that calibrates, on %i threads', async (threads) => {
  const lost = runOn(threads, { more: { calibration_darks: darks() }, backend: loses });
  await expect(lost).rejects.toMatchObject({ code: 'gpu_device_lost' });
  expect(living()).toEqual([]);
});

/** Opens when as many threads have been started, or fails. */
const openedBehind = (threads: number) => async () => {
  for (let waited = 0; asked.started.length < threads; waited += 20) {
    if (waited > 30_000) throw new Error('no thread was started before the backend was open');
    await setTimeout(20);
  }
  return createWasmBackend({ threads: 1 });
};

it('begins while the backend still opens, and looks at no frame twice', async () => {
  const here = await runOn(0);
  const looks = vi.spyOn(MeasurePool.prototype, 'look');
  const there = await runOn(3, { backend: openedBehind(3) });
  expect(looks.mock.calls.map(([{ path: at }]) => path.basename(at)).sort()).toEqual(
    (await filesBelow(input()))
      .filter((file) => /fits?$/.test(file))
      .map((file) => path.basename(file))
      .sort(),
  );
  looks.mockRestore();
  expect(there.told).toEqual(here.told);
  expect(there.planes).toEqual(here.planes);
  expect(living()).toEqual([]);
});

it('waits for the backend that calibrates', async () => {
  let before = -1;
  const backend = () => {
    before = asked.started.length;
    return createWasmBackend({ threads: 1 });
  };
  await runOn(2, { backend, more: { calibration_darks: darks() } });
  expect(before).toBe(0);
});

it('ends its threads where no backend will do', async () => {
  const none = async (): Promise<never> => {
    await openedBehind(2)();
    throw new BackendSelectionError('compute_no_gpu', {}, [], []);
  };
  await expect(runOn(2, { backend: none })).rejects.toMatchObject({ code: 'compute_no_gpu' });
  expect(asked.started).toHaveLength(2);
  expect(living()).toEqual([]);
});

it('goes on without a thread that dies, says so, and measures its frames', async () => {
  const { report, events } = await runOn(2, {
    onEvent(event) {
      if (event.type === 'phase-started' && event.phase === 'ingest') void asked.started[0].terminate();
    },
  });
  expect(report.inputs.used).toBe(7);
  const warned = events.filter(
    (event) => event.type === 'warning' && event.message.code === 'pipeline_measure_thread_died',
  );
  expect(warned).toHaveLength(1);
  expect(living()).toEqual([]);
});

it('leaves no thread and no file behind when it is stopped while frames are measured', async () => {
  const stop = new AbortController();
  const stopped = runOn(2, {
    signal: stop.signal,
    onEvent(event) {
      if (event.type === 'frame-measured') stop.abort('SIGINT');
    },
  });
  await expect(stopped).rejects.toThrow();
  expect(asked.started).toHaveLength(2);
  expect(living()).toEqual([]);
  const left = await filesBelow(folder());
  expect(left.filter((file) => !file.endsWith('/'))).toEqual(['out2/run-report.json']);
  const report = JSON.parse(await readFile(path.join(folder(), 'out2/run-report.json'), 'utf8')) as object;
  expect(report).toMatchObject({ outcome: 'interrupted' });
});

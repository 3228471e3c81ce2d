// Threads for what comes after the last cell: how many, what they see of the canvases, and how their errors end.
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ThreadModule } from '../../src/compute/backend.js';
import type { RunConfig } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { memoryCanvas } from '../../src/pipeline/canvas/canvas.js';
import {
  finishedSources,
  receivedCanvases,
  sharedCanvases,
} from '../../src/pipeline/canvas/finished-canvases.js';
import { doProductWork } from '../../src/pipeline/product-work/product-work.js';
import { productThreadCount } from '../../src/pipeline/product-work/product-thread-count.js';
import { ProductThreads } from '../../src/pipeline/product-work/product-threads.js';

const config = (more: object = {}) =>
  ({ coadd_use_memmap: true, memory_budget_mb: 1536, ...more }) as RunConfig;

it('starts threads where processors have nothing to do, canvases lie in memory and the budget has room', () => {
  const held = { holdsCanvas: true, processBytes: 600e6 };
  const started = (...of: Parameters<typeof productThreadCount>) => {
    const { started: n, all } = productThreadCount(...of);
    return [n, all];
  };
  expect([1, 2, 3, 4, 16].map((n) => started(held, config(), n, 0))).toEqual([
    [0, 0],
    [0, 0],
    [2, 2],
    [3, 3],
    [3, 3],
  ]);
  // who gives threads away has none started for them
  expect([1, 2, 15].map((spare) => started(held, config(), 16, spare))).toEqual([
    [2, 3],
    [1, 3],
    [0, 3],
  ]);
  const filed = { ...held, holdsCanvas: false };
  expect(started(filed, config(), 16, 15)).toEqual([0, 0]);
  expect(started(filed, config({ coadd_use_memmap: false }), 16, 0)).toEqual([3, 3]);
  expect(started(held, config({ memory_budget_mb: 730 }), 16, 0)).toEqual([1, 1]);
  expect(started(held, config({ memory_budget_mb: 500 }), 16, 15)).toEqual([0, 0]);
});

const [nx, ny] = [192, 128];

async function canvases() {
  const [mosaic, weight, samples] = [3, 3, 1].map((planes) => memoryCanvas(nx, ny, planes));
  const all = { x0: 0, y0: 0, width: nx, height: ny };
  const noise = Float32Array.from({ length: 3 * nx * ny }, (_, i) => 100 + ((i * 7919) % 101) / 10);
  noise[500] = 0;
  await mosaic.write(all, noise);
  await weight.write(all, new Float32Array(3 * nx * ny).fill(0.25).fill(0, 500, 501));
  await samples.write(all, new Float32Array(nx * ny).fill(5));
  return { mosaic, weight, samples };
}

it('threads read the very memory, blank where it is, with their own sums of medians', async () => {
  const own = await canvases();
  const message = structuredClone(sharedCanvases(own)!);
  const [here, there] = [own, receivedCanvases(message)].map(finishedSources);
  for (const of of ['mosaic', 'uncertainty'] as const) {
    const [a, b] = [new Float32Array(nx * ny), new Float32Array(nx * ny)];
    await here[of].readRows(0, 0, ny, a);
    await there[of].readRows(0, 0, ny, b);
    expect(a[500]).toBeNaN();
    expect(b).toEqual(a);
  }
  // what is written later is seen too
  await own.mosaic.writePlane(0, { x0: 3, y0: 0, width: 1, height: 1 }, Float32Array.of(-5));
  expect(message.mosaic.data[3]).toBe(-5);
});

it('threads look at no weight where every pixel is known to have been written', async () => {
  const { mosaic, weight } = await canvases();
  for (const isWhole of [true, false]) {
    const { mosaic: values } = finishedSources(
      receivedCanvases(structuredClone(sharedCanvases({ mosaic: { ...mosaic, isWhole }, weight })!)),
    );
    const row = new Float32Array(nx);
    await values.readRows(0, Math.floor(500 / nx), 1, row);
    // a 0 that was written, and one where nothing was
    expect(row[500 % nx]).toBe(isWhole ? 0 : NaN);
    expect(values.view?.(0)[500]).toBe(isWhole ? 0 : undefined);
  }
});

it('canvases on the disk are not shared', async () => {
  const { mosaic, weight, samples } = await canvases();
  expect(sharedCanvases({ mosaic: { ...mosaic, view: undefined }, weight })).toBeUndefined();
  expect(sharedCanvases({ mosaic, weight, samples: { ...samples, view: undefined } })).toBeUndefined();
  expect(sharedCanvases({ mosaic, weight })).toBeDefined();
});

let stop: AbortController;
let deaths: string[];
let threads: ProductThreads;
beforeEach(() => {
  [stop, deaths] = [new AbortController(), []];
  threads = new ProductThreads(stop.signal, (detail) => deaths.push(detail));
});
afterEach(() => threads.close());

/** Bytes of a picture: small parts are copied on their way. */
const joined = (parts: readonly Uint8Array[] | undefined) => Buffer.concat(parts ?? []);

it('gives what the same work gives here, on a thread and without one', async () => {
  const own = await canvases();
  const squares = await doProductWork('noise', {}, own);
  expect(squares.length).toBeGreaterThan(3);
  expect(await threads.ask('noise', {}, own)).toBeUndefined();
  expect(await threads.begin('noise', {}, own)()).toEqual(squares);
  threads.start(1);
  threads.start(1);
  expect(threads.count).toBe(1);
  const picture = { window: { x0: 1, y0: 0, width: nx - 1, height: ny }, binning: 1, options: {} };
  const [there, shown] = [threads.ask('noise', {}, own), threads.ask('picture', picture, own)];
  expect(await there).toEqual(squares);
  expect(joined(await shown)).toEqual(joined(await doProductWork('picture', picture, own)));
  expect(deaths).toEqual([]);
});

it('works on threads that a backend gives away, which end with it', async () => {
  const own = await canvases();
  const backend = await createWasmBackend({ threads: 3 });
  const given: Worker[] = [];
  const give = (module: ThreadModule) => {
    const thread = backend.giveThread?.(module);
    if (thread) given.push(thread.worker);
    return thread;
  };
  threads.takeOver(1, give);
  threads.takeOver(1, give);
  expect(threads.count).toBe(1);
  // the last one stays
  threads.takeOver(2, give);
  expect(give({ file: 'none', start: undefined })).toBeUndefined();
  expect(given).toHaveLength(2);
  // whose kernels are not needed any more
  await backend.close();
  const picture = { window: { x0: 0, y0: 0, width: nx, height: ny }, binning: 1, options: {} };
  const [squares, shown] = [threads.ask('noise', {}, own), threads.ask('picture', picture, own)];
  expect(await squares).toEqual(await doProductWork('noise', {}, own));
  expect(joined(await shown)).toEqual(joined(await doProductWork('picture', picture, own)));
  await threads.close();
  expect(given.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  expect(deaths).toEqual([]);
});

it('starts what a backend does not give: one that has taken over in the middle may have no threads', () => {
  threads.start(1);
  threads.takeOver(2, () => undefined);
  expect(threads.count).toBe(2);
});

it('hears of a given thread that dies', async () => {
  const own = await canvases();
  const backend = await createWasmBackend({ threads: 2 });
  let worker: Worker | undefined;
  threads.takeOver(1, (module) => {
    const thread = backend.giveThread?.(module);
    worker = thread?.worker;
    return thread;
  });
  const asked = threads.ask('noise', {}, own);
  await worker!.terminate();
  expect(await asked).toBeUndefined();
  expect(deaths).toHaveLength(1);
  // it computes no more than it did
  await expect(backend.submit({ label: 'later', ops: [] })).resolves.toEqual({ reads: [] });
  await backend.close();
});

it('fails as the work fails here, and goes on', async () => {
  const own = await canvases();
  threads.start(1);
  const broken = { outlines: [undefined as unknown as Float64Array], quiet: [] };
  const reason = await doProductWork('steps', broken, own).catch((error: unknown) => error as Error);
  const begun = threads.begin('steps', broken, own);
  await expect(begun()).rejects.toThrow((reason as Error).message);
  expect(await threads.ask('noise', {}, own)).toBeDefined();
});

it('ends with the reason that the run is stopped for', async () => {
  const own = await canvases();
  threads.start(1);
  const asked = threads.ask('noise', {}, own);
  stop.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
  await expect(threads.ask('noise', {}, own)).rejects.toThrow('stopped');
  threads.start(2);
  expect(threads.count).toBe(0);
  expect(deaths).toEqual([]);
});

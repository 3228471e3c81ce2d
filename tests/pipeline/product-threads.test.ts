// Threads for what comes after the last cell: how many, what they see of the canvases, and how their errors end.
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sidecarPathOf } from '../../src/cleanup/artifact-kinds.js';
import { Memmap } from '../../src/cleanup/memmap.js';
import { sidecarOf } from '../../src/cleanup/memmap-spec.js';
import type { ThreadModule } from '../../src/compute/backend.js';
import type { RunConfig } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { memmapCanvas, memoryCanvas } from '../../src/pipeline/canvas/canvas.js';
import {
  finishedSources,
  sharedCanvases,
  withReceived,
} from '../../src/pipeline/canvas/finished-canvases.js';
import { writtenBlocks } from '../../src/pipeline/canvas/written-blocks.js';
import { doProductWork } from '../../src/pipeline/product-work/product-work.js';
import { productThreadCount } from '../../src/pipeline/product-work/product-thread-count.js';
import { ProductThreads } from '../../src/pipeline/product-work/product-threads.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const config = (more: object = {}) => ({ memory_budget_mb: 1536, ...more }) as RunConfig;

it('starts threads where processors have nothing to do, the budget has room', () => {
  const plan = { processBytes: 600e6 };
  const started = (...of: Parameters<typeof productThreadCount>) => {
    const { started: n, all } = productThreadCount(...of);
    return [n, all];
  };
  expect([1, 2, 3, 4, 16].map((n) => started(plan, config(), n, 0))).toEqual([
    [0, 0],
    [0, 0],
    [2, 2],
    [3, 3],
    [3, 3],
  ]);
  // who gives threads away has none started for them
  expect([1, 2, 15].map((spare) => started(plan, config(), 16, spare))).toEqual([
    [2, 3],
    [1, 3],
    [0, 3],
  ]);
  expect(started(plan, config({ memory_budget_mb: 730 }), 16, 0)).toEqual([1, 1]);
  expect(started(plan, config({ memory_budget_mb: 500 }), 16, 15)).toEqual([0, 0]);
});

const [nx, ny] = [192, 128];

const folder = temporaryFolder();

/** In memory, or with `files` on the disk; closed after the test. */
async function canvases({ files = false } = {}) {
  const make = async (what: string, planes: number) =>
    files ? memmapCanvas(await fileOf(what, planes)) : memoryCanvas(nx, ny, planes);
  const [mosaic, weight, samples] = [
    await make('mosaic', 3),
    await make('weight', 3),
    await make('samples', 1),
  ];
  const all = { x0: 0, y0: 0, width: nx, height: ny };
  const noise = Float32Array.from({ length: 3 * nx * ny }, (_, i) => 100 + ((i * 7919) % 101) / 10);
  noise[500] = 0;
  await mosaic.write(all, noise);
  await weight.write(all, new Float32Array(3 * nx * ny).fill(0.25).fill(0, 500, 501));
  await samples.write(all, new Float32Array(nx * ny).fill(5));
  return { mosaic, weight, samples };
}

const opened: Memmap[] = [];
async function fileOf(what: string, planes: number): Promise<Memmap> {
  const sidecar = sidecarOf({ what, nx, ny, planes }, '', 'run', '');
  const file = path.join(folder(), sidecar.data);
  await writeFile(sidecarPathOf(file), JSON.stringify(sidecar));
  await writeFile(file, new Uint8Array(4 * planes * nx * ny));
  const memmap = await Memmap.open(file, 'r+');
  opened.push(memmap);
  return memmap;
}
afterEach(async () => {
  for (const memmap of opened.splice(0)) await memmap.close();
});

it.each([{ files: false }, { files: true }])(
  'threads read the very canvases ($files: files), blank where they are, with their own sums of medians',
  async (where) => {
    const own = await canvases(where);
    const message = structuredClone(sharedCanvases(own)!);
    await withReceived(message, async (received) => {
      const [here, there] = [own, received].map(finishedSources);
      for (const of of ['mosaic', 'uncertainty'] as const) {
        const [a, b] = [new Float32Array(nx * ny), new Float32Array(nx * ny)];
        await here[of].readRows(0, 0, ny, a);
        await there[of].readRows(0, 0, ny, b);
        expect(a[500]).toBeNaN();
        expect(b).toEqual(a);
      }
      // what is written later is seen too
      await own.mosaic.writePlane(0, { x0: 3, y0: 0, width: 1, height: 1 }, Float32Array.of(-5));
      const row = new Float32Array(nx);
      await received.mosaic.readRows(0, 0, 1, row);
      expect(row[3]).toBe(-5);
    });
  },
);

it('files that were opened for a work are closed again, whatever comes of it', async () => {
  const message = structuredClone(sharedCanvases(await canvases({ files: true }))!);
  const closed = vi.spyOn(Memmap.prototype, 'close');
  try {
    await withReceived(message, () => Promise.resolve());
    expect(closed).toHaveBeenCalledTimes(3);
    await expect(withReceived(message, () => Promise.reject(new Error('none')))).rejects.toThrow('none');
    expect(closed).toHaveBeenCalledTimes(6);
    await rm(opened[2].path);
    await expect(withReceived(message, () => Promise.resolve())).rejects.toThrow('ENOENT');
    expect(closed).toHaveBeenCalledTimes(8);
  } finally {
    closed.mockRestore();
  }
});

it('threads look at no weight where it is known what was written', async () => {
  const { mosaic, weight } = await canvases();
  for (const written of [await writtenBlocks(mosaic, weight), undefined]) {
    const message = structuredClone(sharedCanvases({ mosaic: { ...mosaic, written }, weight })!);
    await withReceived(message, async (received) => {
      const { mosaic: values } = finishedSources(received);
      const row = new Float32Array(nx);
      await values.readRows(0, Math.floor(500 / nx), 1, row);
      // a 0 that was written, and one where nothing was
      expect(row[500 % nx]).toBe(written ? 0 : NaN);
      expect(values.view?.(0)[500]).toBe(written ? 0 : undefined);
    });
  }
});

it('canvases that lie nowhere are not shared', async () => {
  const { mosaic, weight, samples } = await canvases();
  const nowhere = { place: undefined };
  expect(sharedCanvases({ mosaic: { ...mosaic, ...nowhere }, weight })).toBeUndefined();
  expect(sharedCanvases({ mosaic, weight, samples: { ...samples, ...nowhere } })).toBeUndefined();
  expect(sharedCanvases({ mosaic, weight })).toBeDefined();
});

it('a thread whose files are gone leaves the work to who has asked', async () => {
  const own = await canvases({ files: true });
  threads.start(1);
  expect(await threads.ask('noise', {}, own)).toEqual(await doProductWork('noise', {}, own));
  await rm(sidecarPathOf(opened[0].path));
  expect(await threads.ask('noise', {}, own)).toBeUndefined();
  expect(await threads.begin('noise', {}, own)()).toEqual(await doProductWork('noise', {}, own));
  expect(deaths).toEqual([]);
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
  const backend = await createWasmBackend({ threads: 3 });
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

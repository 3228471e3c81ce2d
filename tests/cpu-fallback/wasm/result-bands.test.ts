// Results of a guarded stack that are lent in bands of rows: the same bytes as in one piece, in the memory of two bands.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ComputeBackend, Program, RowBand } from '../../../src/compute/backend.js';
import { BLOCK_SIZE } from '../../../src/compute/constants.js';
import { bandPixels } from '../../../src/cpu-fallback/wasm/result-bands.js';
import { bandRows } from '../../../src/cpu-fallback/wasm/row-bands.js';
import { SharedHeap } from '../../../src/cpu-fallback/wasm/shared-heap.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { SETTINGS } from '../../helpers/guarded-cube.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { opened } from './open-backends.js';
import { cubeIn, isSame, PLANES, readsOf, stacks, WHOLE } from './warped-cube.js';

// one row of blocks: the field has four bands, the last of eight rows
vi.mock('../../../src/cpu-fallback/wasm/row-bands.js', () => ({ bandRows: vi.fn(() => 64) }));

const { width, height } = WHOLE;
const SUMS = { ...SETTINGS, mapsRejected: false };
const lendsRows = { planes: PLANES, height };

interface Lent {
  readonly rows: RowBand | undefined;
  readonly reads: readonly (Float32Array | Uint32Array)[];
}

const open = async (threads: number): Promise<ComputeBackend> => opened(await createWasmBackend({ threads }));

/** What is lent of a stack, copied; `spoil` has what was lent overwritten before it is given back. */
async function lentOf(backend: ComputeBackend, late: boolean, more: Partial<Program> & { spoil?: boolean }) {
  const cube = await cubeIn(backend, WHOLE, late);
  const lent: Lent[] = [];
  const lend: Program['lend'] = async (reads, rows) => {
    lent.push({ rows, reads: reads.map((read) => read.slice()) });
    await new Promise(setImmediate);
    if (more.spoil) for (const read of reads) read.fill(7);
  };
  await backend.submit({ label: 'stack', ops: stacks(cube, WHOLE, SUMS), lend, ...more });
  return lent;
}

/** Rows of `[planes, height, width]`. */
function rowsOf(whole: Float32Array | Uint32Array, { first, count }: RowBand) {
  const part = whole.slice(0, PLANES * count * width);
  for (let c = 0; c < PLANES; c++) {
    const at = (c * height + first) * width;
    part.set(whole.subarray(at, at + count * width), c * count * width);
  }
  return part;
}

describe('results that are lent in bands', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    [1, true],
    [3, true],
    [2, false],
  ])('have the bytes of those in one piece: %i threads, late cube %s', async (threads, late) => {
    const backend = await open(threads);
    const wanted = await readsOf(backend, stacks(await cubeIn(backend, WHOLE, late), WHOLE, SUMS));
    const lent = await lentOf(backend, late, { lendsRows, spoil: true });
    expect(lent.map(({ rows }) => rows)).toEqual(
      [0, 64, 128, 192].map((first) => ({ first, count: Math.min(BLOCK_SIZE, height - first) })),
    );
    for (const { rows, reads } of lent) {
      expect(reads).toHaveLength(wanted.length);
      for (let i = 0; i < 3; i++) expect(isSame(reads[i], rowsOf(wanted[i], rows!)), `read ${i}`).toBe(true);
    }
    // sums come in parts
    expect(wanted.slice(3).some(([low]) => low > 0)).toBe(true);
    for (let i = 3; i < wanted.length; i++)
      expect(lent.reduce((sum, { reads }) => sum + reads[i][0], 0)).toBe(wanted[i][0]);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('take no more memory than two bands', async () => {
    const allocate = vi.spyOn(SharedHeap.prototype, 'allocate');
    await lentOf(await open(1), true, { lendsRows });
    const bandBytes = 4 * PLANES * BLOCK_SIZE * width;
    const sizes = allocate.mock.calls.map(([bytes]) => bytes);
    expect(sizes.filter((bytes) => bytes === bandBytes)).toHaveLength(6);
    expect(sizes).not.toContain(4 * PLANES * height * width);
  });

  it('wait until the band before the last is back', async () => {
    const backend = await open(1);
    const wanted = await lentOf(backend, true, { lendsRows });
    const seen: Lent['reads'][] = [];
    // the threads are done with the next band long before
    const lend: Program['lend'] = async (reads) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      seen.push(reads.map((read) => read.slice()));
    };
    await lentOf(backend, true, { lendsRows, lend });
    expect(seen).toHaveLength(wanted.length);
    seen.forEach((reads, i) => expect(isSame(reads[0], wanted[i].reads[0]), `band ${i}`).toBe(true));
  });

  it('are one piece where nobody takes bands, or maps are asked for', async () => {
    const backend = await open(1);
    for (const more of [
      {},
      { lendsRows, ops: stacks(await cubeIn(backend, WHOLE, true), WHOLE, { ...SUMS, mapsRejected: true }) },
    ]) {
      const lent = await lentOf(backend, true, more);
      expect(lent.map(({ rows }) => rows)).toEqual([undefined]);
      expect(lent[0].reads[0]).toHaveLength(PLANES * height * width);
    }
  });

  it.each([0, 1, 2, 3])('fail their program where band %i is refused, and leave nothing', async (refused) => {
    const backend = await open(2);
    const wanted = await lentOf(backend, true, { lendsRows });
    let turn = 0;
    const lend = () => (turn++ === refused ? Promise.reject(new Error('disk full')) : Promise.resolve());
    await expect(lentOf(backend, true, { lendsRows, lend })).rejects.toThrow('disk full');
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
    const again = await lentOf(backend, true, { lendsRows });
    again.forEach(({ reads }, i) => expect(isSame(reads[0], wanted[i].reads[0])).toBe(true));
  });

  it('fail their program with the threads, once what is lent is back', async () => {
    const backend = await open(1);
    const cube = await cubeIn(backend, WHOLE, true);
    let isBack = false;
    const lend = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isBack = true;
    };
    // while the second band is made the first one is lent
    const { run } = WorkerPool.prototype;
    const runs = vi.spyOn(WorkerPool.prototype, 'run');
    runs.mockImplementationOnce(function (this: WorkerPool, steps) {
      return run.call(this, steps);
    });
    runs.mockRejectedValueOnce(new Error('trapped'));
    const taken = backend.submit({ label: 'stack', ops: stacks(cube, WHOLE, SUMS), lend, lendsRows });
    await expect(taken).rejects.toThrow('trapped');
    expect(isBack).toBe(true);
  });

  it.each([1, 2, 3])('are as large as so many threads want them: %i', async (threads) => {
    await lentOf(await open(threads), true, { lendsRows });
    expect(bandRows).toHaveBeenLastCalledWith(width, threads * bandPixels(1));
  });
});

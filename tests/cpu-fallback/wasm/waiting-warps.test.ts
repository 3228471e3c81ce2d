// Warps into a late cube wait until it is stacked, and are done block by block then: the same bytes, without the cube.
import { describe, expect, it, vi } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { WasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { HEAP_START, MAX_STEPS } from '../../../src/cpu-fallback/wasm/control-area.js';
import { BLOCK_SIZE } from '../../../src/compute/constants.js';
import { lateBytes } from '../../../src/pipeline/planning/cells/cell-memory.js';
import { SETTINGS } from '../../helpers/guarded-cube.js';
import { opened } from './open-backends.js';
import {
  type Cell,
  f32,
  isSame,
  readsOf,
  samplesOf,
  SIDE,
  SLOTS,
  stacks,
  warps,
  WHOLE,
} from './warped-cube.js';

async function open() {
  const kernels = await loadKernels();
  const pool = await WorkerPool.start(kernels.module, kernels.memory, 2);
  const backend = opened(new WasmBackend(kernels, pool));
  return { backend, memory: kernels.memory, pool };
}

const cubeFor = (cell: Cell) => f32('cube', (SLOTS + 1) * samplesOf(cell));

/** The reads of the stack, and the memory that all took; `change` alters what fills the cube. */
async function stacked(late: boolean, change: (ops: Op[]) => Op[] = (ops) => ops) {
  const { backend, memory } = await open();
  const cube = cubeFor(WHOLE);
  await backend.submit({
    label: 'cube',
    ops: [{ op: 'alloc', handle: cube, late }, ...change(warps(cube, WHOLE))],
  });
  const filling = backend.takeProfile();
  const reads = await readsOf(backend, stacks(cube, WHOLE));
  const stacking = backend.takeProfile();
  return { reads, filling, stacking, bytes: memory.buffer.byteLength, cubeBytes: 4 * cube.length, backend };
}

const isUpload = (op: Op, label: string) => op.op === 'upload' && op.handle.label === label;

describe('warps into a late cube', () => {
  it('take no memory for it, and their own time', async () => {
    const [now, late] = [await stacked(false), await stacked(true)];
    expect(now.reads).toHaveLength(7);
    now.reads.forEach((read, i) => expect(isSame(read, late.reads[i]), `read ${i}`).toBe(true));
    expect(now.bytes).toBeGreaterThan(now.cubeBytes);
    expect(now.bytes - late.bytes).toBeGreaterThan(now.cubeBytes / 3);
    const sums = ({ filling, stacking }: typeof now) => {
      const all = (stem: string) => [...filling, ...stacking].filter((kernel) => kernel.stem === stem);
      const sum = (stem: string, what: 'calls' | 'bytes') =>
        all(stem).reduce((s, kernel) => s + kernel[what], 0);
      return ['warp-cfa', 'stack-kappa-sigma'].map((stem) => [sum(stem, 'calls'), sum(stem, 'bytes')]);
    };
    expect(sums(late)).toEqual(sums(now));
    const warping = late.stacking.find(({ stem }) => stem === 'warp-cfa');
    expect(warping?.seconds).toBeGreaterThan(0);
    expect(late.stacking.find(({ stem }) => stem === 'stack-kappa-sigma')!.seconds).toBeGreaterThan(0);
    expect(late.backend.resident().handles).toBe(0);
  });

  it('take what the backend says of them, with what frames and results need', async () => {
    const { bytes, backend } = await stacked(true);
    const late = {
      bytes: backend.info.limits.lateCubes!,
      areStored: false,
      blockPixels: BLOCK_SIZE ** 2,
    };
    const waiting = lateBytes(late, { windows: SLOTS * SIDE ** 2, frames: SLOTS });
    // frames as they come, sums of what is rejected, and seven maps
    const beside = 4 * (SLOTS * SIDE ** 2 + 7 * samplesOf(WHOLE));
    // what threads work in has a quarter to spare
    expect(bytes - HEAP_START - beside).toBeLessThan(1.25 * waiting);
    expect(bytes - HEAP_START - beside).toBeGreaterThan(0.9 * waiting);
  });

  it.each(['map', 'levels'])('are done before their %s changes', async (label) => {
    const plain = await stacked(false);
    const kept: Handle[] = [];
    const change = (ops: Op[]): Op[] => {
      const all = ops.filter((op) => op.op !== 'free' || op.handle.label !== label);
      for (const op of ops) if (isUpload(op, label) && op.op === 'upload') kept.push(op.handle);
      return [
        ...all,
        ...kept.map((handle): Op => ({
          op: 'upload',
          handle,
          data: new Float32Array(handle.length).fill(3),
        })),
        ...kept.map((handle): Op => ({ op: 'free', handle })),
      ];
    };
    const late = await stacked(true, change);
    expect(kept.length).toBeGreaterThan(0);
    plain.reads.forEach((read, i) => expect(isSame(read, late.reads[i]), `read ${i}`).toBe(true));
  });

  it('are done into the cube where one of its frames is missing or is warped twice', async () => {
    const without = (ops: Op[]) => ops.filter((op) => op.op !== 'kernel' || op.params.slot !== 2);
    // the third frame in the slot of the second as well
    const twice = (ops: Op[]) =>
      ops.flatMap((op) => {
        if (op.op !== 'kernel' || op.params.slot !== 3) return [op];
        return [op, { ...op, params: { ...op.params, slot: 2 } }];
      });
    for (const change of [without, twice]) {
      const [now, late] = [await stacked(false, change), await stacked(true, change)];
      now.reads.forEach((read, i) => expect(isSame(read, late.reads[i]), `read ${i}`).toBe(true));
      expect(late.bytes).toBeGreaterThanOrEqual(now.bytes);
    }
  });

  it('give all memory back where a program fails that was to do them', async () => {
    const { backend, pool } = await open();
    const freeBytes = async () => {
      const ops = [f32('first', 64), f32('whole', backend.info.limits.maxBufferBytes / 4)].map(
        (handle): Op => ({ op: 'alloc', handle }),
      );
      const error = await backend.submit({ label: 'ask', ops }).catch((e: unknown) => e);
      return (error as { params: { free: number } }).params.free;
    };
    const read = (handle: Handle): Op[] => [{ op: 'read', handle }];
    /** What is free when a program fails as its list is run for the first time, and the cube is gone. */
    const left = async (look: (cube: Handle) => readonly Op[]) => {
      const cube = cubeFor(WHOLE);
      await backend.submit({ label: 'cube', ops: [{ op: 'alloc', handle: cube, late: true }] });
      await backend.submit({ label: 'warps', ops: warps(cube, WHOLE) });
      const run = vi.spyOn(pool, 'run').mockRejectedValueOnce(new Error('no room'));
      await expect(backend.submit({ label: 'fails', ops: look(cube) })).rejects.toThrow('no room');
      run.mockRestore();
      const { handles } = backend.resident();
      expect(handles).toBe(look === read ? 1 : 0);
      if (look === read) await backend.submit({ label: 'release', ops: [{ op: 'free', handle: cube }] });
      return freeBytes();
    };
    const first = await left(read);
    expect(await left(read)).toBe(first);
    // so many steps before the stack that the list is full when the stack is to be added, behind those that zero its sums
    const free: number[] = [];
    for (let n = MAX_STEPS - 8; n < MAX_STEPS; n++) {
      const word: Handle = { label: 'word', element: 'u32', length: 1 };
      const steps: Op[] = [
        { op: 'alloc', handle: word },
        { op: 'upload', handle: word, data: Uint32Array.of(1) },
        ...Array.from({ length: n }, (): Op => ({ op: 'read', handle: word, sum: true })),
        { op: 'free', handle: word },
      ];
      free.push(
        await left((cube) => [...steps, ...stacks(cube, WHOLE, { ...SETTINGS, mapsRejected: false })]),
      );
    }
    expect(free).toEqual(free.map(() => first));
  });
});

// What warps of CFA windows take of the memory: their scratch holds what they write and what they read, wherever it lies and whatever the map says.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ComputeBackend, Handle, Op } from '../../../src/compute/backend.js';
import { BLOCK_SIZE, MAP_STRIDE } from '../../../src/compute/constants.js';
import { SAMPLE_F32 } from '../../../src/compute/contracts/decode.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { lanczosTable, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { regionBytes } from '../../../src/cpu-fallback/wasm/kernel-passes.js';
import { StepList } from '../../../src/cpu-fallback/wasm/step-list.js';
import { createWasmBackend, WasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { cellBlocks } from '../../helpers/kernel-runs.js';
import { alloc, f32, free, opened } from './open-backends.js';
import { isSame } from './warped-cube.js';

/** Bytes of the heap behind each block: shared-heap.ts. */
const LINE = 64;
const CELL = { width: 3 * BLOCK_SIZE, height: 2 * BLOCK_SIZE };

/** A window that is the whole frame, and a grid so much coarser than it. */
const setup = (width: number, height: number, scale: number, kernel = WARP_CUBIC) => ({
  params: {
    ...{ cellWidth: CELL.width, cellHeight: CELL.height, windowWidth: width, windowHeight: height },
    ...{ windowX: 0, windowY: 0, frameWidth: width, frameHeight: height },
    ...{ slot: 0, slots: 1, kernel, pattern: 0b10_01_01_00, centreX: 0, centreY: 0, invScale: 0.01 },
  },
  map: cellBlocks(CELL.width, CELL.height, (x, y) => [scale * x, scale * y]),
});
type Setup = ReturnType<typeof setup>;

/** Fills the handle of the map. */
type Fill = (map: Handle) => Op[];
const uploaded =
  ({ map: data }: Setup): Fill =>
  (handle) => [{ op: 'upload', handle, data }];

/** Warps a ramp with what `fill` makes of the map; returns the cube. */
async function warped(backend: ComputeBackend, { params, map: { length } }: Setup, fill: Fill) {
  const size = params.windowWidth * params.windowHeight;
  const cfa = f32('cfa', size);
  const [map, levels, lanczos] = [
    f32('map', length),
    f32('levels', 21),
    f32('lanczos', lanczosTable().length),
  ];
  const cube = f32('cube', 3 * CELL.width * CELL.height);
  const all = [cfa, map, levels, lanczos, cube];
  const { reads } = await backend.submit({
    label: 'warp',
    ops: [
      ...all.map(alloc),
      { op: 'upload', handle: cfa, data: Float32Array.from({ length: size }, (_, k) => (k * 37) % 1009) },
      { op: 'upload', handle: levels, data: Float32Array.from({ length: 21 }, (_, i) => +(i % 7 === 0)) },
      { op: 'upload', handle: lanczos, data: lanczosTable() },
      ...fill(map),
      { op: 'kernel', stem: 'warp-cfa', params, buffers: { cfa, map, levels, lanczos, cube } },
      { op: 'read', handle: cube },
      ...all.map(free),
    ],
  });
  return reads[0] as Float32Array;
}

/** The same on this backend, with what was planned for the parts of the window. */
async function planned(made: Setup, fill: Fill) {
  const add = vi.spyOn(StepList.prototype, 'add');
  const cube = await warped(opened(await createWasmBackend({ threads: 1 })), made, fill);
  const [call] = add.mock.calls.filter(([pass]) => pass.name === 'warpWindow');
  return { cube, bytes: call[1].regionBytes };
}

/** A map that a kernel makes of its samples as a file has them. */
const decoded =
  ({ map: data }: Setup): Fill =>
  (image) => {
    const bytes = Buffer.alloc(4 * data.length);
    data.forEach((v, k) => bytes.writeFloatBE(v, 4 * k));
    const raw: Handle = { label: 'raw', element: 'u32', length: data.length };
    const line = { width: data.length, height: 1, rowSamples: data.length, firstSample: 0 };
    const params = { ...line, sampleType: SAMPLE_F32, hasBlank: 0, blank: 0, scale: 1, zero: 0 };
    return [
      alloc(raw),
      { op: 'upload', handle: raw, data: new Uint8Array(bytes) },
      { op: 'kernel', stem: 'decode', params, buffers: { raw, image } },
      free(raw),
    ];
  };

describe('scratch for parts of CFA windows', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is that of any map where a kernel makes the map, or not all of it is uploaded', async () => {
    const made = setup(400, 300, 1.5);
    const plain = await planned(made, uploaded(made));
    expect(plain.bytes).toBe(regionBytes(made.map, made.params));
    vi.restoreAllMocks();
    const late = await planned(made, decoded(made));
    expect(isSame(late.cube, plain.cube)).toBe(true);
    const most = regionBytes(undefined, made.params);
    expect(most).toBeGreaterThan(2 * plain.bytes);
    expect(late.bytes).toBe(most);
    vi.restoreAllMocks();
    const part: Fill = (handle) => [{ op: 'upload', handle, data: made.map.subarray(0, MAP_STRIDE) }];
    expect((await planned(made, part)).bytes).toBe(most);
  });

  it('is not about blocks that reach nothing of the frame, whatever stands there', async () => {
    const made = setup(400, 300, 1.5);
    const needed = regionBytes(made.map, made.params);
    const whole = await planned(made, uploaded(made));
    for (const [base, rest] of [
      [0, NaN],
      [NaN, NaN],
      [-Infinity, 0],
      [-1e6, 1000],
    ]) {
      const map = made.map.slice().fill(rest, 0, MAP_STRIDE).fill(base, 0, 2);
      const other = { ...made, map };
      vi.restoreAllMocks();
      const { bytes, cube } = await planned(other, uploaded(other));
      expect(bytes).toBe(needed);
      const blocks = cube.filter((v, k) => v !== whole.cube[k]);
      // of the rest none, of the block nearly all: its corner was blank before
      expect(blocks.length).toBeGreaterThan(3 * BLOCK_SIZE ** 2 - 100);
      expect(blocks.every((v) => v < -1e30)).toBe(true);
    }
  });

  it.each([
    ['a row', 1600, 1],
    ['two rows', 1600, 2],
    ['a column', 1, 1600],
  ])('ends in the memory where that ends, under %s', async (_, width, height) => {
    const made = setup(width, height, 16, WARP_LANCZOS3);
    const kernels = await loadKernels();
    const pool = await WorkerPool.start(kernels.module, kernels.memory, 1);
    const backend = opened(new WasmBackend(kernels, pool));
    const wanted = await warped(createReferenceBackend(), made, uploaded(made));
    const first = await warped(backend, made, uploaded(made));
    const off = first.filter((v, k) => Math.abs(v - wanted[k]) > 1e-3 * Math.abs(wanted[k]) + 1e-3);
    expect(off).toHaveLength(0);
    // pages that the heap knows nothing of, and in place of scratch with room to spare that which is asked for, at their end
    kernels.memory.grow(64);
    const { byteLength } = kernels.memory.buffer;
    const { setScratch } = StepList.prototype;
    const set = vi.spyOn(StepList.prototype, 'setScratch');
    set.mockImplementation(function (this: StepList, _, stride) {
      setScratch.call(this, byteLength - stride - LINE, stride);
    });
    expect(isSame(await warped(backend, made, uploaded(made)), first)).toBe(true);
    expect(set).toHaveBeenCalled();
    expect(kernels.memory.buffer.byteLength).toBe(byteLength);
  });
});

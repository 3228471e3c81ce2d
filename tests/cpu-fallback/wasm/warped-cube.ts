// What suites of the wasm backend share that warp a small mosaic into a cube: two panels of frames of one colour sensor, most of the cube blank.
import type { ComputeBackend, Handle, Op } from '../../../src/compute/backend.js';
import { lanczosTable, WARP_BILINEAR } from '../../../src/compute/contracts/warp.js';
import { stackProgram } from '../../../src/pipeline/integrate/programs/stack-program.js';
import { SETTINGS } from '../../helpers/guarded-cube.js';
import { cellBlocks, seededRandom } from '../../helpers/kernel-runs.js';

export const SIDE = 100;
export const SLOTS = 7;
export const PLANES = 3;

/** Part of the field: its first column, and its size. */
export interface Cell {
  readonly x0: number;
  readonly width: number;
  readonly height: number;
}
export const WHOLE: Cell = { x0: 0, width: 290, height: 200 };

const random = seededRandom(3);
const frames = Array.from({ length: SLOTS }, (_, k) => ({
  // two panels, a little turned and shifted from frame to frame; the last one reaches nothing at all
  left: k === SLOTS - 1 ? 2000 : (k % 2) * 150 + 9 * random(),
  top: 40 * random(),
  cfa: Float32Array.from({ length: SIDE * SIDE }, () => 100 + 4 * random() + (random() < 0.02 ? 90 : 0)),
}));

export const f32 = (label: string, length: number): Handle => ({ label, element: 'f32', length });
export const isSame = (a: Float32Array | Uint32Array, b: Float32Array | Uint32Array) =>
  Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
const bytesOf = (a: Float32Array | Uint32Array) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
export const samplesOf = ({ width, height }: Cell) => PLANES * width * height;

/** Operations that warp all frames into a cube behind its spare slot. */
export function warps(cube: Handle, { x0, width, height }: Cell, kernel: number = WARP_BILINEAR): Op[] {
  const lanczos = f32('lanczos', lanczosTable().length);
  return [
    { op: 'alloc', handle: lanczos },
    { op: 'upload', handle: lanczos, data: lanczosTable() },
    ...frames.flatMap(({ left, top, cfa: data }, k): Op[] => {
      const map = cellBlocks(width, height, (x, y) => [
        x + x0 - left + 0.02 * (y - top),
        y - top - 0.02 * (x + x0 - left),
      ]);
      const inputs = {
        cfa: data,
        map,
        levels: Float32Array.from({ length: 21 }, (_, i) => (i % 7 === 0 ? 1 + k / 50 : 0)),
      };
      const handles = Object.entries(inputs).map(([label, { length }]) => f32(label, length));
      return [
        ...handles.map((handle): Op => ({ op: 'alloc', handle })),
        ...Object.values(inputs).map((data, i): Op => ({ op: 'upload', handle: handles[i], data })),
        {
          op: 'kernel',
          stem: 'warp-cfa',
          params: {
            ...{ cellWidth: width, cellHeight: height, windowWidth: SIDE, windowHeight: SIDE },
            ...{ windowX: 0, windowY: 0, frameWidth: SIDE, frameHeight: SIDE },
            ...{ slot: k + 1, slots: SLOTS + 1, kernel, pattern: 0b10_01_01_00 },
            ...{ centreX: 0, centreY: 0, invScale: 0.01 },
          },
          buffers: { ...Object.fromEntries(handles.map((h) => [h.label, h])), lanczos, cube },
        },
        ...handles.map((handle): Op => ({ op: 'free', handle })),
      ];
    }),
    { op: 'free', handle: lanczos },
  ];
}

export function stacks(cube: Handle, { width, height }: Cell, settings = SETTINGS): Op[] {
  const weights = Float32Array.from({ length: PLANES * SLOTS }, (_, i) => 1 + (i % 5) / 4);
  const inverseVariances = weights.map((w) => w / 3);
  return stackProgram(
    cube,
    { width, height, planes: PLANES, slots: SLOTS },
    { weights, inverseVariances },
    settings,
  );
}

/** A cube where other samples, which are no blanks, stood before. */
export async function cubeIn(
  backend: ComputeBackend,
  cell: Cell,
  late: boolean,
  kernel?: number,
): Promise<Handle> {
  const cube = f32('cube', (SLOTS + 1) * samplesOf(cell));
  const before = f32('before', 2 * cube.length);
  await backend.submit({
    label: 'before',
    ops: [
      { op: 'alloc', handle: before },
      { op: 'upload', handle: before, data: new Float32Array(before.length).fill(777) },
      { op: 'free', handle: before },
    ],
  });
  await backend.submit({
    label: 'cube',
    ops: [{ op: 'alloc', handle: cube, late }, ...warps(cube, cell, kernel)],
  });
  return cube;
}

export async function readsOf(backend: ComputeBackend, ops: readonly Op[]) {
  return (await backend.submit({ label: 'reads', ops })).reads;
}

/** The cube as it is read, and freed. */
export const cubeOf = async (backend: ComputeBackend, cube: Handle) =>
  (
    await readsOf(backend, [
      { op: 'read', handle: cube },
      { op: 'free', handle: cube },
    ])
  )[0] as Float32Array;

// What kernel suites share: seeded data, pixel maps of simple geometry, one kernel run on a backend with named arrays in and out.
import type { ComputeBackend, Handle, Op } from '../../src/compute/backend.js';
import { BLOCK_SIZE, MAP_STRIDE } from '../../src/compute/constants.js';
import type { KernelContract } from '../../src/compute/contract.js';
import { contracts, type KernelStem } from '../../src/compute/contracts/index.js';

/** Uniform numbers in [0, 1), the same for a seed on every machine (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal deviates (Box-Muller) from a seed. */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Frame position (0-based) of a cell pixel (0-based). */
export type Geometry = (x: number, y: number) => readonly [number, number];

export function translation(dx: number, dy: number): Geometry {
  return (x, y) => [x + dx, y + dy];
}

/**
 * Map of a cell for a geometry that is a polynomial of at most second degree along each axis in every block: interpolated through the
 * block's centre and the points half a block around it.
 */
export function cellBlocks(width: number, height: number, geometry: Geometry): Float32Array {
  const bx = Math.ceil(width / BLOCK_SIZE);
  const by = Math.ceil(height / BLOCK_SIZE);
  const map = new Float32Array(bx * by * MAP_STRIDE);
  const half = BLOCK_SIZE / 2;
  for (let block = 0; block < bx * by; block++) {
    const cx = (block % bx) * BLOCK_SIZE + (BLOCK_SIZE - 1) / 2;
    const cy = Math.floor(block / bx) * BLOCK_SIZE + (BLOCK_SIZE - 1) / 2;
    for (const axis of [0, 1] as const) {
      const base = Math.floor(geometry(cx, cy)[axis]);
      map[block * MAP_STRIDE + axis] = base;
      const at = (u: number, v: number) => geometry(cx + u * half, cy + v * half)[axis] - base;
      const row = (v: number) => quadratic(at(-1, v), at(0, v), at(1, v));
      const rows = [row(-1), row(0), row(1)];
      for (let i = 0; i < 3; i++) {
        const column = quadratic(rows[0][i], rows[1][i], rows[2][i]);
        for (let j = 0; j < 3; j++) map[block * MAP_STRIDE + 2 + 9 * axis + 3 * j + i] = column[j];
      }
    }
  }
  return map;
}

/** Map of one block, all pixels of which lie so little before frame pixel (x, y) that float32 rounds their fraction to 1. */
export function justBefore(x: number, y: number): Float32Array {
  const map = new Float32Array(MAP_STRIDE);
  map.set([x, y, -1e-9]);
  map[11] = -1e-9;
  return map;
}

/** Coefficients of 1, t, t^2 through the values at t = -1, 0, 1. */
function quadratic(before: number, middle: number, after: number): [number, number, number] {
  return [middle, (after - before) / 2, (after + before) / 2 - middle];
}

export type Arrays = Record<string, Float32Array | Uint32Array>;

/**
 * Runs one kernel on buffers of exactly the contract's sizes: `inputs` are uploaded by role, every `write` and `update` role comes back.
 * Roles without input start at zero. Leaves nothing resident.
 */
export async function runKernel(
  backend: ComputeBackend,
  stem: KernelStem,
  params: Record<string, number>,
  inputs: Arrays,
): Promise<Arrays> {
  const contract = contracts[stem] as unknown as KernelContract;
  const buffers: Record<string, Handle> = {};
  const ops: Op[] = [];
  for (const role of contract.buffers) {
    const handle: Handle = { label: role.name, element: role.element, length: role.length(params) };
    buffers[role.name] = handle;
    ops.push({ op: 'alloc', handle });
    if (inputs[role.name]) ops.push({ op: 'upload', handle, data: inputs[role.name] });
  }
  ops.push({ op: 'kernel', stem, params, buffers });
  const outputs = contract.buffers.filter((role) => role.access !== 'read').map((role) => role.name);
  for (const name of outputs) ops.push({ op: 'read', handle: buffers[name] });
  for (const handle of Object.values(buffers)) ops.push({ op: 'free', handle });
  const { reads } = await backend.submit({ label: stem, ops });
  return Object.fromEntries(outputs.map((name, i) => [name, reads[i]]));
}

/** Image `[height, width]` of a function of the pixel (0-based). */
export function paint(width: number, height: number, value: (x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, k) => value(k % width, Math.floor(k / width)));
}

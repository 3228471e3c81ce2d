// WebAssembly on the thread that calls: what is asked of every raw sample before a backend sees one, of every pixel that is written, in SIMD, and the least squares of levels and places.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../errors.js';
import { keptModule } from '../kept-wasm.js';
import type { CellPasses } from './exports/cell-passes.js';
import type { FramePasses } from './exports/frame-passes.js';
import type { PlanPasses } from './exports/plan-passes.js';
import type { ProductPasses } from './exports/product-passes.js';

/** Sources and built program lie at the same depth, and both use what the build has made. */
const PASSES_FILE = new URL('../../dist/simd/passes.wasm', import.meta.url);
const PAGE = 65536;

/** What the module exports; addresses and sizes in bytes unless told. The sources stand in `assembly/`. */
interface Exports extends FramePasses, PlanPasses, CellPasses, ProductPasses {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  memoryStart(): number;
  rankOf(values: number, count: number, rank: number, spare: number): number;
  rankOfFloats(values: number, count: number, rank: number, spare: number): number;
  medianOfFloats(values: number, count: number, spare: number): number;
  orderOf(keys: number, count: number, order: number, spare: number): void;
}

let module: WebAssembly.Module | undefined;

/** Has this thread use the module that another one has compiled; to be called before the first pass. */
export function useCompiledPasses(compiled: WebAssembly.Module): void {
  module = compiled;
}

/** The module, compiled once a process. @throws CodedError `simd_not_built`. */
export function compiledPasses(): WebAssembly.Module {
  if (module) return module;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(PASSES_FILE);
  } catch (cause) {
    throw new CodedError('simd_not_built', { path: fileURLToPath(PASSES_FILE) }, { cause });
  }
  return (module = keptModule(PASSES_FILE, bytes) ?? new WebAssembly.Module(bytes));
}

/** The passes with a memory of their own, which is given back with them. */
export class SamplePasses {
  readonly passes = new WebAssembly.Instance(compiledPasses(), {}).exports as unknown as Exports;
  #end = this.passes.memoryStart();

  /** Address of `bytes` more bytes of memory, aligned for any load, with room for one load behind them. Views made before are void. */
  take(bytes: number): number {
    const at = this.#end;
    // no bit operations: they end at 2 GiB
    this.#end = 16 * Math.floor((at + bytes + 31) / 16);
    const { memory } = this.passes;
    const missing = Math.ceil((this.#end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    return at;
  }

  /** Address of a copy of `values`, in memory that is taken for them. */
  put(values: ArrayBufferView): number {
    const at = this.take(values.byteLength);
    this.bytes().set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    return at;
  }

  /** Does work that takes memory and gives it back afterwards; views made before are void if it takes more than there was. */
  within<T>(work: () => T): T {
    const end = this.#end;
    try {
      return work();
    } finally {
      this.#end = end;
    }
  }

  /** Gives all of it back, to be taken anew. */
  reset(): void {
    this.#end = this.passes.memoryStart();
  }

  /** The whole memory; void once more of it is taken. */
  bytes(): Uint8Array {
    return new Uint8Array(this.passes.memory.buffer);
  }

  /** The memory; void once more of it is taken. */
  get buffer(): ArrayBuffer {
    return this.passes.memory.buffer;
  }
}

let shared: SamplePasses | undefined;

/** Passes for one piece of work that waits for nothing: what was taken of their memory before is given back, to be taken anew. The most of it stays: a byte for every sample of the largest frame of floating point numbers in which trails were sought, else a few MB. */
export function sharedPasses(): SamplePasses {
  shared ??= new SamplePasses();
  shared.reset();
  return shared;
}

/** Memory that has served, smallest first. */
const idle: SamplePasses[] = [];
/** What is kept of work that is long done by the time that others come. */
const MOST_KEPT_BYTES = 2 ** 24;

/**
 * Passes with memory that has served, the smallest of at least `bytes` or else the largest; new ones where there are none. They are the taker's for good, or until kept:
 * who says how much is wanted gets none of much more than that.
 */
export function takePasses(bytes = Infinity): SamplePasses {
  const rooms = idle.filter(({ buffer }) => buffer.byteLength <= bytes + MOST_KEPT_BYTES);
  const room = rooms.find(({ buffer }) => buffer.byteLength >= bytes) ?? rooms.at(-1);
  if (!room) return new SamplePasses();
  idle.splice(idle.indexOf(room), 1);
  return room;
}

function putBack(room: SamplePasses): void {
  room.reset();
  const larger = idle.findIndex(({ buffer }) => buffer.byteLength >= room.buffer.byteLength);
  idle.splice(larger < 0 ? idle.length : larger, 0, room);
}

/** Keeps memory that its taker is done with for others, unless it is much: nobody looks at it any more. */
export function keepPasses(room: SamplePasses): void {
  if (room.buffer.byteLength <= MOST_KEPT_BYTES) putBack(room);
}

/** Has `use` work with passes of its own while it waits for others in between. Their memory stays, all of it given back, for whoever comes next: that is cheaper than memory which nobody has touched. */
export async function withPasses<T>(use: (room: SamplePasses) => Promise<T>): Promise<T> {
  const room = takePasses();
  try {
    return await use(room);
  } finally {
    putBack(room);
  }
}

/** Bits by which signed samples become unsigned ones, 32768 higher; 0 for unsigned ones. */
export const signFlip = (samples: Uint16Array | Int16Array): number =>
  samples instanceof Int16Array ? 0x8000 : 0;

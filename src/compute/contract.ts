// What a kernel promises, the same for every backend: its parameters, its buffers and their sizes, its thread grid.
import type { ParamTable, ParamsOf } from './params.js';

export type ElementType = 'f32' | 'u32';

/** A buffer a kernel reads or writes, at its binding index (binding 0 is the parameter struct). */
export interface BufferRole<P> {
  readonly name: string;
  readonly element: ElementType;
  /** `read` inputs are never written; `write` outputs are written for every thread of the grid; `update` are read and written. */
  readonly access: 'read' | 'write' | 'update';
  /** Smallest number of elements the buffer must hold for these parameters. */
  readonly length: (params: P) => number;
  /** Elements that one call reads and writes together, where that is not each of them once (twice where `access` is `update`): of a cube, a slot. */
  readonly touched?: (params: P) => number;
}

/** Contract of one kernel. Shapes are row-major `[..., ny, nx]`, indices 0-based. */
export interface KernelContract<T extends ParamTable = ParamTable> {
  readonly stem: string;
  readonly params: T;
  readonly buffers: readonly BufferRole<ParamsOf<T>>[];
  /** Number of threads in x, y, z; one thread writes one output pixel: of one plane where z counts planes, else of all. */
  readonly threads: (params: ParamsOf<T>) => readonly [number, number, number];
  /** Input pixels needed beyond an output pixel on each side (stencil); the halo of a window is the sum of stencils. */
  readonly stencil: number;
}

/** Declares a contract with its parameter types inferred from the table. */
export function defineContract<const T extends ParamTable>(contract: KernelContract<T>): KernelContract<T> {
  return contract;
}

// Operations of a program as this backend runs them.
import type { Handle, Op, RowBand } from '../../compute/backend.js';
import type { KernelStem } from '../../compute/contracts/index.js';
import type { WasmStem } from './inner-contracts.js';

export type KernelOp = Extract<Op, { op: 'kernel' }>;

/** Of a stack whose results are lent in bands of rows. */
export interface ResultBand {
  readonly rows: RowBand;
  /** Of all roles of results and sums. */
  readonly buffers: Readonly<Record<string, Handle>>;
  /** Those that are lent, in the order of the reads, and elements of each. */
  readonly reads: readonly Handle[];
  readonly lengths: readonly number[];
}

/** A call of a kernel of this backend; its time is that of the port's kernel `countsAs`. */
export interface WasmKernelOp extends Omit<KernelOp, 'stem'> {
  readonly stem: WasmStem;
  readonly countsAs: KernelStem;
  /** Where its results are lent in bands: a call for each, alike but for them. */
  readonly bands?: readonly ResultBand[];
}

export type WasmOp = Exclude<Op, KernelOp> | WasmKernelOp;

// Operations of a program as this backend runs them.
import type { Op } from '../../compute/backend.js';
import type { KernelStem } from '../../compute/contracts/index.js';
import type { WasmStem } from './inner-contracts.js';
import type { ResultBand } from './result-bands.js';

export type KernelOp = Extract<Op, { op: 'kernel' }>;

/** A call of a kernel of this backend; its time is that of the port's kernel `countsAs`. */
export interface WasmKernelOp extends Omit<KernelOp, 'stem'> {
  readonly stem: WasmStem;
  readonly countsAs: KernelStem;
  /** Where its results are lent in bands: a call for each, alike but for them. */
  readonly bands?: readonly ResultBand[];
}

export type WasmOp = Exclude<Op, KernelOp> | WasmKernelOp;

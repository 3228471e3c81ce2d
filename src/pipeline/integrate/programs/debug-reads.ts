// Every stage's product of chosen cells, for people who debug kernels: reads put into a program after each kernel.
import type { Handle, Op, ProgramResult } from '../../../compute/backend.js';
import { contracts } from '../../../compute/contracts/index.js';
import type { CubeShape } from './guard-program.js';

/** One product of one kernel, as it was right after the kernel ran. */
export interface StageProduct {
  /** `<stem>_<role>` of the kernel and its output. */
  readonly name: string;
  readonly data: Float32Array | Uint32Array;
}

export interface InstrumentedOps {
  readonly ops: readonly Op[];
  /** The products among the reads of the result, and the reads the program had itself. */
  split(result: ProgramResult): { products: StageProduct[]; reads: ProgramResult['reads'] };
}

/**
 * Arrays per pixel and plane of a cell whose products are kept, at the end of its stack: the five results of the guard's median and the stack's on the device, as
 * products and, of the stack, as its reads; those of the cell before, which are being written; and the floats of the product that is.
 */
const KEPT_ARRAYS = 2 * 5 + 2 * 5 + 5 + 5 + 1;

/** What a cell whose products are kept has in memory beside its cube. */
export function keptBytes({ planes, width, height }: Pick<CubeShape, 'planes' | 'width' | 'height'>): number {
  return 4 * KEPT_ARRAYS * planes * width * height;
}

/** The same operations with a read behind each kernel for everything it wrote (what it only updated, such as the cube, is left to the end). */
export function withDebugReads(ops: readonly Op[]): InstrumentedOps {
  const instrumented: Op[] = [];
  const names: (string | undefined)[] = [];
  for (const op of ops) {
    instrumented.push(op);
    if (op.op === 'read') names.push(undefined);
    if (op.op !== 'kernel') continue;
    for (const role of contracts[op.stem].buffers) {
      if (role.access !== 'write') continue;
      const handle: Handle = op.buffers[role.name];
      instrumented.push({ op: 'read', handle });
      names.push(`${op.stem}_${role.name}`.replaceAll('-', '_'));
    }
  }
  return {
    ops: instrumented,
    split: ({ reads }) => ({
      products: reads.flatMap((data, i): StageProduct[] => {
        const name = names[i];
        return name === undefined ? [] : [{ name, data }];
      }),
      reads: reads.filter((_, i) => names[i] === undefined),
    }),
  };
}

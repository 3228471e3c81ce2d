// Which steps of a program look at what.
import type { Handle, Op } from '../../compute/backend.js';
import type { WasmKernelOp } from './wasm-ops.js';

export type Step = Op | WasmKernelOp;
export type KernelStep = Extract<Step, { op: 'kernel' }>;

/** The operations on each handle, in order. */
export function usersOf(ops: readonly Step[]): ReadonlyMap<Handle, readonly Step[]> {
  const users = new Map<Handle, Step[]>();
  for (const op of ops) {
    for (const handle of op.op === 'kernel' ? Object.values(op.buffers) : [op.handle]) {
      const list = users.get(handle);
      if (list) list.push(op);
      else users.set(handle, [op]);
    }
  }
  return users;
}

/** The free of what the program makes, fills and has decoded once, in this order. */
export function freeOfDecoded(
  raw: Handle,
  decode: KernelStep,
  users: ReadonlyMap<Handle, readonly Step[]>,
): Step | undefined {
  const ops = users.get(raw)!;
  const free = ops.at(-1)!;
  const isOwn = ops[0].op === 'alloc' && ops.at(-2) === decode && free.op === 'free';
  return isOwn && ops.slice(1, -2).every(({ op }) => op === 'upload') ? free : undefined;
}

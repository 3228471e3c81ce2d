// Which steps of a program look at what.
import type { Handle, Op } from '../../compute/backend.js';
import type { WasmKernelOp } from './wasm-ops.js';

export type Step = Op | WasmKernelOp;
export type KernelStep = Extract<Step, { op: 'kernel' }>;

/** The operations on each handle, in order. */
export function usersOf(ops: readonly Step[]): ReadonlyMap<Handle, readonly Step[]> {
  const users = new Map<Handle, Step[]>();
  const uses = (op: Step, handle: Handle) => {
    const list = users.get(handle);
    if (list) list.push(op);
    else users.set(handle, [op]);
  };
  for (const op of ops) {
    if (op.op === 'kernel') for (const role in op.buffers) uses(op, op.buffers[role]);
    else uses(op, op.handle);
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

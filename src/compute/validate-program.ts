// Checks a program before a backend runs it, the same for every backend: handles live, sizes, roles, parameters.
import { CodedError } from '../errors.js';
import { DeviceCapacityError } from './device-error.js';
import type { BackendLimits, Handle, Op, Program } from './backend.js';
import type { KernelContract } from './contract.js';
import { contracts } from './contracts/index.js';
import { fieldsOf, type ScalarType } from './params.js';

/** Rules of the port, as a broken one is named in reports. */
export type ProgramRule =
  | 'handle_allocated_twice'
  | 'handle_not_allocated'
  | 'handle_freed'
  | 'handle_length'
  | 'transfer_outside'
  | 'transfer_times'
  | 'sum_element'
  | 'lent_read_early'
  | 'kernel_unknown'
  | 'parameter'
  | 'slot_outside'
  | 'role_missing'
  | 'role_unknown'
  | 'role_element'
  | 'buffer_too_small'
  | 'buffer_shared';

/** A program that breaks a rule of the port: a fault of the caller, found before anything ran. `facts` are the values concerned. */
export class ProgramError extends CodedError {
  constructor(
    program: Program,
    readonly rule: ProgramRule,
    readonly facts: Readonly<Record<string, string | number>>,
  ) {
    const named = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
    super('compute_program_invalid', { program: program.label, rule, facts: named.join(', ') });
  }
}

type KernelOp = Extract<Op, { op: 'kernel' }>;

const BYTES = 4;

/**
 * Knows which handles are live after the programs submitted so far. `check` either accepts a program whole and counts its allocs and
 * frees, or throws ProgramError and changes nothing.
 */
export class ProgramValidator {
  private readonly live = new Set<Handle>();
  private readonly freed = new WeakSet<Handle>();

  constructor(private readonly limits: BackendLimits) {}

  /**
   * Throws ProgramError for: a handle allocated twice, unknown or freed; a transfer outside its buffer; a role that is missing, unknown, of the
   * wrong element type, too small, or written while bound twice; a parameter that is missing or not of its type; a slot outside the
   * cube; an upload or a kernel behind a read of a program that lends. Throws DeviceCapacityError `compute_buffer_over_limit`
   * for a buffer larger than the device can bind.
   */
  check(program: Program): void {
    const allocs = new Set<Handle>();
    const frees = new Set<Handle>();
    const requireLive = (handle: Handle) => {
      const label = handle.label;
      if (frees.has(handle) || this.freed.has(handle)) fail(program, 'handle_freed', { label });
      if (!allocs.has(handle) && !this.live.has(handle)) fail(program, 'handle_not_allocated', { label });
    };
    let lent: Handle | undefined;
    for (const op of program.ops) {
      // What is lent is looked at when the whole program has run.
      if (lent && (op.op === 'upload' || op.op === 'kernel')) {
        fail(program, 'lent_read_early', { label: lent.label, before: op.op });
      }
      if (program.lend && op.op === 'read') lent ??= op.handle;
      if (op.op === 'alloc') {
        this.checkAlloc(program, op.handle, allocs);
        allocs.add(op.handle);
      } else if (op.op === 'kernel') {
        for (const role in op.buffers) requireLive(op.buffers[role]);
        checkKernel(program, op);
      } else {
        requireLive(op.handle);
        if (op.op === 'free') frees.add(op.handle);
        else checkTransfer(program, op);
      }
    }
    for (const handle of allocs) this.live.add(handle);
    for (const handle of frees) {
      this.live.delete(handle);
      this.freed.add(handle);
    }
  }

  /** Counts the allocs of a program that failed while running as freed. */
  abandon(program: Program): void {
    for (const op of program.ops) {
      if (op.op !== 'alloc') continue;
      this.live.delete(op.handle);
      this.freed.add(op.handle);
    }
  }

  private checkAlloc(program: Program, handle: Handle, allocs: ReadonlySet<Handle>): void {
    const label = handle.label;
    if (allocs.has(handle) || this.live.has(handle) || this.freed.has(handle)) {
      fail(program, 'handle_allocated_twice', { label });
    }
    if (!Number.isInteger(handle.length) || handle.length < 1) {
      fail(program, 'handle_length', { label, length: handle.length });
    }
    const bytes = handle.length * BYTES;
    const maxBytes = this.limits.maxBufferBytes;
    if (bytes > maxBytes)
      throw new DeviceCapacityError('compute_buffer_over_limit', { label, bytes, maxBytes });
  }
}

function checkTransfer(program: Program, op: Extract<Op, { op: 'upload' | 'read' }>): void {
  const { label, length: size } = op.handle;
  const offset = op.offset ?? 0;
  const times = op.op === 'upload' ? (op.times ?? 1) : 1;
  if (!Number.isInteger(times) || times < 1) fail(program, 'transfer_times', { label, times });
  if (op.op === 'read' && op.sum && op.handle.element !== 'u32') fail(program, 'sum_element', { label });
  const length = op.op === 'upload' ? (op.data.byteLength / BYTES) * times : (op.length ?? size - offset);
  const inside =
    Number.isInteger(offset) &&
    Number.isInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= size;
  if (!inside) fail(program, 'transfer_outside', { label, offset, length, size });
}

function checkKernel(program: Program, op: KernelOp): void {
  // Each contract types its own parameters; here they are checked, so the table is read without them.
  const contract = contracts[op.stem] as unknown as KernelContract | undefined;
  const { stem, params } = op;
  if (contract === undefined) return fail(program, 'kernel_unknown', { stem });
  for (const { name, type } of fieldsOf(contract.params)) {
    const value: number | undefined = params[name];
    if (!isScalar(type, value)) fail(program, 'parameter', { stem, name, type, value: String(value) });
  }
  if (params.slot !== undefined && params.slot >= params.slots) {
    fail(program, 'slot_outside', { stem, slot: params.slot, slots: params.slots });
  }
  const roles = contract.buffers;
  for (let i = 0; i < roles.length; i++) {
    const role = roles[i];
    const handle: Handle | undefined = op.buffers[role.name];
    if (handle === undefined) return fail(program, 'role_missing', { stem, role: role.name });
    const { label, element, length } = handle;
    if (element !== role.element) {
      fail(program, 'role_element', { stem, role: role.name, label, element, needed: role.element });
    }
    const needed = role.length(params);
    if (length < needed) fail(program, 'buffer_too_small', { stem, role: role.name, label, length, needed });
    for (let k = 0; k < i; k++) {
      const isWritten = role.access !== 'read' || roles[k].access !== 'read';
      if (isWritten && op.buffers[roles[k].name] === handle)
        fail(program, 'buffer_shared', { stem, role: role.name, label });
    }
  }
  // none is missing
  if (Object.keys(op.buffers).length === roles.length) return;
  for (const role in op.buffers)
    if (!roles.some(({ name }) => name === role)) fail(program, 'role_unknown', { stem, role });
}

function isScalar(type: ScalarType, value: number | undefined): value is number {
  if (value === undefined || !Number.isFinite(value)) return false;
  if (type === 'f32') return Number.isFinite(Math.fround(value));
  const least = type === 'u32' ? 0 : -(2 ** 31);
  return Number.isInteger(value) && value >= least && value < least + 2 ** 32;
}

function fail(program: Program, rule: ProgramRule, facts: Record<string, string | number>): never {
  throw new ProgramError(program, rule, facts);
}

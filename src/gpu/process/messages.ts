// What the process of a run and the process of its device say to each other.
import type { BackendInfo, Handle, KernelCall, KernelProfile, Op, Program } from '../../compute/backend.js';
import { DeviceCapacityError } from '../../compute/device-error.js';
import { ProgramError } from '../../compute/validate-program.js';
import { CodedError, type ErrorParams } from '../../errors.js';
import type { AdapterChoice, AdapterSummary } from '../adapters.js';
import { GpuError, reasonOf } from '../gpu-error.js';
import type { Region } from './shared-regions.js';

const BYTES = 4;

/** An operation with handles as numbers; the data of an upload is the next so many bytes of the program's. */
export type WireOp =
  | { op: 'alloc'; id: number; label: string; element: Handle['element']; length: number }
  | { op: 'upload'; id: number; offset: number; bytes: number; times: number }
  | {
      op: 'kernel';
      stem: Extract<Op, { op: 'kernel' }>['stem'];
      params: Readonly<Record<string, number>>;
      ids: Readonly<Record<string, number>>;
    }
  | { op: 'read'; id: number; offset: number; length: number; sum: boolean }
  | { op: 'free'; id: number };

export type Request =
  | { readonly open: AdapterChoice }
  | { readonly list: true }
  | {
      readonly submit: number;
      readonly label: string;
      readonly ops: readonly WireOp[];
      /** Where in the shared memory the data of the uploads lies; else it is the body. */
      readonly uploads?: Region;
      /** Where there the reads may be put. */
      readonly reads?: Region;
    }
  /** Programs that follow wait for it; it is not answered. */
  | { readonly prepare: readonly KernelCall[] }
  /** Finish what was submitted, then end. */
  | { readonly close: true };

export type Answer =
  | { readonly opened: BackendInfo }
  | { readonly adapters: readonly AdapterSummary[] }
  /** Reads stand one after the other in the body, or else where the request had room for them. */
  | {
      readonly submit: number;
      readonly areShared: boolean;
      readonly reads: readonly { readonly element: Handle['element']; readonly bytes: number }[];
      readonly profile: readonly KernelProfile[];
    }
  | { readonly submit?: number; readonly failure: WireError };

export interface WireError {
  readonly kind: 'capacity' | 'device' | 'other';
  readonly code: string;
  readonly params: ErrorParams;
}

export function toWireError(error: unknown): WireError {
  if (!(error instanceof CodedError)) {
    return { kind: 'device', code: 'gpu_program_failed', params: { program: '?', reason: reasonOf(error) } };
  }
  const { code, params } = error;
  if (error instanceof DeviceCapacityError) return { kind: 'capacity', code, params };
  return { kind: error instanceof GpuError ? 'device' : 'other', code, params };
}

export function fromWireError({ kind, code, params }: WireError): CodedError {
  if (kind === 'capacity') return new DeviceCapacityError(code, params);
  return kind === 'device' ? new GpuError(code, params) : new CodedError(code, params);
}

/** The program with handles as numbers, and the data of its uploads where they lie. */
export function packProgram(
  program: Program,
  idOf: (handle: Handle) => number,
): { readonly ops: WireOp[]; readonly uploads: Uint8Array[] } {
  const uploads: Uint8Array[] = [];
  const ops = program.ops.map((op): WireOp => {
    switch (op.op) {
      case 'alloc': {
        const { label, element, length } = op.handle;
        return { op: 'alloc', id: idOf(op.handle), label, element, length };
      }
      case 'upload': {
        const { buffer, byteOffset, byteLength: bytes } = op.data;
        uploads.push(new Uint8Array(buffer, byteOffset, bytes));
        return { op: 'upload', id: idOf(op.handle), offset: op.offset ?? 0, bytes, times: op.times ?? 1 };
      }
      case 'kernel': {
        const ids = Object.fromEntries(Object.entries(op.buffers).map(([role, h]) => [role, idOf(h)]));
        return { op: 'kernel', stem: op.stem, params: op.params, ids };
      }
      case 'read': {
        const offset = op.offset ?? 0;
        const length = op.length ?? op.handle.length - offset;
        return { op: 'read', id: idOf(op.handle), offset, length, sum: op.sum ?? false };
      }
      case 'free':
        return { op: 'free', id: idOf(op.handle) };
    }
  });
  return { ops, uploads };
}

/** Bytes of the reads of a program. */
export function readBytes(ops: readonly WireOp[]): number {
  return ops.reduce((sum, op) => sum + (op.op === 'read' ? BYTES * (op.sum ? 2 : op.length) : 0), 0);
}

/** Whether its reads may be lent: they stand behind all that could alter them. */
export function lends(ops: readonly WireOp[]): boolean {
  const first = ops.findIndex(({ op }) => op === 'read');
  return ops.slice(first).every(({ op }) => op !== 'upload' && op !== 'kernel');
}

/** The inverse; `handles` gains what the program allocates and loses what it frees. */
export function unpackProgram(
  label: string,
  ops: readonly WireOp[],
  body: Uint8Array,
  handles: Map<number, Handle>,
): Program {
  const handleOf = (id: number): Handle => {
    const handle = handles.get(id);
    // The program that allocates it has failed while this one was on its way.
    if (!handle) throw new ProgramError({ label, ops: [] }, 'handle_freed', { label: `#${id}` });
    return handle;
  };
  let at = 0;
  return {
    label,
    ops: ops.map((op): Op => {
      switch (op.op) {
        case 'alloc': {
          const handle = { label: op.label, element: op.element, length: op.length };
          handles.set(op.id, handle);
          return { op: 'alloc', handle };
        }
        case 'upload': {
          const data = body.subarray(at, at + op.bytes);
          at += op.bytes;
          return { op: 'upload', handle: handleOf(op.id), offset: op.offset, data, times: op.times };
        }
        case 'kernel': {
          const buffers = Object.fromEntries(
            Object.entries(op.ids).map(([role, id]) => [role, handleOf(id)]),
          );
          return { op: 'kernel', stem: op.stem, params: op.params, buffers };
        }
        case 'read':
          return { op: 'read', handle: handleOf(op.id), offset: op.offset, length: op.length, sum: op.sum };
        case 'free': {
          const handle = handleOf(op.id);
          handles.delete(op.id);
          return { op: 'free', handle };
        }
      }
    }),
  };
}

// Errors of the GPU: one class, so that a caller can tell a fault of the device from a fault of its program.
import { CodedError } from '../errors.js';

/** The device, its driver or its package failed; the cell may be computed by another backend. */
export class GpuError extends CodedError {}

/** Text of whatever was thrown, for the `reason` of a message. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

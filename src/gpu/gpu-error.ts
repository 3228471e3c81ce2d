// Errors of the GPU: one class, so that a caller can tell a fault of the device from a fault of its program.
import { DeviceError } from '../compute/device-error.js';

/** The device, its driver or its package failed. */
export class GpuError extends DeviceError {}

/** Text of whatever was thrown, for the `reason` of a message. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

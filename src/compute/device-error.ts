// Failures of what computes, told apart from failures of a program or its data: another device may do the same work.
import { CodedError } from '../errors.js';

/** The device, its driver, its package, a thread or a process of the backend failed; the cell may be computed by another backend. */
export class DeviceError extends CodedError {}

/** The work was too large for the device, which goes on working: a smaller cell may fit. */
export class DeviceCapacityError extends DeviceError {}

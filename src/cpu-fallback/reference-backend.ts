// The reference backend: plain TypeScript on one thread, complete on every machine, the definition of right.
import os from 'node:os';
import type { ComputeBackend } from '../compute/backend.js';
import { createHostBackend, HOST_MAX_BUFFER_BYTES } from './host-backend.js';
import { twins } from './twins.js';

/**
 * Runs programs with the CPU twins, operation by operation. Sums are f64, results are rounded to f32 when stored; the same bytes on every
 * platform. `submit` throws nothing synchronously: a program that breaks the rules rejects with ProgramError.
 */
export function createReferenceBackend(): ComputeBackend {
  return createHostBackend({
    info: {
      name: 'reference',
      device: os.cpus()[0]?.model.trim() || os.arch(),
      hardware: true,
      threads: 1,
      limits: { maxBufferBytes: HOST_MAX_BUFFER_BYTES, maxResidentBytes: os.totalmem(), onHost: true },
    },
    run: (stem, params, buffers) => twins[stem](params, buffers),
    close: () => undefined,
  });
}

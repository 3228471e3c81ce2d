// The webgpu backend as a run opens it.
import type { ComputeBackend } from '../compute/backend.js';
import type { AdapterChoice, AdapterSummary } from './adapters.js';
import { isDeno } from './provider.js';

/**
 * Under Node the device lives in a process of its own. Deno gives a child no socket beside its three streams: there the device lives in
 * this process. An aborted `signal` ends the process. Throws GpuError as `openDevice` does.
 */
export async function openWebgpu(choice: AdapterChoice, signal?: AbortSignal): Promise<ComputeBackend> {
  if (isDeno) return (await import('./webgpu-backend.js')).createWebgpuBackend(choice);
  return (await import('./process/process-backend.js')).createProcessBackend(choice, { signal });
}

/** Adapters of this machine, asked for where the device would live. */
export async function adaptersOfMachine(): Promise<readonly AdapterSummary[]> {
  if (isDeno) return (await import('./adapters.js')).listAdapters();
  return (await import('./process/process-backend.js')).listAdaptersInProcess();
}

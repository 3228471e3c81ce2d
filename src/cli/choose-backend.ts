// From what a run asks for to the backend that it gets, and what takes over should that one fail.
import type { KernelStem } from '../compute/contracts/index.js';
import { type BackendFactory, selectBackend } from '../compute/select.js';
import type { BackendProvider, ChosenBackend } from '../pipeline/backend-provider.js';

/** Whether a GPU is what is opened first. */
export function triesGpuFirst({
  backend,
  use_gpu_phase5: usesGpu,
}: Pick<Parameters<BackendProvider>[0], 'backend' | 'use_gpu_phase5'>): boolean {
  return backend === 'webgpu' || (backend === 'auto' && usesGpu);
}

/**
 * The backend that `config` asks for out of `factories`: see `selectBackend`, whose BackendSelectionError it throws. Under `auto` no GPU is
 * opened with `use_gpu_phase5` off, and the successor is chosen by the same rules from what has not been tried.
 */
export async function chooseBackend(
  factories: readonly BackendFactory[],
  config: Parameters<BackendProvider>[0],
  stems: readonly KernelStem[],
): Promise<ChosenBackend> {
  const { backend: asked, require_gpu: requireGpu } = config;
  const allowed = factories.filter(
    ({ name }) => name !== 'webgpu' || asked !== 'auto' || triesGpuFirst(config),
  );
  const { backend, tried } = await selectBackend({ backend: asked, requireGpu, stems }, allowed);
  const notices = tried.flatMap(({ outcome, reason }) =>
    reason && (outcome === 'refused' || outcome === 'failed') ? [reason] : [],
  );
  const untried = tried.flatMap(({ name, outcome }) => (outcome === 'not_tried' ? [name] : []));
  const successor = () =>
    chooseBackend(
      allowed.filter(({ name }) => untried.includes(name)),
      config,
      stems,
    );
  return { backend, notices, ...(asked === 'auto' && { successor }) };
}

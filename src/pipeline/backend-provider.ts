// How the pipeline gets its backend: from whoever composed the program, once a run is certain to need one.
import type { ComputeBackend } from '../compute/backend.js';
import type { KernelStem } from '../compute/contracts/index.js';
import type { RunConfig } from '../config/table.js';
import type { CodedMessage } from '../config/errors.js';

export interface ChosenBackend {
  readonly backend: ComputeBackend;
  /** Why others, tried before it, were not taken. */
  readonly notices: readonly CodedMessage[];
  /**
   * Opens what takes over when the backend fails: the next one that `auto` would have chosen, by the same rules. Rejects with a
   * BackendSelectionError when there is none. Absent for a backend that was asked for by name: nothing takes its place.
   */
  readonly successor?: () => Promise<ChosenBackend>;
}

/** Chooses by what the configuration says of backends and GPUs and the kernels that the run needs; throws a CodedError where what was asked for by name cannot work. */
export type BackendProvider = (
  config: Pick<
    RunConfig,
    'backend' | 'require_gpu' | 'use_gpu_phase5' | 'gpu_selector' | 'num_processing_workers'
  >,
  stems: readonly KernelStem[],
) => Promise<ChosenBackend>;

// Chooses the backend of a run: the first that computes the known answer correctly, or the one asked for by name and no other.
import { CodedError, type ErrorParams } from '../errors.js';
import type { BackendInfo, BackendName, ComputeBackend } from './backend.js';
import type { KernelStem } from './contracts/index.js';
import { wrongAnswers } from './known-answer.js';

/** How a backend is made; `create` rejects with a CodedError that says why it cannot work here. An aborted `signal` says that nobody waits for it any more. */
export interface BackendFactory {
  readonly name: BackendName;
  /** `auto` tries factories by rising priority. */
  readonly priority: number;
  create(signal?: AbortSignal): Promise<ComputeBackend>;
}

export interface BackendRequest {
  readonly backend: 'auto' | BackendName;
  /** Only a GPU will do: `webgpu` on a hardware adapter. */
  readonly requireGpu: boolean;
  /** A software adapter counts as a GPU too (tests, comparisons); never for `auto` without `requireGpu`. */
  readonly allowSoftwareGpu?: boolean;
  /** Kernels that the work needs: a backend without one of them is refused. None when absent. */
  readonly stems?: readonly KernelStem[];
}

/** A locale key and its values: why a backend was not chosen. */
export interface TrialReason {
  readonly code: string;
  readonly params: ErrorParams;
}

/** `refused`: works, but not allowed here; `failed`: does not start or computes wrongly; `not_tried`: another came first. */
export type TrialOutcome = 'chosen' | 'refused' | 'failed' | 'not_tried';

export interface BackendTrial {
  readonly name: BackendName;
  readonly outcome: TrialOutcome;
  readonly reason?: TrialReason;
}

export interface Selection {
  /** Open, proven; the caller closes it. */
  readonly backend: ComputeBackend;
  /** Every factory, in the order of priority. */
  readonly tried: readonly BackendTrial[];
}

/** No backend fits the request. `details` holds the reason of every one that was tried; all of them are closed. */
export class BackendSelectionError extends CodedError {
  constructor(
    code: string,
    params: ErrorParams,
    readonly details: readonly TrialReason[],
    readonly tried: readonly BackendTrial[],
    options?: ErrorOptions,
  ) {
    super(code, params, options);
  }
}

/**
 * Opens and proves the backend of a run. `auto`: by rising priority the first that starts, sits on hardware, has the kernels that are needed and computes the
 * known answer; with `requireGpu` only webgpu comes into question. By name: that one or an error, nothing falls back; a named webgpu may sit on
 * a software adapter unless `requireGpu` forbids it. Throws BackendSelectionError.
 */
export async function selectBackend(
  request: BackendRequest,
  factories: readonly BackendFactory[],
): Promise<Selection> {
  const ordered = [...factories].sort((a, b) => a.priority - b.priority);
  const named = request.backend !== 'auto';
  const tried: BackendTrial[] = [];
  let chosen: ComputeBackend | undefined;
  for (const factory of ordered) {
    const { name } = factory;
    if (chosen || (named && name !== request.backend)) {
      tried.push({ name, outcome: 'not_tried' });
    } else if (request.requireGpu && name !== 'webgpu') {
      const reason = { code: 'compute_not_a_gpu', params: { backend: name } };
      tried.push({ name, outcome: 'refused', reason });
    } else {
      const trial = await tryBackend(factory, request);
      tried.push(trial.trial);
      chosen = trial.backend;
    }
  }
  if (chosen) return { backend: chosen, tried };

  const details = tried.flatMap(({ reason }) => (reason ? [reason] : []));
  const [code, params] = named
    ? (['compute_backend_unavailable', { backend: request.backend }] as const)
    : ([request.requireGpu ? 'compute_no_gpu' : 'compute_no_backend', {}] as const);
  throw new BackendSelectionError(code, params, details, tried);
}

/** Whether the adapter that it sits on will do: what is slower than the processor's own backends is taken where it is named. */
export function mayTake(
  { backend, requireGpu, allowSoftwareGpu }: Omit<BackendRequest, 'stems'>,
  { hardware }: Pick<BackendInfo, 'hardware'>,
): boolean {
  const needsHardware = requireGpu ? !allowSoftwareGpu : backend === 'auto';
  return hardware || !needsHardware;
}

async function tryBackend(
  factory: BackendFactory,
  request: BackendRequest,
): Promise<{ trial: BackendTrial; backend?: ComputeBackend }> {
  const { name } = factory;
  let backend: ComputeBackend;
  try {
    backend = await factory.create();
  } catch (error) {
    return { trial: { name, outcome: 'failed', reason: reasonOf(name, error) } };
  }
  if (!mayTake(request, backend.info)) {
    await backend.close();
    const params = { backend: name, device: backend.info.device };
    return { trial: { name, outcome: 'refused', reason: { code: 'compute_adapter_software', params } } };
  }
  const lacking = (request.stems ?? []).filter((stem) => backend.supports(stem) !== true);
  if (lacking.length > 0) {
    await backend.close();
    const params = { backend: name, kernels: lacking.join(', ') };
    return { trial: { name, outcome: 'refused', reason: { code: 'compute_kernels_missing', params } } };
  }
  const reason = await faultOf(backend);
  if (!reason) return { trial: { name, outcome: 'chosen' }, backend };
  await backend.close();
  return { trial: { name, outcome: 'failed', reason } };
}

/** Why the backend cannot be trusted, undefined when it computes the known answer. */
async function faultOf(backend: ComputeBackend): Promise<TrialReason | undefined> {
  const { name, device } = backend.info;
  try {
    const wrong = await wrongAnswers(backend);
    if (wrong.length === 0) return undefined;
    const params = { backend: name, device, kernels: wrong.join(', ') };
    return { code: 'compute_wrong_answer', params };
  } catch (error) {
    return reasonOf(name, error);
  }
}

function reasonOf(name: BackendName, error: unknown): TrialReason {
  if (error instanceof CodedError) return { code: error.code, params: error.params };
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'compute_start_failed', params: { backend: name, detail } };
}

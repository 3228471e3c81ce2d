// What a run goes by from its first phase to its last.
import type { Workspace } from '../cleanup/workspace.js';
import type { RunRecorder } from './account/run-recorder.js';
import type { BackendProvider } from './backend-provider.js';
import type { RunContext } from './run-context.js';

/** What who starts it provides. */
export interface RunServices {
  readonly provideBackend: BackendProvider;
  /** Version of the program. */
  readonly version: string;
  /** Further outputs that others write into the output folder (the log): never removed. */
  readonly otherOutputs?: readonly string[];
  /** Longest time between two checkpoints of the assembly, for tests. */
  readonly checkpointMs?: number;
}

export interface MosaicRun {
  readonly context: RunContext;
  readonly workspace: Workspace;
  readonly services: RunServices;
  readonly recorder: RunRecorder;
}

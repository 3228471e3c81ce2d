// What every phase of a run is given: the frozen configuration, where things stand, who listens, and when to stop.
import type { RunDirectories } from '../config/directories.js';
import type { RunConfig } from '../config/table.js';
import type { CodedMessage } from '../config/errors.js';
import type { EventSink, PhaseName, ProgressUnit } from '../report/events.js';
import type { StageLedger } from './stage-ledger.js';

/** A frame that is not in the mosaic, and why. */
export interface RejectedFrame {
  readonly path: string;
  readonly reason: CodedMessage;
}

export interface RunContext {
  readonly config: RunConfig;
  readonly directories: RunDirectories;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
  readonly ledger: StageLedger;
}

/** Reports a phase around `work`; `step` counts what is done and stops the phase when the run is to stop. */
export async function runPhase<T>(
  { sink, signal }: Pick<RunContext, 'sink' | 'signal'>,
  phase: PhaseName,
  unit: ProgressUnit,
  total: number | undefined,
  work: (step: () => void) => Promise<T>,
): Promise<T> {
  const start = performance.now();
  let done = 0;
  signal.throwIfAborted();
  sink.emit({ type: 'phase-started', phase, unit, total });
  const result = await work(() => {
    done++;
    sink.emit({ type: 'phase-progress', phase, done, total });
    signal.throwIfAborted();
  });
  sink.emit({ type: 'phase-finished', phase, done, wallMs: performance.now() - start });
  return result;
}

// Runs a body so that the teardown follows it whatever happens: success, error, Ctrl-C, SIGTERM.
import { CodedError } from '../errors.js';
import type { RunOutcome } from './journal/journal.js';
import type { TeardownReport } from './teardown/teardown-report.js';
import type { Workspace } from './workspace.js';

/** Reason of an abort that also turns the removal of temporary files off. */
export const STOP_AND_KEEP = 'stop-and-keep';

/** The signals that end a run in order. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The run was stopped by a signal; the caller exits with 128 + its number. */
export class InterruptedError extends CodedError {
  constructor(readonly signal: StopSignal) {
    super('cleanup_interrupted', { signal });
  }
}

/** Where signals come from: `process`, or a stand-in. */
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

/** What `withTeardown` tells while it works. */
export interface TeardownHandlers {
  readonly signals?: SignalSource;
  /** Time that a body gets to end after the first signal before its files are taken away; 10 s when omitted. */
  readonly graceMs?: number;
  /** The account of the teardown; called exactly once, whatever the body did. */
  readonly onReport: (report: TeardownReport, outcome: RunOutcome) => void;
  /** A signal came; `count` 1 asks the body to stop, 2 ends the wait for it, later ones change nothing. */
  readonly onSignal?: (signal: StopSignal, count: number) => void;
}

/**
 * Runs `body` and then, always, the teardown. The first signal aborts the `AbortSignal` that the body gets, and
 * the body is awaited for `graceMs`; a second signal ends that wait. No signal that is heard here skips the teardown
 * itself; where the process ends all the same (SIGKILL), the next run or `zemosaic clean` finds the journal. Throws the body's error, or
 * `InterruptedError` when a signal came first.
 */
export async function withTeardown<T>(
  workspace: Workspace,
  handlers: TeardownHandlers,
  body: (abort: AbortSignal) => Promise<T>,
): Promise<T> {
  const source: SignalSource = handlers.signals ?? process;
  const controller = new AbortController();
  let interruption: InterruptedError | null = null;
  let count = 0;
  let stopWaiting: (reason: InterruptedError) => void = () => undefined;
  const waitedEnough = new Promise<never>((_resolve, reject) => (stopWaiting = reject));
  let grace: NodeJS.Timeout | undefined;

  const listener = (signal: StopSignal): void => {
    count++;
    if (interruption === null) {
      const stopped = (interruption = new InterruptedError(signal));
      controller.abort(stopped);
      grace = setTimeout(() => stopWaiting(stopped), handlers.graceMs ?? 10_000);
    } else {
      stopWaiting(interruption);
    }
    handlers.onSignal?.(signal, count);
  };
  for (const signal of STOP_SIGNALS) source.on(signal, listener);

  let outcome: RunOutcome = 'error';
  try {
    const value = await Promise.race([body(controller.signal), waitedEnough]);
    // A body that was done before it noticed the signal has done its work.
    outcome = 'success';
    return value;
  } catch (error) {
    if (interruption === null) throw error;
    outcome = 'interrupted';
    throw interruption;
  } finally {
    clearTimeout(grace);
    const report = await workspace.finish(outcome);
    handlers.onReport(report, outcome);
    for (const signal of STOP_SIGNALS) source.off(signal, listener);
  }
}

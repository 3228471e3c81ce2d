// Ctrl-C, SIGTERM and a closed terminal while a command works: the first signal asks it to stop and to clear up. Only
// a third Ctrl-C ends the process without its teardown, for a clean-up that hangs on a dead disk.
import { STOP_AND_KEEP } from '../cleanup/signals.js';
import type { StopRequest } from '../cleanup/journal/stop-request.js';
import { EXIT_CODES } from './exit-codes.js';
import type { Host, StopSignal } from './host.js';

/** A signal to stop that follows the process's signals; its reason is the name of the first one. */
export interface StopWatch {
  readonly signal: AbortSignal;
  /** The process signal that came first, if one did. */
  readonly received: StopSignal | undefined;
  /** Another process has asked for the stop: the same as a first Ctrl-C. */
  request(how: StopRequest): void;
  /** Ends the listening. */
  release(): void;
}

const CODES: Readonly<Record<StopSignal, number>> = {
  SIGINT: EXIT_CODES.interrupted,
  SIGTERM: EXIT_CODES.terminated,
  SIGHUP: EXIT_CODES.hangup,
};

/** Exit code of a command that a signal has ended. */
export function exitCodeOf(signal: StopSignal): number {
  return CODES[signal];
}

/** Listens until `release`; `tell` hears of the first stop and of each further Ctrl-C before the last. */
export function watchSignals(host: Host, tell: (again: boolean) => void): StopWatch {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  let interrupts = 0;
  const releases = (Object.keys(CODES) as StopSignal[]).map((signal) =>
    host.onSignal(signal, () => {
      if (signal === 'SIGINT') interrupts++;
      if (received === undefined) {
        received = signal;
        tell(false);
        controller.abort(signal);
      } else if (interrupts >= 3) host.exitNow(exitCodeOf(signal));
      else if (signal === 'SIGINT') tell(true);
    }),
  );
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    request(how) {
      if (received !== undefined) return;
      received = 'SIGINT';
      tell(false);
      controller.abort(how === 'keep' ? STOP_AND_KEEP : received);
    },
    release: () => releases.forEach((release) => release()),
  };
}

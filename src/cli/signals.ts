// Ctrl-C and SIGTERM while a command works: the first asks it to stop and to clear up, a second Ctrl-C ends it at once.
import { EXIT_CODES } from './exit-codes.js';
import type { Host, StopSignal } from './host.js';

/** A signal to stop that follows the process's signals. */
export interface StopWatch {
  readonly signal: AbortSignal;
  /** The process signal that came, if one did. */
  readonly received: StopSignal | undefined;
  /** Ends the listening. */
  release(): void;
}

/** Exit code of a command that a signal has ended. */
export function exitCodeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? EXIT_CODES.interrupted : EXIT_CODES.terminated;
}

/** Listens until `release`; `onFirst` hears of the first signal, to tell the user that the stop is under way. */
export function watchSignals(host: Host, onFirst: (signal: StopSignal) => void): StopWatch {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  const listen = (signal: StopSignal): (() => void) =>
    host.onSignal(signal, () => {
      if (received === undefined) {
        received = signal;
        onFirst(signal);
        controller.abort(signal);
      } else if (signal === 'SIGINT') {
        host.exitNow(exitCodeOf(signal));
      }
    });
  const releases = [listen('SIGINT'), listen('SIGTERM')];
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    release: () => releases.forEach((release) => release()),
  };
}

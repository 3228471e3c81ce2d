// How whoever calls a run stops it: the teardown listens for signals of the process, the caller has an AbortSignal.
import type { SignalSource, StopSignal } from '../cleanup/signals.js';

/** The caller's abort signal in the form of process signals, which it follows: its reason names the one that came. */
export function abortSignals(signal: AbortSignal): SignalSource {
  const forwards = new Map<StopSignal, () => void>();
  const came = (): StopSignal =>
    signal.reason === 'SIGTERM' || signal.reason === 'SIGHUP' ? signal.reason : 'SIGINT';
  return {
    on(name, listener) {
      const forward = () => {
        if (came() === name) listener(name);
      };
      forwards.set(name, forward);
      if (signal.aborted) forward();
      else signal.addEventListener('abort', forward, { once: true });
    },
    off(name) {
      const forward = forwards.get(name);
      if (forward) signal.removeEventListener('abort', forward);
    },
  };
}

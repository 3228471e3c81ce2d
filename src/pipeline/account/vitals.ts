// A run's pulse: memory and stages, every second, for those who watch it.
import type { RunContext } from '../run-context.js';

const INTERVAL_MS = 1000;

/** Emits until `stop`; keeps no process alive. */
export function emitVitals({ sink, ledger }: Pick<RunContext, 'sink' | 'ledger'>): { stop(): void } {
  const emit = () =>
    sink.emit({ type: 'vitals', memoryBytes: process.memoryUsage.rss(), stages: ledger.timings() });
  const timer = setInterval(emit, INTERVAL_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      emit();
    },
  };
}

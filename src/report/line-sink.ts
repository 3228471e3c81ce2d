// Events as plain lines, for pipes, files and `--quiet`.
import { describeEvent, eventLevel } from './describe-event.js';
import type { ClosableSink, PhaseName, RunEvent } from './events.js';
import type { Messages } from './messages.js';

/** Anything that takes text: a stream, or an array's push in a test. */
export interface TextOutput {
  write(text: string): unknown;
}

/** Events that concern single artefacts of the inside; the log and `--json` have them, the screen does not. */
export function isForScreen(event: RunEvent): boolean {
  return eventLevel(event) !== 'debug' || event.type === 'phase-progress';
}

/**
 * Writes one line an event. Progress is a line at every tenth of a phase; with `quiet` only warnings are written.
 */
export function createLineSink(
  output: TextOutput,
  messages: Messages,
  options: { readonly quiet: boolean } = { quiet: false },
): ClosableSink {
  const tenths = new Map<PhaseName, number>();
  const totals = new Map<PhaseName, number>();

  const reachesNextTenth = (event: RunEvent & { type: 'phase-progress' }): boolean => {
    const total = event.total ?? totals.get(event.phase);
    if (!total || event.done >= total) return false;
    const tenth = Math.floor((10 * event.done) / total);
    if (tenth <= (tenths.get(event.phase) ?? 0)) return false;
    tenths.set(event.phase, tenth);
    return true;
  };

  return {
    emit(event) {
      if (options.quiet && event.type !== 'warning') return;
      if (!isForScreen(event)) return;
      if (event.type === 'phase-started') {
        tenths.delete(event.phase);
        if (event.total !== undefined) totals.set(event.phase, event.total);
      }
      if (event.type === 'phase-progress') {
        if (!reachesNextTenth(event)) return;
        output.write(
          `${describeEvent({ ...event, total: event.total ?? totals.get(event.phase) }, messages)}\n`,
        );
        return;
      }
      output.write(`${describeEvent(event, messages)}\n`);
    },
    close() {
      // Every line is written when its event comes; nothing is held back.
    },
  };
}

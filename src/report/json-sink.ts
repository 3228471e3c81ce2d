// Events as JSON, one object a line, for programs.
import type { ClosableSink } from './events.js';
import type { TextOutput } from './line-sink.js';

/** Writes each event with its time (ISO 8601, UTC) as one line of JSON. */
export function createJsonSink(output: TextOutput, now: () => number = Date.now): ClosableSink {
  return {
    emit: (event) =>
      void output.write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...event })}\n`),
    close() {
      // Lines are written as they come.
    },
  };
}

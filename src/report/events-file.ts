// run-events.jsonl: every event of the latest run in an output folder, a line of JSON each, so that a window can follow
// the run whoever started it, and show it again later. Like the log a final output: no teardown removes it.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { ClosableSink } from './events.js';
import { createJsonSink } from './json-sink.js';

/** Name of the file in the output folder. */
export const EVENTS_FILE_NAME = 'run-events.jsonl';

/**
 * A sink that begins the file anew when the run begins and not before: a run that is refused leaves nothing. Lines are written at once.
 * When the disk fails, `onFailure` hears of it once and the run goes on without its file.
 */
export function createEventsFile(file: string, onFailure: (error: unknown) => void): ClosableSink {
  let handle: number | undefined;
  let failed = false;
  const guarded = (write: () => void): void => {
    if (failed) return;
    try {
      write();
    } catch (error) {
      failed = true;
      onFailure(error);
    }
  };
  const lines = createJsonSink({ write: (text) => handle !== undefined && writeSync(handle, text) });
  return {
    emit: (event) =>
      guarded(() => {
        if (event.type === 'run-started') {
          mkdirSync(path.dirname(file), { recursive: true });
          handle = openSync(file, 'w');
        }
        lines.emit(event);
      }),
    close: () =>
      guarded(() => {
        if (handle !== undefined) closeSync(handle);
        handle = undefined;
      }),
  };
}

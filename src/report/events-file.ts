// run-events.jsonl: every event of the latest run in an output folder, a line of JSON each, so that a window can follow
// the run whoever started it, and show it again later. Like the log a final output: no teardown removes it.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isDiskFull } from '../errors.js';
import type { ClosableSink } from './events.js';
import { createJsonSink } from './json-sink.js';

/** Name of the file in the output folder. */
export const EVENTS_FILE_NAME = 'run-events.jsonl';

/** Events of a long run that found no room all along are not worth more memory than this. */
const MOST_WAITING_BYTES = 4 * 2 ** 20;

/**
 * A sink that begins the file anew when the run begins and not before: a run that is refused leaves nothing. Lines are written at once.
 * What a full disk does not take waits for room. When the disk fails, or is still full at the end, `onFailure` hears of it once and the run
 * goes on without its file.
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
  let waiting: Buffer = Buffer.alloc(0);
  const flush = (): void => {
    if (handle === undefined) return;
    try {
      // The system may take a part.
      while (waiting.length > 0) waiting = waiting.subarray(writeSync(handle, waiting));
    } catch (error) {
      if (!isDiskFull(error) || waiting.length > MOST_WAITING_BYTES) throw error;
    }
  };
  const lines = createJsonSink({
    write(text) {
      waiting = Buffer.concat([waiting, Buffer.from(text)]);
      flush();
      return true;
    },
  });
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
        const [opened, left] = [handle, waiting];
        handle = undefined;
        if (opened === undefined) return;
        try {
          if (left.length > 0) writeSync(opened, left);
        } finally {
          closeSync(opened);
        }
      }),
  };
}

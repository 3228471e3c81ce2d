// Follows the events of the run in an output folder: what is written already, then what comes, whoever started the run.
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_FILE_NAME } from '../../report/events-file.js';
import { runIn } from './known-runs.js';

const POLL_MS = 250;
/** Turns between looks whether a silent run still lives: about three seconds. */
const LIFE_EVERY = 12;
const CHUNK_BYTES = 1 << 16;

/**
 * Hands every line to `write` until `signal`. Beside the run's own events: `{"type":"restart"}` before the first line and when another run has begun the
 * file anew, `{"type":"caught-up"}` when all that was there has been told, and `{"type":"run-lost"}` when the process has gone without an end.
 */
export async function followRun(
  outputDir: string,
  write: (line: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const file = path.join(outputDir, EVENTS_FILE_NAME);
  let follow: { handle: FileHandle; ino: number; offset: number; rest: string } | undefined;
  let [over, caughtUp, idle] = [false, false, 0];
  const buffer = Buffer.alloc(CHUNK_BYTES);
  try {
    while (!signal.aborted) {
      const current = await open(file, 'r').catch(() => undefined);
      if (current) {
        const { ino, size } = await current.stat();
        if (!follow || follow.ino !== ino || size < follow.offset) {
          await follow?.handle.close();
          follow = { handle: current, ino, offset: 0, rest: '' };
          [over, caughtUp, idle] = [false, false, 0];
          await write('{"type":"restart"}');
        } else await current.close();
      }
      const before = follow?.offset;
      for (;;) {
        if (!follow || signal.aborted) break;
        const { bytesRead } = await follow.handle.read(buffer, 0, CHUNK_BYTES, follow.offset);
        if (bytesRead === 0) break;
        follow.offset += bytesRead;
        // Latin-1 keeps the bytes of characters that a chunk cuts in two until their line is whole.
        const lines = (follow.rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
        follow.rest = lines.pop() ?? '';
        for (const line of lines) {
          const text = Buffer.from(line, 'latin1').toString('utf8');
          if (text.includes('"type":"run-finished"')) over = true;
          await write(text);
        }
      }
      if (!caughtUp) {
        caughtUp = true;
        await write('{"type":"caught-up"}');
      }
      idle = follow?.offset === before ? idle + 1 : 0;
      if (!over && idle > 0 && idle % LIFE_EVERY === 0 && !(await runIn(outputDir))) {
        over = true;
        await write('{"type":"run-lost"}');
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await follow?.handle.close();
  }
}

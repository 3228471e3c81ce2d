// The events of a run in a file: whole behind its end, and a disk that takes no more is told of once.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/report/events.js';
import { createEventsFile } from '../../src/report/events-file.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const started: RunEvent = {
  ...({ type: 'run-started', runId: 'r', version: '0', configDigest: 'd' } as const),
  ...{ inputDir: '/in', outputDir: '/out' },
};
const notice: RunEvent = { type: 'notice', message: { code: 'c', params: {} } };

it('begins anew with the run and not before, and takes nothing after its end', async () => {
  const file = path.join(folder(), 'out', 'events.jsonl');
  const failures: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    const sink = createEventsFile(file, (error) => failures.push(error));
    if (run === 0) expect(existsSync(file)).toBe(false);
    for (const event of [started, notice]) sink.emit(event);
    sink.close();
    sink.emit(notice);
    sink.close();
  }
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as RunEvent)).toMatchObject([started, notice]);
  expect(failures).toEqual([]);
});

it.skipIf(!existsSync('/dev/full'))(
  'waits for room on a full disk, and says once, at its end, that none came',
  () => {
    const failures: unknown[] = [];
    const sink = createEventsFile('/dev/full', (error) => failures.push(error));
    for (const event of [started, notice, notice]) sink.emit(event);
    expect(failures).toEqual([]);
    sink.close();
    sink.close();
    expect(failures).toMatchObject([{ code: 'ENOSPC' }]);
  },
);

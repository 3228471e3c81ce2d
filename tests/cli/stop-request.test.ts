// A run that another process asks to stop: a file beside its journal, so that no process number is ever signalled.
import { once } from 'node:events';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { STOP_AND_KEEP } from '../../src/cleanup/signals.js';
import { requestStop, stopRequestPathOf } from '../../src/cleanup/journal/stop-request.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { runMain } from './fake-host.js';

const folder = temporaryFolder();
const runId = '20260101T000000Z-00c0ffee';

/** A run that begins, meets `request`, and waits to be stopped for as long as `waiting` says. */
async function stoppedBy(request: (file: string) => Promise<void>, waiting: AbortSignal) {
  const runtimeTempDir = path.join(folder(), 'runtime');
  const outputDir = path.join(folder(), 'out');
  const file = stopRequestPathOf({ runtimeTempDir, runId });
  await mkdir(path.dirname(file), { recursive: true });
  let reason: unknown = 'nobody';
  const argv = ['run', 'in', '-o', outputDir, '--runtime-temp-dir', runtimeTempDir];
  const { code, err } = await runMain(argv, {
    services: {
      runMosaic: async (_config, sink, stop) => {
        sink.emit({ type: 'run-started', runId, version: '', configDigest: '', inputDir: '', outputDir });
        await request(file);
        await Promise.race([once(stop, 'abort'), once(waiting, 'abort')]);
        if (stop.aborted) reason = stop.reason;
        throw new Error('over');
      },
    },
  });
  return { code, reason, err, left: await readdir(path.dirname(file)) };
}

it.each([
  ['stop', 'SIGINT'],
  ['keep', STOP_AND_KEEP],
] as const)('%s ends it like Ctrl-C, and the request is taken away', async (how, reason) => {
  const found = await stoppedBy((file) => requestStop(file, how), AbortSignal.timeout(20_000));
  expect(found).toMatchObject({ code: 130, reason, left: [] });
  expect(found.err).toContain('Stopped by SIGINT.');
});

it.skipIf(process.platform === 'win32')('a file that others could have written is not heard', async () => {
  const forged = async (file: string): Promise<void> => {
    await writeFile(file, 'stop');
    await chmod(file, 0o666);
  };
  const found = await stoppedBy(forged, AbortSignal.timeout(1000));
  expect([found.reason, found.left]).toEqual(['nobody', []]);
});

it('words that are no request are not heard', async () => {
  const found = await stoppedBy(
    (file) => writeFile(file, 'stopp', { mode: 0o600 }),
    AbortSignal.timeout(1000),
  );
  expect(found.reason).toBe('nobody');
});

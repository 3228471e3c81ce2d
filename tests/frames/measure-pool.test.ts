// Threads that look at frames.
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeSession } from '../../src/demo/make-session.js';
import { openFits, outlineOf } from '../../src/fits/open-fits.js';
import { scanFile } from '../../src/frames/frame-record.js';
import { listFiles } from '../../src/frames/list-files.js';
import { MeasurePool } from '../../src/frames/measure-pool.js';
import { whilePoolIsBusy } from '../helpers/blocked-pool.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

it.skipIf(process.platform === 'win32')(
  'they read its samples themselves: the four threads of the pool are too few for all of them',
  async () => {
    const dir = path.join(folder(), 'session');
    await makeSession(dir, { panels: [1, 1], subs: 1, size: [400, 300], seed: 3, extras: false });
    const scanned = await scanFile((await listFiles(dir)).files[0]);
    if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
    const { record } = scanned;
    const fits = await openFits(record.path);
    const request = {
      ...{ path: record.path, outline: outlineOf(fits), record, seeksStars: true, seeksTrails: true },
    };
    await fits.close();
    const deaths: string[] = [];
    const pool = new MeasurePool(1, new AbortController().signal, (detail) => deaths.push(detail));
    // its modules come through the thread pool where they are run from their sources
    const first = await pool.look(request);
    // one that waits for the pool would wait for ever
    const second = await whilePoolIsBusy(folder(), () =>
      Promise.race([pool.look(request), setTimeout(30_000, undefined, { ref: false })]),
    );
    await pool.close();
    expect(second?.seen).toEqual(first?.seen);
    expect(second?.seen).toHaveProperty('stars');
    expect(deaths).toEqual([]);
  },
);

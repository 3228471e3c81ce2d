// A disk that is nearly full: told before the work begins, never found out frame by frame or at the end.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DISK_RESERVE_BYTES, DiskSpaceError } from '../../src/cleanup/disk-space.js';
import type { RunEvent } from '../../src/report/events.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, run } from './support.js';

const disk = vi.hoisted(() => ({ freeBytes: Infinity }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  statfs: () => Promise.resolve({ bavail: disk.freeBytes, bsize: 1 }),
}));

const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const output = () => path.join(folder(), 'out');

beforeEach(() => makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160], extras: false }));
afterEach(() => (disk.freeBytes = Infinity));

async function failingRun(): Promise<{ error: unknown; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const runtime = path.join(folder(), 'tmp');
  const argv = { input_dir: input(), output_dir: output(), runtime_temp_dir: runtime, resume: 'off' };
  const error: unknown = await run(argv, { onEvent: (event) => events.push(event) }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, events };
}

describe('a disk that is nearly full', () => {
  it('with room for the canvases but not for the products beside them is refused before a cell is computed', async () => {
    // 160 x 128 frames: some 0.6 MB of canvases and a little more of products.
    disk.freeBytes = DISK_RESERVE_BYTES + 1e6;
    const { error, events } = await failingRun();
    expect(error).toBeInstanceOf(DiskSpaceError);
    expect(events.some((event) => event.type === 'phase-started' && event.phase === 'assembly')).toBe(false);
    expect(await filesBelow(output())).toEqual(['run-report.json']);
  });

  it('without room for expanded inputs is refused before any of them, and no frame is blamed', async () => {
    for (const name of (await readdir(input())).filter((n) => n.endsWith('.fit'))) {
      await writeFile(path.join(input(), `${name}.gz`), gzipSync(await readFile(path.join(input(), name))));
      await rm(path.join(input(), name));
    }
    disk.freeBytes = DISK_RESERVE_BYTES + 1e5;
    const { error, events } = await failingRun();
    expect(error).toBeInstanceOf(DiskSpaceError);
    expect(events.filter((event) => event.type === 'frame-rejected')).toEqual([]);
  });
});

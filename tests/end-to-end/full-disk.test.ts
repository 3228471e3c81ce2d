// A disk that is nearly full: told before the work begins, never found out frame by frame or at the end.
import { type open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DISK_RESERVE_BYTES, DiskSpaceError } from '../../src/cleanup/disk-space.js';
import type { RunEvent } from '../../src/report/events.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, run } from './support.js';

const disk = vi.hoisted(() => ({ freeBytes: Infinity, isFullFor: undefined as string | undefined }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<{ open: typeof open }>();
  return {
    ...real,
    statfs: () => Promise.resolve({ bavail: disk.freeBytes, bsize: 1 }),
    // a file whose name holds `isFullFor` is made, and gets nothing
    open: async (...args: Parameters<typeof open>) => {
      const handle = await real.open(...args);
      if (disk.isFullFor === undefined || !String(args[0]).includes(disk.isFullFor)) return handle;
      const full = Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
      const refuse = () => Promise.reject(full);
      return Object.assign(handle, { write: refuse, writeFile: refuse });
    },
  };
});

const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const output = () => path.join(folder(), 'out');

beforeEach(() => makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160], extras: false }));
afterEach(() => Object.assign(disk, { freeBytes: Infinity, isFullFor: undefined }));

async function compressInputs(): Promise<void> {
  for (const name of (await readdir(input())).filter((n) => n.endsWith('.fit'))) {
    await writeFile(path.join(input(), `${name}.gz`), gzipSync(await readFile(path.join(input(), name))));
    await rm(path.join(input(), name));
  }
}

async function failingRun(
  settings: Parameters<typeof run>[0] = {},
): Promise<{ error: unknown; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const runtime = path.join(folder(), 'tmp');
  const argv = {
    input_dir: input(),
    output_dir: output(),
    runtime_temp_dir: runtime,
    resume: 'off',
    ...settings,
  };
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
    await compressInputs();
    disk.freeBytes = DISK_RESERVE_BYTES + 1e5;
    const { error, events } = await failingRun();
    expect(error).toBeInstanceOf(DiskSpaceError);
    expect(events.filter((event) => event.type === 'frame-rejected')).toEqual([]);
  });
});

describe('a disk that fills while a file is written', () => {
  beforeEach(() => (disk.freeBytes = 2 * DISK_RESERVE_BYTES));

  // some KB to a MB of each, and the reserve
  const told = { neededMib: 65, freeMib: 128 };
  /** What an incremental run measures is kept to go on with. */
  const remembered = ['', 'cells.bin', 'frames.bin', 'places.bin'].map(
    (name) => `zemosaic_incremental/${name}`,
  );
  const products = ['zemosaic_preview.png', 'zemosaic_science.fits'];

  it.each([
    { of: 'zemosaic_science.fits', settings: {}, left: [] },
    { of: 'zemosaic_preview.png', settings: {}, left: ['zemosaic_science.fits'] },
    { of: 'zemosaic_residuals.svg', settings: { save_residual_picture: true }, left: [] },
    {
      of: 'zemosaic_master_tiles/master_tile_',
      settings: { assembly_mode: 'classic', save_master_tiles: true },
      left: [...products, 'zemosaic_master_tiles/'],
    },
    {
      of: 'zemosaic_incremental/state.bin',
      settings: { incremental: true },
      left: remembered,
    },
    {
      of: 'zemosaic_incremental/sum_',
      settings: { incremental: true, global_wcs_autocrop_enabled: true },
      // and the sum
      neededMib: 66,
      left: remembered,
    },
  ])(
    '$of: the file, what is needed and what is free are told, and nothing half written is left',
    async ({ of, settings, left, neededMib = told.neededMib }) => {
      disk.isFullFor = path.basename(of);
      const { error } = await failingRun(settings);
      expect(error).toBeInstanceOf(DiskSpaceError);
      const at = expect.stringContaining(path.join(output(), of)) as string;
      expect(error).toMatchObject({ code: 'cleanup_disk_full', params: { path: at, ...told, neededMib } });
      expect(await filesBelow(output())).toEqual([...left, 'run-report.json'].sort());
    },
  );

  it('the copy of a compressed input: the same, and no frame is blamed', async () => {
    await compressInputs();
    disk.isFullFor = 'zemosaic_input_';
    const { error, events } = await failingRun();
    const at = expect.stringContaining('zemosaic_input_') as string;
    expect(error).toMatchObject({ code: 'cleanup_disk_full', params: { path: at, ...told } });
    expect(events.filter((event) => event.type === 'frame-rejected')).toEqual([]);
    expect(await filesBelow(output())).toEqual(['run-report.json']);
  });
});

// Files opened and read in place: what becomes of one that is closed meanwhile, of pipes, and of slow disks.
import { execFileSync } from 'node:child_process';
import fs, { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openFileSource } from '../../src/fits/byte-source.js';
import { DiskPatience } from '../../src/fits/disk-patience.js';
import { endsInPlace, whilePoolIsBusy } from '../helpers/blocked-pool.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

function fileOf(name: string, length: number): string {
  const at = path.join(folder(), name);
  writeFileSync(at, new Uint8Array(length).fill(name.charCodeAt(0)));
  return at;
}

describe('an opened file', () => {
  it('is not closed while something of it is read', async () => {
    const source = await openFileSource(fileOf('a', 1 << 22));
    // more of them than the pool has threads
    const reads = Array.from({ length: 32 }, () => source.getBytes(0, source.size));
    await source.close();
    for (const read of reads) expect((await read).every((byte) => byte === 97)).toBe(true);
  });

  it('is not closed while a read of it waits for its turn', async () => {
    const source = await openFileSource(fileOf('a', 100));
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 100));
    const read = source.getBytes(0, 10);
    const closed = source.close();
    expect((await read).every((byte) => byte === 97)).toBe(true);
    await closed;
  });

  it('may be one of which another program holds a lease', async () => {
    const at = fileOf('a', 100);
    const { openSync } = fs;
    vi.spyOn(fs, 'openSync').mockImplementation((file, flags, mode) => {
      if (file === at && Number(flags) & fs.constants.O_NONBLOCK)
        throw Object.assign(new Error('held'), { code: 'EAGAIN' });
      return openSync(file, flags, mode);
    });
    syncBuiltinESMExports();
    const source = await openFileSource(at);
    expect((await source.getBytes(0, 1))[0]).toBe(97);
    await source.close();
  });

  it('is read no more once it is closed, though its number may be that of another one', async () => {
    const source = await openFileSource(fileOf('a', 100));
    await source.close();
    await source.close();
    const next = await openFileSource(fileOf('b', 100));
    await expect(source.getBytes(0, 10)).rejects.toMatchObject({
      code: 'fits_cannot_open',
      params: { reason: 'EBADF' },
    });
    expect((await next.getBytes(0, 1))[0]).toBe(98);
    await next.close();
  });

  it.skipIf(process.platform === 'win32')(
    'is read without the thread pool where that is asked for',
    async () => {
      const at = fileOf('a', 1 << 20);
      const [inPlace, plain] = [await openFileSource(at, { readsInPlace: true }), await openFileSource(at)];
      const reads = await whilePoolIsBusy(folder(), async () => {
        const pooled = plain.getBytes(0, plain.size);
        const here = inPlace.getBytes(0, inPlace.size);
        expect(await endsInPlace(here)).toBe(true);
        expect(await endsInPlace(pooled)).toBe(false);
        return [here, pooled];
      });
      for (const read of reads) expect((await read).every((byte) => byte === 97)).toBe(true);
      await Promise.all([inPlace.close(), plain.close()]);
    },
  );

  it.skipIf(process.platform === 'win32')('is no pipe, which nobody may ever write to', async () => {
    const at = path.join(folder(), 'pipe.fits');
    execFileSync('mkfifo', [at]);
    await expect(openFileSource(at)).rejects.toMatchObject({ code: 'fits_cannot_open' });
  });
});

describe('the disk', () => {
  const clock = (stepMs: () => number) => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += stepMs()));
  };
  const asked = async (disk: DiskPatience) =>
    disk.ask(
      () => 'at once',
      () => Promise.resolve('by the thread pool'),
    );

  it('is asked by the thread pool for a while after it was slow four times in turn', async () => {
    const disk = new DiskPatience();
    let step = 5;
    clock(() => step);
    const said: string[] = [];
    for (let i = 0; i < 3; i++) said.push(await asked(disk));
    step = 1;
    said.push(await asked(disk));
    step = 5;
    for (let i = 0; i < 4; i++) said.push(await asked(disk));
    expect(new Set(said)).toEqual(new Set(['at once']));
    for (let i = 0; i < 64; i++) expect(await asked(disk)).toBe('by the thread pool');
    expect(await asked(disk)).toBe('at once');
  });

  it('lets signals and timers have their turn', async () => {
    const disk = new DiskPatience();
    clock(() => 1);
    let turns = 0;
    let over = false;
    const turn = () => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    for (let i = 0; i < 100; i++) await asked(disk);
    over = true;
    expect(turns).toBeGreaterThan(10);
  });
});

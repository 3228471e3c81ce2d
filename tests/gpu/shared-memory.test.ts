// Memory that two processes reach: it has no name, regions do not meet, and where there is no room that is said.
import { pbkdf2 } from 'node:crypto';
import fs, { closeSync, openSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { SharedMemory, SharedUploads, writeShared } from '../../src/gpu/process/shared-memory.js';
import { type Region, SharedRegions } from '../../src/gpu/process/shared-regions.js';

const hash = promisify(pbkdf2);
const isLinux = process.platform === 'linux';

describe('regions', () => {
  it('never meet, take the first gap that fits, and end where the memory does', () => {
    const regions = new SharedRegions(5 * 4096);
    const [a, b, c] = [4096, 5000, 100].map((bytes) => regions.take(bytes)!);
    expect([a, b, c].map(({ at }) => at)).toEqual([0, 4096, 3 * 4096]);
    regions.give(b);
    expect(regions.take(2 * 4096 + 1)).toBeUndefined();
    expect(regions.take(2 * 4096)).toMatchObject({ at: 4096 });
    expect(regions.take(4096)).toMatchObject({ at: 4 * 4096 });
    expect(regions.take(1)).toBeUndefined();
    regions.give(c);
    expect(regions.take(1)).toMatchObject({ at: 3 * 4096 });
  });
});

describe.skipIf(!isLinux)('shared memory', () => {
  it('has no name, and gives back what was put there', async () => {
    const memory = SharedMemory.open()!;
    expect(readlinkSync(`/proc/self/fd/${memory.fd}`)).toContain('(deleted)');
    const first = memory.put([Uint8Array.of(1, 2), Uint8Array.of(3)])!;
    const second = memory.put([Uint8Array.of(4, 5, 6)])!;
    const uploads = new SharedUploads(memory.fd);
    expect([...uploads.read(first)]).toEqual([1, 2, 3]);
    expect([...uploads.read(second)]).toEqual([4, 5, 6]);
    const room = memory.take(4)!;
    expect(await writeShared(memory.fd, room, [Uint8Array.of(7), Uint8Array.of(8, 9, 10)])).toBe(true);
    const into = new Uint8Array(4);
    await memory.read(room, into);
    expect([...into]).toEqual([7, 8, 9, 10]);
    await memory.close();
  });

  it('is closed when what is being read has arrived', async () => {
    const memory = SharedMemory.open()!;
    const region = memory.put([new Uint8Array(2 ** 22).fill(5)])!;
    const into = new Uint8Array(region.bytes);
    // the read stands in line behind these, and has not begun when it is to be closed
    const busy = Array.from({ length: 8 }, () => hash('secret', 'salt', 50_000, 64, 'sha512'));
    const read = memory.read(region, into);
    await memory.close();
    await Promise.all(busy);
    await read;
    expect(into.at(-1)).toBe(5);
  });

  it('is not tried again beyond where it was full, and serves before that', async () => {
    const memory = SharedMemory.open()!;
    const { writeSync } = fs;
    const page = new Uint8Array(4096);
    const onePage = (fd: number, part: Uint8Array, from: number, bytes: number, at: number) => {
      if (at >= page.length) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return writeSync(fd, part, from, bytes, at);
    };
    const limited = vi.spyOn(fs, 'writeSync').mockImplementation(onePage as typeof writeSync);
    const first = memory.put([page])!;
    expect(memory.put([page])).toBeUndefined();
    expect(limited).toHaveBeenCalledTimes(2);
    expect(memory.put([page])).toBeUndefined();
    memory.give(first);
    expect(memory.put([page])).toEqual(first);
    expect(limited).toHaveBeenCalledTimes(3);
    limited.mockRestore();
    await memory.close();
  });

  it('that is full is not tried again', async () => {
    const fd = openSync('/dev/full', 'r+');
    const memory = new SharedMemory(fd);
    expect(memory.put([Uint8Array.of(1)])).toBeUndefined();
    expect(memory.take(1)).toBeUndefined();
    const region: Region = { at: 0, bytes: 1 };
    expect(await writeShared(fd, region, [Uint8Array.of(1)])).toBe(false);
    closeSync(fd);
  });
});

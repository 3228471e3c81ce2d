// What a full disk is told as.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DiskSpaceError, orDiskFull } from '../../src/cleanup/disk-space.js';

const fullDisk = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

it('names the file and what is free, and that alone where it is no full disk', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'zemosaic-test-'));
  const file = path.join(dir, 'mosaic.fits');
  const [told, other] = [await orDiskFull(fullDisk(), file, 2 ** 20), new Error('something else')];
  expect(told).toBeInstanceOf(DiskSpaceError);
  expect(told).toMatchObject({ code: 'cleanup_disk_full', params: { path: file, neededMib: 65 } });
  expect((told as DiskSpaceError).params.freeMib).toBeGreaterThan(0);
  expect(await orDiskFull(other, file, 1)).toBe(other);
  await rm(dir, { recursive: true });
});

it('is a full disk also where nobody can say what is free', async () => {
  const file = path.join(os.tmpdir(), 'zemosaic-test-gone', 'mosaic.fits');
  const error = fullDisk();
  expect(await orDiskFull(error, file, 2 ** 20)).toMatchObject({
    code: 'cleanup_disk_full',
    params: { path: file, neededMib: 65, freeMib: 0 },
    cause: error,
  });
});

// Arrays on the disk: windows, types, shared memory, sidecars, and a disk that is full.
import fs from 'node:fs';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DiskSpaceError } from '../../src/cleanup/disk-space.js';
import { Memmap } from '../../src/cleanup/memmap.js';
import type { MemmapDtype } from '../../src/cleanup/memmap-spec.js';
import { openWorkspace, type Workspace } from '../../src/cleanup/workspace.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { listing, optionsFor, withoutIds } from './world.js';

const root = temporaryFolder();
let run: Workspace;
const open = async (): Promise<Workspace> => (run = await openWorkspace(optionsFor(root(), 'unset')));
afterEach(async () => {
  vi.restoreAllMocks();
  await run.finish('success');
});

describe('windows', () => {
  it('written and read back in any order give the array that plain memory gives', async () => {
    await open();
    const [planes, ny, nx] = [2, 7, 9];
    const memmap = await run.createMemmap({ what: 'mosaic', ny, nx, planes });
    const model = new Float32Array(planes * ny * nx);
    const window = fc
      .record({
        plane: fc.nat(planes - 1),
        y0: fc.nat(ny - 1),
        x0: fc.nat(nx - 1),
        value: fc.integer({ min: -99, max: 99 }),
      })
      .chain((at) =>
        fc.record({
          ...Object.fromEntries(Object.entries(at).map(([key, value]) => [key, fc.constant(value)])),
          height: fc.integer({ min: 0, max: ny - at.y0 }),
          width: fc.integer({ min: 0, max: nx - at.x0 }),
        }),
      ) as fc.Arbitrary<{
      plane: number;
      y0: number;
      x0: number;
      value: number;
      height: number;
      width: number;
    }>;
    await fc.assert(
      fc.asyncProperty(window, async (w) => {
        const data = Float32Array.from({ length: w.height * w.width }, (_unused, i) => w.value + i / 8);
        await memmap.writeRegion(w, data);
        for (let y = 0; y < w.height; y++) {
          const row = data.subarray(y * w.width, (y + 1) * w.width);
          model.set(row, (w.plane * ny + w.y0 + y) * nx + w.x0);
        }
        for (let plane = 0; plane < planes; plane++) {
          const seen = await memmap.readRegion({ plane, y0: 0, x0: 0, height: ny, width: nx });
          expect(seen).toEqual(model.slice(plane * ny * nx, (plane + 1) * ny * nx));
        }
        expect(await memmap.readRegion(w)).toEqual(data);
      }),
      { numRuns: 60 },
    );
  });

  it('go into and out of shared memory', async () => {
    await open();
    const memmap = await run.createMemmap({ what: 'coverage', ny: 3, nx: 4 });
    const shared = new Float32Array(new SharedArrayBuffer(64), 16, 8).fill(2.5);
    await memmap.writeRegion({ y0: 1, x0: 1, height: 2, width: 3 }, shared);
    const target = new Float32Array(new SharedArrayBuffer(48));
    expect(await memmap.readRegion({ y0: 0, x0: 0, height: 3, width: 4 }, target)).toBe(target);
    expect([...target]).toEqual([0, 0, 0, 0, 0, 2.5, 2.5, 2.5, 0, 2.5, 2.5, 2.5]);
  });

  it('survive short reads and writes of the system', async () => {
    await open();
    const memmap = await run.createMemmap({ what: 'mosaic', ny: 5, nx: 5 });
    const { readSync, writeSync } = fs;
    type Call = (fd: number, buffer: Uint8Array, start: number, length: number, at: number) => number;
    vi.spyOn(fs, 'writeSync').mockImplementation(((fd, buffer, start, length, at) =>
      writeSync(fd, buffer, start, Math.min(3, length), at)) satisfies Call as typeof fs.writeSync);
    vi.spyOn(fs, 'readSync').mockImplementation(((fd, buffer, start, length, at) =>
      readSync(fd, buffer, start, Math.min(5, length), at)) satisfies Call as typeof fs.readSync);
    const data = Float32Array.from({ length: 25 }, (_unused, i) => i);
    const all = { y0: 0, x0: 0, height: 5, width: 5 };
    await memmap.writeRegion(all, data);
    expect(await memmap.readRegion(all)).toEqual(data);
  });

  it.each([
    { y0: 0, x0: 0, height: 4, width: 1 },
    { y0: 0, x0: 3, height: 1, width: 2 },
    { y0: -1, x0: 0, height: 1, width: 1 },
    { y0: 0.5, x0: 0, height: 1, width: 1 },
    { plane: 1, y0: 0, x0: 0, height: 1, width: 1 },
  ])('outside the array are refused: %o', async (region) => {
    await open();
    const memmap = await run.createMemmap({ what: 'coverage', ny: 3, nx: 4 });
    await expect(memmap.readRegion(region, new Float32Array(16))).rejects.toMatchObject({
      code: 'cleanup_memmap_region',
    });
    await expect(memmap.writeRegion(region, new Float32Array(16))).rejects.toMatchObject({
      code: 'cleanup_memmap_region',
    });
  });

  it('of another type or too short a buffer are refused', async () => {
    await open();
    const memmap = await run.createMemmap({ what: 'coverage', ny: 2, nx: 2 });
    const all = { y0: 0, x0: 0, height: 2, width: 2 };
    for (const data of [new Float64Array(4), new Uint16Array(4), new Float32Array(3)]) {
      await expect(memmap.writeRegion(all, data)).rejects.toMatchObject({ code: 'cleanup_memmap_region' });
    }
  });
});

describe('the file', () => {
  it('is little-endian, of the size of its shape, and sparse', async () => {
    await open();
    const memmap = await run.createMemmap({ what: 'mosaic', ny: 1000, nx: 1000, planes: 3 });
    const stats = await stat(memmap.path);
    expect(stats.size).toBe(12_000_000);
    expect(stats.blocks * 512).toBeLessThan(1_000_000);
    expect(await memmap.promisedBytes()).toBeGreaterThan(11_000_000);
    await memmap.writeRegion({ plane: 2, y0: 999, x0: 999, height: 1, width: 1 }, Float32Array.of(1.5));
    const bytes = await readFile(memmap.path);
    expect(bytes.readFloatLE(11_999_996)).toBe(1.5);
  });

  it.each([
    ['uint8', 1, Uint8Array],
    ['uint16', 2, Uint16Array],
    ['float32', 4, Float32Array],
    ['float64', 8, Float64Array],
  ] as const)('%s', async (dtype: MemmapDtype, size, ArrayType) => {
    await open();
    const memmap = await run.createMemmap({ what: 'samples_cell_3', ny: 2, nx: 3, dtype });
    expect(memmap.bytes).toBe(6 * size);
    const data = ArrayType.from([1, 2, 3, 4, 5, 200]);
    await memmap.writeRegion({ y0: 0, x0: 0, height: 2, width: 3 }, data);
    const again = await Memmap.open(memmap.path);
    expect(await again.readRegion({ y0: 0, x0: 0, height: 2, width: 3 })).toEqual(data);
    await again.close();
  });

  it.each([
    [{ what: 'mosaic', ny: 3, nx: 2, planes: 3 }, 'mosaic_3x2x3_<run>.dat'],
    [{ what: 'coverage', ny: 3, nx: 2 }, 'coverage_3x2_<run>.dat'],
    [{ what: 'variance', ny: 3, nx: 2, planes: 3 }, 'zemosaic_variance_3x2x3_<run>.dat'],
  ])('%o is named %s', async (spec, name) => {
    await open();
    expect(withoutIds(path.basename((await run.createMemmap(spec)).path))).toBe(name);
  });

  it('is described by its sidecar, from which it opens again', async () => {
    await open();
    const wcs = { CTYPE1: 'RA---TAN', CRVAL1: 271.05 };
    const memmap = await run.createMemmap({
      what: 'mosaic',
      ny: 3,
      nx: 2,
      planes: 3,
      wcs,
      unit: 'ADU',
      description: 'd',
    });
    const sidecar = JSON.parse(await readFile(`${memmap.path}.json`, 'utf8')) as Record<string, unknown>;
    expect(sidecar).toMatchObject({
      data: path.basename(memmap.path),
      shape: [3, 3, 2],
      axes: ['plane', 'y', 'x'],
      dtype: 'float32',
      byteOrder: 'little',
      wcs,
      unit: 'ADU',
      description: 'd',
      meaning: 'cleanup_meaning_memmap',
      runId: run.runId,
    });
    const again = await Memmap.open(memmap.path);
    expect([again.planes, again.ny, again.nx]).toEqual([3, 3, 2]);
    await again.close();
  });

  it.each([
    ['json', () => '{'],
    ['json', () => 'null'],
    ['format', (side: object) => JSON.stringify({ ...side, format: 'x' })],
    ['data', (side: object) => JSON.stringify({ ...side, data: '../x.dat' })],
    ['data', (side: object) => JSON.stringify({ ...side, data: 'another.dat' })],
    ['dtype', (side: object) => JSON.stringify({ ...side, dtype: 'toString' })],
    ['byteOrder', (side: object) => JSON.stringify({ ...side, byteOrder: 'big' })],
    ['shape', (side: object) => JSON.stringify({ ...side, shape: [1, -2] })],
    ['shape', (side: object) => JSON.stringify({ ...side, shape: [1] })],
  ])('with a sidecar whose %s is wrong is refused', async (field, lie) => {
    await open();
    const memmap = await run.createMemmap({ what: 'mosaic', ny: 1, nx: 1 });
    await writeFile(`${memmap.path}.json`, lie(memmap.sidecar));
    await expect(Memmap.open(memmap.path)).rejects.toMatchObject({
      code: 'cleanup_memmap_sidecar_invalid',
      params: { field },
    });
  });

  it('that is shorter than its shape is refused, at once or when it is cut later', async () => {
    await open();
    const memmap = await run.createMemmap({ what: 'mosaic', ny: 4, nx: 4 });
    await truncate(memmap.path, 20);
    const params = { expectedBytes: 64, actualBytes: 20 };
    await expect(Memmap.open(memmap.path)).rejects.toMatchObject({ code: 'cleanup_memmap_size', params });
    const read = memmap.readRegion({ y0: 0, x0: 0, height: 4, width: 4 });
    await expect(read).rejects.toMatchObject({ code: 'cleanup_memmap_size', params });
  });
});

it('one that is left whole is closed, keeps its file to the end, and goes with its plan', async () => {
  await open();
  const close = vi.spyOn(Memmap.prototype, 'close');
  const spec = { what: 'mosaic', ny: 4, nx: 4 };
  const memmap = await run.createMemmap(spec);
  await memmap.writeRegion({ y0: 0, x0: 0, height: 4, width: 4 }, new Float32Array(16).fill(1));
  await run.leaveMemmap(memmap);
  expect(close).toHaveBeenCalledTimes(1);
  expect((await stat(memmap.path)).size).toBe(64);
  // what this asks of open arrays is not asked of it
  await run.requireSpace(root(), 1);
  await run.leavePlan();
  await expect(stat(memmap.path)).rejects.toMatchObject({ code: 'ENOENT' });
  await run.createMemmap(spec);
});

describe('a disk without room', () => {
  it('is noticed before anything is made', async () => {
    await open();
    const before = await listing(root());
    const huge = run.createMemmap({ what: 'mosaic', ny: 2 ** 22, nx: 2 ** 22, planes: 3 });
    await expect(huge).rejects.toBeInstanceOf(DiskSpaceError);
    await expect(huge).rejects.toMatchObject({ params: { directory: path.join(root(), 'out') } });
    expect(await listing(root())).toEqual(before);
  });

  it('counts what earlier arrays will still take', async () => {
    await open();
    const free = await fs.promises.statfs(root()).then((disk) => disk.bavail * disk.bsize);
    // Two of these are too many, though the first takes nothing yet.
    const ny = Math.floor((free * 0.6) / (1024 * 4));
    await run.createMemmap({ what: 'first', ny, nx: 1024 });
    await expect(run.createMemmap({ what: 'second', ny, nx: 1024 })).rejects.toBeInstanceOf(DiskSpaceError);
  });

  it.each(['ENOSPC', 'EDQUOT'])('%s while writing is the same typed error', async (code) => {
    await open();
    const memmap = await run.createMemmap({ what: 'mosaic', ny: 4096, nx: 1024 });
    vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error(code), { code });
    });
    const write = memmap.writeRegion({ y0: 0, x0: 0, height: 4, width: 4 }, new Float32Array(16));
    await expect(write).rejects.toBeInstanceOf(DiskSpaceError);
    // all of the array that is not on the disk yet, not this window
    await expect(write).rejects.toMatchObject({ params: { neededMib: 16 } });
  });
});

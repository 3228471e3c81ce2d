// The stacks of the groups kept as tiles: the mosaic's own pixels, read again by use_existing_master_tiles, under the rules of the teardown.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanDirectory } from '../../src/cleanup/stale-runs.js';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { openFits } from '../../src/fits/open-fits.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { writeTile } from '../helpers/write-tile.js';
import { compareOnSky } from './compare-on-sky.js';
import { digestOf, filesBelow, makeSmallSession, readPlane, run } from './support.js';

const shared = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(shared(), ...parts);
const science = (dir: string) => at(dir, 'zemosaic_science.fits');
const TILES = ['master_tile_001.fits', 'master_tile_002.fits'];

const make = (input: string, output: string, extra: Partial<Record<ConfigKey, string | boolean>>) =>
  run(
    { input_dir: at(input), output_dir: at(output), runtime_temp_dir: at('tmp'), ...extra },
    { backend: () => createWasmBackend() },
  );

beforeAll(async () => {
  await makeSmallSession(at('session'), { panels: [2, 1], subs: 4, size: [160, 160], extras: false });
  // an earlier run of other groups
  await writeTile(at('made', 'zemosaic_master_tiles', 'sds_tile_001.fits'));
  // cells that do not end where tiles do
  await make('session', 'made', { assembly_mode: 'classic', save_master_tiles: true, cell_size_px: '128' });
}, 240_000);

describe('tiles that are asked for', () => {
  it('are outputs, and nothing else stays', async () => {
    expect(await readdir(at('made', 'zemosaic_master_tiles'))).toEqual(TILES);
    expect(await filesBelow(at('made'))).toEqual([
      'run-report.json',
      'zemosaic_master_tiles/',
      ...TILES.map((name) => `zemosaic_master_tiles/${name}`),
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
    expect((await cleanDirectory(at('made'), { runtimeTempDir: at('tmp'), dryRun: false })).removed).toEqual(
      [],
    );
  });

  it('hold the very pixels of the mosaic where no other tile lies', async () => {
    const whole = await readPlane(science('made'), 1);
    const wholeSigma = await readPlane(science('made'), 1, 'UNCERTAINTY');
    const crpixOf = async (file: string) => {
      const fits = await openFits(file);
      const { header } = fits.hdus[0];
      await fits.close();
      return ['CRPIX1', 'CRPIX2', 'NFRAMES'].map((key) => header.get(key) as number);
    };
    const [wx, wy] = await crpixOf(science('made'));
    let alone = 0;
    const counts = new Uint8Array(whole.data.length);
    const tiles = [];
    for (const name of TILES) {
      const file = at('made', 'zemosaic_master_tiles', name);
      const [x, y, frames] = await crpixOf(file);
      expect(frames).toBe(4);
      const tile = await readPlane(file, 1);
      const sigma = await readPlane(file, 1, 'UNCERTAINTY');
      const place = (k: number) =>
        (Math.floor(k / tile.nx) + Math.round(wy - y)) * whole.nx + (k % tile.nx) + Math.round(wx - x);
      tile.data.forEach((v, k) => {
        if (!Number.isNaN(v)) counts[place(k)]++;
      });
      tiles.push({ tile, sigma, place });
    }
    for (const { tile, sigma, place } of tiles) {
      tile.data.forEach((v, k) => {
        if (Number.isNaN(v) || counts[place(k)] !== 1) return;
        alone++;
        if (v !== whole.data[place(k)] || sigma.data[k] !== wholeSigma.data[place(k)])
          throw new Error(`pixel ${k} differs`);
      });
    }
    expect(alone).toBeGreaterThan(20_000);
    // and together they hold all of it
    expect(counts.every((n, k) => n > 0 === !Number.isNaN(whole.data[k]))).toBe(true);
  }, 240_000);

  it('are read again, and give the mosaic that they came from', async () => {
    const before = await digestOf(at('made', 'zemosaic_master_tiles'));
    const { report } = await make('made/zemosaic_master_tiles', 'again', { use_existing_master_tiles: true });
    expect(report.inputs).toMatchObject({ used: 2, total: 2, rejected: [] });
    expect(await digestOf(at('made', 'zemosaic_master_tiles'))).toBe(before);
    const { squares, typical } = await compareOnSky(science('again'), science('made'));
    expect(squares).toBeGreaterThan(200);
    expect(typical).toBeLessThan(0.5);
  }, 240_000);
});

describe('tiles of a run that keeps what is temporary', () => {
  it.each([
    ['classic', { assembly_mode: 'classic' }, 'zemosaic_temp_master_tiles', /^master_tile_00[12]\.fits$/],
    ['SDS', { assembly_mode: 'sds', sds_target_batch_size: '5' }, 'sds_tiles', /^sds_tile_001\.fits$/],
  ] as const)(
    '%s: stand in the folder of the run’s own tiles until `clean`',
    async (name, argv, folder, pattern) => {
      const { report } = await make('session', name, { ...argv, cleanup_temp_artifacts: false });
      const dir = (await readdir(at(name))).find((entry) => entry.startsWith(folder))!;
      const files = await readdir(at(name, dir));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) expect(file).toMatch(pattern);
      const kept = report.teardown.kept.filter(({ path: file }) => file.endsWith('.fits'));
      expect(
        kept
          .map(({ path: file }) => path.basename(file))
          .filter((file) => /_tile_/.test(file))
          .sort(),
      ).toEqual(files.sort());
      // the arrays that they grew in are gone
      expect((await readdir(at(name))).filter((file) => /_tile_.*\.dat/.test(file))).toEqual([]);
      await cleanDirectory(at(name), { runtimeTempDir: at('tmp'), dryRun: false });
      expect((await readdir(at(name))).filter((entry) => entry.startsWith(folder))).toEqual([]);
    },
    240_000,
  );

  it('without them, or without groups, there are none', async () => {
    await make('session', 'plain', { assembly_mode: 'classic' });
    expect(await readdir(at('plain'))).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
  }, 240_000);
});

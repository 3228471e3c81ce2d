// Tiles beside what earlier runs left, what their files weigh, and modes that have none.
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { runDirectories } from '../../src/config/directories.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { memoryCanvas } from '../../src/pipeline/canvas/canvas.js';
import { planGroups } from '../../src/pipeline/grouping/plan-groups.js';
import type { MosaicPlan } from '../../src/pipeline/planning/mosaic-plan.js';
import { MasterTiles } from '../../src/pipeline/tiles/master-tiles.js';
import { removeOldTiles } from '../../src/pipeline/tiles/old-tiles.js';
import type { RunEvent } from '../../src/report/events.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeTile } from '../helpers/write-tile.js';

const folder = temporaryFolder();
const wcs = makeTanWcs({ crval: [10, 20], crpix: [100, 100], cd: [-0.001, 0, 0, 0.001] });
/** Two frames, of 2 x 1 and 1 x 3 blocks. */
const plan = {
  grid: { nx: 200, ny: 200, wcs },
  planes: 3,
  spans: [
    { firstRow: 0, spans: Int32Array.of(0, 1) },
    { firstRow: 0, spans: Int32Array.of(2, 2, 2, 2, 2, 2) },
  ],
} as unknown as MosaicPlan;

describe('tiles of earlier runs', () => {
  it('go where they are ours and not of this run', async () => {
    const at = (name: string) => path.join(folder(), name);
    const own = ['master_tile_001.fits', 'master_tile_003.fits', 'sds_tile_1000.fits', 'my_tile_001.fits'];
    for (const name of own) await writeTile(at(name));
    await writeTile(at('master_tile_004.fits'), [{ key: 'CREATOR', value: 'ZeMosaic 4.0' }]);
    await writeFile(at('master_tile_005.fits'), 'no FITS');
    expect(await removeOldTiles(folder(), new Set(['master_tile_001.fits']))).toBe(2);
    expect(await readdir(folder())).toEqual([
      'master_tile_001.fits',
      'master_tile_004.fits',
      'master_tile_005.fits',
      'my_tile_001.fits',
    ]);
  });
});

describe('files of tiles', () => {
  it('need the room of all, or of one where arrays make room', async () => {
    const groups = { mode: 'classic' as const, groups: [[0], [1]] };
    const tiles = await MasterTiles.make(groups, plan, (_name, { nx, ny }) => {
      const canvas = memoryCanvas(nx, ny, 1);
      return Promise.resolve({
        mosaic: canvas,
        weight: canvas,
        coverage: canvas,
        discard: () => Promise.resolve(),
      });
    });
    const [first, second] = tiles.canvases.map(({ mosaic: { nx, ny } }) => nx * ny * (8 * 3 + 4));
    expect(second).not.toBe(first);
    expect(tiles.fileBytes(false)).toBe(first + second);
    expect(tiles.fileBytes(true)).toBe(Math.max(first, second));
  });
});

describe('tiles of a mode without groups', () => {
  it.each([true, false])('are told of where they are asked for: %s', (isAsked) => {
    const argv = { input_dir: folder(), output_dir: folder(), save_master_tiles: isAsked };
    const { config } = resolveConfig({ argv });
    const events: RunEvent[] = [];
    const context = {
      config,
      directories: runDirectories(config),
      sink: { emit: (e: RunEvent) => events.push(e) },
    };
    expect(planGroups(context, { mode: 'mosaic_first' }, [], plan)).toBeUndefined();
    const params = { name: 'save_master_tiles', other: 'assembly_mode', value: 'mosaic_first' };
    const message = { code: 'config_notice_without_effect', params };
    expect(events).toEqual(isAsked ? [{ type: 'notice', message }] : []);
  });
});

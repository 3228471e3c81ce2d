// Other runs in the same folders: the living, the dead, the finished; and `clean`.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerPathOf } from '../../src/cleanup/journal/journal.js';
import { cleanDirectory } from '../../src/cleanup/stale-runs.js';
import { openWorkspace } from '../../src/cleanup/workspace.js';
import { BUILDER, isOwnTree } from '../../src/output/hips/own-tree.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { journal } from './forged-run.js';
import {
  LEFT_IN_MEMMAPS,
  LEFT_IN_RUNTIME,
  LEFT_PLANS,
  listing,
  optionsFor,
  PERSONAL,
  plant,
  put,
  scriptedRun,
} from './world.js';

const root = temporaryFolder();
const at = (name: string): string => path.join(root(), name);
const clean = (dir: string, dryRun = false): ReturnType<typeof cleanDirectory> =>
  cleanDirectory(at(dir), { dryRun, runtimeTempDir: at('runtime'), isOwnTree });

/** Makes a tree one of this program's. */
const sign = (tree: string) => writeFile(at(`${tree}/properties`), `hips_builder = ${BUILDER} 0.0.0\n`);

describe('the next run', () => {
  const nextRun = async (): Promise<string[]> => {
    const run = await openWorkspace(optionsFor(root(), 'set', { outputDir: at('next') }));
    await run.finish('success');
    return listing(root());
  };

  it("never touches a live run's folders, even in the shared places", async () => {
    const live = await openWorkspace(optionsFor(root(), 'set'));
    await scriptedRun(live);
    const before = await listing(root());
    expect((await nextRun()).filter((name) => name !== 'next/')).toEqual(before);
    await live.finish('success');
  });

  it('never touches what a finished run kept, also after the register is gone with the temporary directory', async () => {
    const first = await openWorkspace(
      optionsFor(root(), 'set', {
        policy: { cleanupTempArtifacts: false },
        folders: { runtimeTempDir: at('old') },
      }),
    );
    await scriptedRun(first);
    await first.finish('success');
    const before = await listing(root());
    expect((await nextRun()).filter((name) => name !== 'next/')).toEqual(before);
  });

  it("does not remove the folder of another's tiles, though it is empty and shared", async () => {
    const tiles = { folders: { masterTileDir: at('tiles') } };
    const live = await openWorkspace(optionsFor(root(), 'unset', tiles));
    await live.masterTileDir();
    const second = await openWorkspace(optionsFor(root(), 'unset', { ...tiles, outputDir: at('next') }));
    await second.masterTileDir();
    const report = await second.finish('success');
    expect(report.kept).toMatchObject([{ path: at('tiles'), reason: 'cleanup_reason_live_run' }]);
    expect(await listing(root())).toContain('tiles/');
    await live.finish('success');
    expect(await listing(root())).not.toContain('tiles/');
  });

  it('keeps exactly what a resume needs', async () => {
    const resumable = await openWorkspace(optionsFor(root(), 'set', { resume: true }));
    await resumable.mosaicFirstDir();
    const tiles = await resumable.masterTileDir();
    await resumable.reserveFile('master_tile', 'master_tile_1.fits', { dir: tiles, neededForResume: true });
    const report = await resumable.finish('interrupted');
    expect(report.kept).toMatchObject([{ reason: 'cleanup_reason_resumable' }]);
    const rest = (await listing(root())).filter((name) => !name.includes('journal'));
    expect(rest).toEqual(['out/zemosaic_temp_master_tiles/master_tile_1.fits']);
    expect((await nextRun()).filter((name) => !name.includes('journal'))).toEqual(['next/', ...rest]);
  });

  const stopped = async (policy: { readonly cleanupTempArtifacts?: boolean } = {}): Promise<void> => {
    const run = await openWorkspace(optionsFor(root(), 'set', { resume: true, policy }));
    await writeFile(path.join(await run.resume.stateDir(), 'key.json'), '{}');
    await run.resume.memmap({ what: 'mosaic', ny: 4, nx: 5 });
    await run.finish('interrupted');
  };

  it('removes what a stopped run kept elsewhere once somebody has deleted its output folder, and forgets it', async () => {
    await stopped();
    expect((await listing(root())).join()).toMatch(/memmaps\/mosaic_4x5_<run>\.dat/);
    await rm(at('out'), { recursive: true });
    expect(await nextRun()).toEqual(['memmaps/', 'next/', 'runtime/']);
  });

  it('leaves it where its run was told to keep all', async () => {
    await stopped({ cleanupTempArtifacts: false });
    await rm(at('out'), { recursive: true });
    expect((await nextRun()).join()).toMatch(/memmaps\/mosaic_4x5_<run>\.dat/);
    await rm(at('memmaps'), { recursive: true });
    expect(await nextRun()).toEqual(['next/', 'runtime/']);
  });

  it.each([
    ['a process that is gone', {}, true],
    ['a reused process number', { pid: process.pid, processStart: 'another boot 17' }, true],
    ['this very process', { pid: process.pid }, false],
    ['another machine, still beating', { machine: 'elsewhere' }, false],
  ])('%s', async (_name, forged, dead) => {
    await journal(root(), forged);
    await nextRun();
    expect((await listing(root())).includes('out/mosaic_first_forged/part.bin')).toBe(!dead);
  });

  it('does not believe a journal that others could have written', async () => {
    await journal(root(), { mode: 0o666, artifacts: [['work_dir', 'precious/zemosaic_work_1/']] });
    expect(await nextRun()).toContain('precious/zemosaic_work_1/part.bin');
  });

  // Elsewhere a temporary folder may be too long a path for a socket.
  it.runIf(process.platform === 'linux')('is not stopped by what cannot be a journal', async () => {
    await put(root(), ['runtime/runs/notes']);
    const socket = createServer().listen(registerPathOf(at('runtime'), '20200101T000000Z-deadbeef'));
    await once(socket, 'listening');
    expect(await nextRun()).toContain('runtime/runs/notes');
    await new Promise((resolve) => socket.close(resolve));
  });

  it('does not believe a journal line whose name is none of ours', async () => {
    await journal(root(), { artifacts: [['work_dir', 'precious/family_photos/']] });
    expect(await nextRun()).toContain('precious/family_photos/part.bin');
  });

  it('does not walk out of a folder that has become a link since the journal was written', async () => {
    await journal(root(), { artifacts: [['work_dir', 'precious/zemosaic_work_1/']] });
    await journal(root(), { runId: '20200101T000000Z-00000002', artifacts: [] });
    // The second journal names the same folder through a link.
    await symlink(at('precious'), at('linked'));
    await journal(root(), { artifacts: [] });
    await journal(root(), {
      runId: '20200101T000000Z-00000003',
      artifacts: [['work_dir', 'linked/zemosaic_work_1/']],
    });
    expect(await nextRun()).toContain('precious/zemosaic_work_1/part.bin');
  });

  it('removes nothing at its start when its switch is off', async () => {
    await journal(root());
    const run = await openWorkspace(optionsFor(root(), 'unset', { policy: { cleanupTempArtifacts: false } }));
    await run.finish('success');
    expect(await listing(root())).toContain('out/mosaic_first_forged/part.bin');
  });
});

describe('clean', () => {
  it('removes what dead and finished runs left, and nothing of a live one', async () => {
    const live = await openWorkspace(optionsFor(root(), 'set', { outputDir: at('live') }));
    await scriptedRun(live);
    const ofLive = await listing(root());
    const kept = await openWorkspace(optionsFor(root(), 'set', { policy: { cleanupTempArtifacts: false } }));
    await scriptedRun(kept);
    await kept.finish('success');
    const report = await clean('out');
    expect(report.failed).toEqual([]);
    expect(report.removed.length).toBeGreaterThan(10);
    const products = ['out/run.log', 'out/m_science.fits', 'out/m_preview.png', 'out/run-report.json'];
    expect(await listing(root())).toEqual([...ofLive, ...products].sort());
    await live.finish('success');
  });

  it('of a memmap folder removes names without a journal, and leaves everything else', async () => {
    await plant(root());
    await clean('memmaps');
    expect(await listing(root())).toEqual([...PERSONAL, ...LEFT_IN_RUNTIME, ...LEFT_PLANS].sort());
  });

  it('of the runtime directory removes mosaic_first_ folders and nothing else', async () => {
    await plant(root());
    await clean('runtime');
    expect(await listing(root())).toEqual([...PERSONAL, ...LEFT_IN_MEMMAPS, ...LEFT_PLANS].sort());
  });

  it('of an output folder removes only what a journal names', async () => {
    await plant(root());
    const before = await listing(root());
    const report = await clean('out');
    expect(await listing(root())).toEqual(before);
    expect(report.refused.map((entry) => path.basename(entry.path)).sort()).toEqual([
      'mosaic_first_in_output',
      'mosaic_in_output.dat',
    ]);
  });

  it('of a folder with frames under a name like ours leaves them', async () => {
    await put(root(), ['astro/mosaic_first_night/light_1.fit', 'astro/mosaic_first_0123abcd-99/spill.fits']);
    await clean('astro');
    expect(await listing(root())).toEqual(['astro/mosaic_first_night/light_1.fit']);
  });

  it('says what it would do and does nothing with dryRun', async () => {
    await plant(root());
    const before = await listing(root());
    const announced = await clean('memmaps', true);
    expect(await listing(root())).toEqual(before);
    expect((await clean('memmaps')).removed).toEqual(announced.removed);
  });

  it('removes the lock of a dead run and leaves the journal of one whose remains it could not remove', async () => {
    await journal(root());
    const report = await cleanDirectory(
      at('out'),
      { dryRun: false, runtimeTempDir: at('runtime') },
      {
        ...(await import('../../src/cleanup/teardown/teardown-fs.js')).nodeFs,
        rmdir: () => Promise.reject(Object.assign(new Error(), { code: 'EPERM' })),
      },
    );
    expect(report.failed).toMatchObject([{ path: at('out/mosaic_first_forged'), code: 'EPERM' }]);
    expect(await listing(root())).toContain('runtime/runs/<run>.journal');
    await clean('out');
    expect(await listing(root())).toEqual(['out/', 'runtime/']);
  });

  it('keeps what a resume needs, and says so', async () => {
    const kept = 'out/mosaic_first_forged/';
    await journal(root(), {
      ended: { kept: ['out/mosaic_first_forged'], resumable: true },
      artifacts: [['mosaic_first_dir', kept]],
    });
    expect((await clean('out')).kept).toMatchObject([{ reason: 'cleanup_reason_resumable' }]);
    expect(await listing(root())).toContain('out/mosaic_first_forged/part.bin');
  });

  it('removes the tree of tiles that a killed run had set aside once a new one stands, and none of a like name', async () => {
    await journal(root(), { artifacts: [['output_tree_in_progress', 'out/.night_hips.deadbeef.part/']] });
    const old = 'out/.night_hips.deadbeef.previous/properties';
    const others = [
      'out/.night_hips.0badcafe.previous/properties',
      'out/.other_hips.deadbeef.previous/properties',
      'out/night_hips.previous/properties',
      'elsewhere/.night_hips.deadbeef.previous/properties',
    ];
    await put(root(), [old, ...others, 'out/night_hips/properties']);
    await sign('out/night_hips');
    const report = await clean('out');
    expect(report.removed.map((removed) => removed.path)).toContain(at('out/.night_hips.deadbeef.previous'));
    for (const name of [...others, 'out/night_hips/properties']) expect(existsSync(at(name))).toBe(true);
    expect(existsSync(at(old))).toBe(false);
  });

  it('leaves a tree that was set aside where none of ours stands, or while its run lives', async () => {
    const trees = { artifacts: [['output_tree_in_progress', 'out/.night_hips.deadbeef.part/']] } as const;
    const aside = 'out/.night_hips.deadbeef.previous/properties';
    await put(root(), [aside]);
    await journal(root(), trees);
    await clean('out');
    expect(existsSync(at(aside))).toBe(true);
    // a folder of somebody else, be it with tiles, has not replaced it
    await put(root(), ['out/night_hips/properties']);
    await journal(root(), trees);
    await clean('out');
    expect(existsSync(at(aside))).toBe(true);
    await sign('out/night_hips');
    await journal(root(), { ...trees, pid: process.pid });
    await clean('out');
    expect(existsSync(at(aside))).toBe(true);
  });

  it('refuses a folder that is not there', async () => {
    await expect(clean('nowhere')).rejects.toMatchObject({ code: 'cleanup_no_such_folder' });
  });
});

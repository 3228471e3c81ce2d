// The door to everything temporary: journal before creation, the lock, names, outputs, refusals.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { ensureDir } from '../../src/cleanup/ensure-dir.js';
import { Memmap } from '../../src/cleanup/memmap.js';
import { lockPathOf, OutputFolderInUseError } from '../../src/cleanup/journal/output-lock.js';
import { thisProcess } from '../../src/cleanup/journal/process-identity.js';
import { openWorkspace } from '../../src/cleanup/workspace.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { NO_PROCESS } from './forged-run.js';
import { listing, optionsFor, plant, put, scriptedRun, withoutIds } from './world.js';

const root = temporaryFolder();
const at = (name: string): string => path.join(root(), name);

async function journalText(runId: string): Promise<string> {
  return readFile(at(`runtime/runs/${runId}.journal`), 'utf8');
}

describe('the lock of the output folder', () => {
  it('refuses a second run and names the first', async () => {
    const first = await openWorkspace(optionsFor(root(), 'unset'));
    const second = openWorkspace(optionsFor(root(), 'unset'));
    await expect(second).rejects.toBeInstanceOf(OutputFolderInUseError);
    await expect(second).rejects.toMatchObject({ params: { pid: process.pid, outputDir: at('out') } });
    await first.finish('success');
    await (await openWorkspace(optionsFor(root(), 'unset'))).finish('success');
  });

  it('lets one of many that start at once through', async () => {
    const starts = Array.from({ length: 8 }, () => openWorkspace(optionsFor(root(), 'unset')));
    const settled = await Promise.allSettled(starts);
    const through = settled.filter((result) => result.status === 'fulfilled');
    expect(through).toHaveLength(1);
    await through[0].value.finish('success');
    expect(await listing(root())).toEqual(['out/']);
  });

  it('is seen through another way to the same folder', async () => {
    const first = await openWorkspace(optionsFor(root(), 'unset'));
    await symlink(at('out'), at('alias'));
    for (const outputDir of [at('alias'), at('out/../out/.')]) {
      await expect(openWorkspace(optionsFor(root(), 'unset', { outputDir }))).rejects.toBeInstanceOf(
        OutputFolderInUseError,
      );
    }
    await first.finish('success');
  });

  it.each([
    ['a dead run', JSON.stringify({ ...thisProcess(), pid: NO_PROCESS, runId: 'x', startedAt: 'y' })],
    ['a writer that was killed half-way', '{"pid": 12'],
  ])('of %s is taken over', async (_name, text) => {
    await put(root(), ['out/.zemosaic-lock']);
    await writeFile(lockPathOf(at('out')), text);
    await (await openWorkspace(optionsFor(root(), 'unset'))).finish('success');
    expect(await listing(root())).toEqual(['out/']);
  });
});

describe('the journal', () => {
  it('tells of each artefact before it exists', async () => {
    const run = await openWorkspace(optionsFor(root(), 'set'));
    await scriptedRun(run);
    const told = await journalText(run.runId);
    const made = (await listing(root())).filter((name) =>
      /mosaic_first|\.dat|_tile_|zemosaic_work|global_mosaic/.test(name),
    );
    expect(made.length).toBeGreaterThan(10);
    for (const name of made.filter((file) => !file.endsWith('sum.bin'))) {
      expect(withoutIds(told)).toContain(`"${withoutIds(root())}/${name}"`);
    }
    await run.finish('success');
  });

  it('is written first: what it cannot be told of is not made', async () => {
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    await run.finish('success');
    await expect(run.workFolder('late')).rejects.toMatchObject({ code: 'cleanup_workspace_closed' });
    expect(await listing(root())).toEqual(['out/']);
  });

  it('stands in the output folder, the memmap directory and the register, and nothing of it is left', async () => {
    const run = await openWorkspace(optionsFor(root(), 'set'));
    expect(await listing(root())).toEqual([
      'memmaps/.zemosaic-run-<run>.journal',
      'out/.zemosaic-lock',
      'out/.zemosaic-run-<run>.journal',
      'runtime/runs/<run>.journal',
    ]);
    await run.finish('success');
    // Folders that the run made go when they are empty.
    expect(await listing(root())).toEqual(['out/']);
  });
});

describe('outputs', () => {
  it('stay once they stand under their name; one that was not finished goes', async () => {
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    const whole = await run.beginOutput(at('out/a.fits'));
    await writeFile(whole.temporaryPath, 'whole');
    await rename(whole.temporaryPath, whole.finalPath);
    await whole.committed();
    const half = await run.beginOutput(at('out/b.fits'));
    await writeFile(half.temporaryPath, 'half');
    await run.finish('error');
    expect(await listing(root())).toEqual(['out/a.fits']);
  });

  it('never replace an input, whatever the way to it', async () => {
    await put(root(), ['out/light.fits']);
    await symlink(at('out'), at('alias'));
    const run = await openWorkspace(optionsFor(root(), 'unset', { inputPaths: [at('alias/light.fits')] }));
    await expect(run.beginOutput(at('out/light.fits'))).rejects.toMatchObject({
      code: 'cleanup_output_is_input',
    });
    await run.finish('error');
    expect(await readFile(at('out/light.fits'), 'utf8')).toBe('out/light.fits');
  });

  it('protect the folder that holds them', async () => {
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    const dir = await run.workFolder('x');
    await writeFile(path.join(dir, 'final.fits'), 'x');
    await run.registerOutput(path.join(dir, 'final.fits'));
    const report = await run.finish('success');
    expect(report.refused).toMatchObject([{ path: dir, reason: 'cleanup_reason_is_output' }]);
    expect(await listing(root())).toEqual(['out/zemosaic_work_x_<run>/final.fits']);
  });
});

describe('folders that a person named', () => {
  it.each(['masterTileDir', 'sdsTileDir', 'imageCacheDir'] as const)(
    '%s may be the input folder: only what the run made goes',
    async (setting) => {
      await plant(root());
      await put(root(), ['in/master_tile_007.fits', 'in/sds_tile_1.fits']);
      const before = await listing(root());
      const run = await openWorkspace(optionsFor(root(), 'unset', { folders: { [setting]: at('in') } }));
      await scriptedRun(run);
      const report = await run.finish('success');
      expect(report.failed).toEqual([]);
      const after = await listing(root());
      expect(after.filter((name) => name.startsWith('in/'))).toEqual(
        before.filter((name) => name.startsWith('in/')),
      );
    },
  );

  it('keep what a person put there, and go themselves when nothing is', async () => {
    await put(root(), ['tiles/mine.fits', 'sds/keep']);
    const folders = { masterTileDir: at('tiles'), sdsTileDir: at('new_sds') };
    const run = await openWorkspace(optionsFor(root(), 'unset', { folders }));
    await scriptedRun(run);
    await writeFile(at('new_sds/dropped_here.txt'), 'mine');
    const report = await run.finish('success');
    expect(report.failed).toMatchObject([{ path: at('new_sds'), reason: 'cleanup_reason_foreign_content' }]);
    const rest = (await listing(root())).filter((name) => !name.startsWith('out/'));
    expect(rest).toEqual(['new_sds/dropped_here.txt', 'sds/keep', 'tiles/mine.fits']);
  });

  it('with a hard link of an input among the artefacts: the input stays', async () => {
    await plant(root());
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    await link(at('in/light_1.fits'), path.join(await run.mosaicFirstDir(), 'spilled.fits'));
    await run.finish('success');
    expect(await readFile(at('in/light_1.fits'), 'utf8')).toBe('in/light_1.fits');
  });

  it('of a plan that has come to nothing go before the run ends, an input that came among them stays', async () => {
    await plant(root());
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    const first = await run.mosaicFirstDir();
    await writeFile(path.join(first, 'sum.bin'), 'sum');
    await run.leavePlan();
    expect(existsSync(first)).toBe(false);
    const second = await run.mosaicFirstDir();
    const light = path.join(second, 'light.fits');
    await writeFile(light, 'mine');
    run.guardInputs([light]);
    await run.leavePlan();
    expect(await run.mosaicFirstDir()).not.toBe(second);
    const { refused } = await run.finish('success');
    expect(refused).toMatchObject([{ path: second, reason: 'cleanup_reason_is_input' }]);
    expect(await readFile(light, 'utf8')).toBe('mine');
  });

  it('of a purpose are in one folder, however often it is asked for', async () => {
    await plant(root());
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    expect(await run.workFolder('solver')).toBe(await run.workFolder('solver'));
    await run.finish('success');
  });

  it('that is reached through a link among the inputs: what the link leads to is an input', async () => {
    await put(root(), ['memmaps/mosaic_first_old/light.fits', 'in/x']);
    await symlink(at('memmaps/mosaic_first_old/light.fits'), at('in/light.fits'));
    const run = await openWorkspace(optionsFor(root(), 'set'));
    run.guardInputs([at('in/light.fits')]);
    const report = await run.finish('success');
    expect(report.refused).toMatchObject([{ reason: 'cleanup_reason_is_input' }]);
    expect(await listing(at('memmaps'))).toEqual(['mosaic_first_old/light.fits']);
  });
});

describe('names', () => {
  it('that are not of their kind are refused', async () => {
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    await expect(run.reserveFile('memmap', 'notes.dat')).rejects.toMatchObject({
      code: 'cleanup_name_not_of_kind',
    });
    await expect(run.reserveFile('master_tile', '../master_tile_1')).rejects.toMatchObject({
      code: 'cleanup_name_not_of_kind',
    });
    await run.finish('success');
  });

  it('that are taken are refused, and what stands there stays', async () => {
    await put(root(), ['out/zemosaic_input_a.fits']);
    const run = await openWorkspace(optionsFor(root(), 'unset'));
    await expect(run.reserveFile('decompressed_input', 'zemosaic_input_a.fits')).rejects.toMatchObject({
      code: 'cleanup_name_taken',
    });
    await run.finish('success');
    expect(await listing(root())).toEqual(['out/zemosaic_input_a.fits']);
  });

  it('of the global WCS plan step aside for a plan that is there', async () => {
    await put(root(), ['out/global_mosaic_wcs.json']);
    const run = await openWorkspace(
      optionsFor(root(), 'unset', { inputPaths: [at('out/global_mosaic_wcs.json')] }),
    );
    const { fits, json } = await run.reserveGlobalWcsPlan();
    expect([fits, json].map((file) => withoutIds(path.basename(file)))).toEqual([
      'global_mosaic_wcs_<run>.fits',
      'global_mosaic_wcs_<run>.json',
    ]);
    await run.finish('success');
    expect(await listing(root())).toEqual(['out/global_mosaic_wcs.json']);
  });

  it("of a plan elsewhere: both files go, and a plan under the user's own name stays", async () => {
    for (const name of ['global_mosaic_wcs_m31.fits', 'my_plan.fits']) {
      const run = await openWorkspace(
        optionsFor(root(), 'unset', { folders: { globalWcsPath: at(`plans/${name}`) } }),
      );
      await run.reserveGlobalWcsPlan();
      await run.finish('success');
    }
    expect((await listing(root())).filter((name) => !name.includes('journal'))).toEqual([
      'plans/my_plan.fits',
      'plans/my_plan.json',
    ]);
  });
});

describe('the frame cache', () => {
  it.each(['keep', 'per_tile', 'run_end'] as const)('%s', async (cacheRetention) => {
    const run = await openWorkspace(
      optionsFor(root(), 'unset', { policy: { cacheRetention, cleanupTempArtifacts: false } }),
    );
    const entry = await run.cache.add('a.npy', 2);
    const left = await run.cache.add('b.npy', 1);
    const stands = async (): Promise<boolean> =>
      (await listing(root())).some((name) => name.endsWith('zemosaic_frame_a.npy'));
    expect(await run.cache.release(entry)).toBe(false);
    expect(await stands()).toBe(true);
    expect(await run.cache.release(entry)).toBe(cacheRetention === 'per_tile');
    expect(await stands()).toBe(cacheRetention !== 'per_tile');
    await run.finish('error');
    const rest = await listing(root());
    expect(rest.some((name) => name.endsWith(path.basename(left)))).toBe(cacheRetention === 'keep');
    expect(rest.some((name) => name.includes('.zemosaic_img_cache'))).toBe(cacheRetention === 'keep');
  });
});

describe('memmap flags', () => {
  it('coadd_cleanup_memmap false keeps the arrays wherever they stand, and what leads to them', async () => {
    const run = await openWorkspace(optionsFor(root(), 'unset', { policy: { coaddCleanupMemmap: false } }));
    const dir = await run.mosaicFirstDir();
    await writeFile(path.join(dir, 'sum.bin'), 'x');
    await run.createMemmap({ what: 'mosaic', ny: 1, nx: 1 }, { dir });
    await run.createMemmap({ what: 'coverage', ny: 1, nx: 1 });
    await run.finish('success');
    const arrays = ['coverage_1x1_<run>.dat', 'mosaic_first_<uuid>/mosaic_1x1_<run>.dat'];
    const expected = arrays.flatMap((name) => [`out/${name}`, `out/${name}.json`]);
    const rest = (await listing(root())).filter((name) => !name.includes('journal'));
    expect(rest).toEqual(expected.sort());
    // A later run with the flag on meets finished work, not a dead run's.
    await (await openWorkspace(optionsFor(root(), 'unset'))).finish('success');
    expect((await listing(root())).filter((name) => !name.includes('journal'))).toEqual(rest);
  });

  it('coadd_use_memmap false refuses to make one', async () => {
    const run = await openWorkspace(optionsFor(root(), 'set', { policy: { coaddUseMemmap: false } }));
    await expect(run.createMemmap({ what: 'mosaic', ny: 1, nx: 1 })).rejects.toMatchObject({
      code: 'cleanup_memmap_off',
    });
    expect(await run.mosaicFirstDir()).toContain(at('out'));
    await run.finish('success');
  });
});

describe('folders that cannot be used', () => {
  it('are named with their setting, and nothing is left', async () => {
    await put(root(), ['file']);
    const bad: [string, object][] = [
      ['coadd_memmap_dir', { folders: { memmapDir: at('file/below') } }],
      ['runtime_temp_dir', { folders: { runtimeTempDir: at('file') } }],
      ['output_dir', { outputDir: at('file') }],
    ];
    for (const [setting, change] of bad) {
      await expect(openWorkspace(optionsFor(root(), 'unset', change))).rejects.toMatchObject({
        code: 'cleanup_directory_unusable',
        params: { setting },
      });
    }
    expect(await listing(root())).toEqual(['file', 'out/']);
  });

  it.skipIf(!existsSync('/proc/self'))(
    'are refused at once where the system takes no new folder',
    async () => {
      await expect(ensureDir('/proc/none/below', 'output_dir')).rejects.toMatchObject({
        code: 'cleanup_directory_unusable',
        params: { code: 'ENOENT' },
      });
    },
  );
});

it('an array that is being opened when the run ends is closed', async () => {
  const run = await openWorkspace(optionsFor(root(), 'unset'));
  const open = Memmap.open.bind(Memmap);
  let [opened, ending]: [Memmap | undefined, Promise<unknown>] = [undefined, Promise.resolve()];
  const spy = vi.spyOn(Memmap, 'open').mockImplementationOnce(async (...args) => {
    opened = await open(...args);
    ending = run.finish('interrupted');
    return opened;
  });
  await expect(run.createMemmap({ what: 'mosaic', ny: 1, nx: 1 })).rejects.toMatchObject({
    code: 'cleanup_workspace_closed',
  });
  spy.mockRestore();
  await ending;
  await expect(opened!.promisedBytes()).rejects.toMatchObject({ code: 'EBADF' });
});

it('the default runtime directory is open to every user of the machine', async () => {
  const script = `
    process.env.TMPDIR = ${JSON.stringify(root())};
    const { openWorkspace } = await import(${JSON.stringify(path.resolve('src/cleanup/workspace.ts'))});
    const { optionsFor } = await import(${JSON.stringify(path.resolve('tests/cleanup/world.ts'))});
    const { statSync } = await import('node:fs');
    const run = await openWorkspace(optionsFor(${JSON.stringify(root())}, 'unset', { folders: { runtimeTempDir: undefined } }));
    console.log((statSync(run.places.runtimeTempDir).mode & 0o7777).toString(8), run.places.runtimeTempDir);
    await run.finish('success');`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ]);
  expect(stdout.trim()).toBe(`1777 ${at('zemosaic_runtime')}`);
  expect(await listing(root())).toEqual(['out/']);
});

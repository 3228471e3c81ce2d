// What users really hand in: each ends in a clear error or a typed rejection, with inputs untouched and nothing left behind.
import { copyFile, cp, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import type { RunReport } from '../../src/report/run-report.js';
import { setCard as setCardOf } from '../helpers/set-card.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { digestOf, filesBelow, makeSmallSession, run } from './support.js';

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const output = () => path.join(folder(), 'out');
let names: string[];

beforeAll(async () => {
  await makeSmallSession(path.join(shared(), 'session'), {
    panels: [1, 1],
    subs: 6,
    size: [128, 160],
    extras: false,
  });
  names = (await readdir(path.join(shared(), 'session'))).filter((n) => n.endsWith('.fit')).sort();
  expect(names).toHaveLength(6);
});

beforeEach(() => cp(path.join(shared(), 'session'), input(), { recursive: true }));

const at = (name: string) => path.join(input(), name);
const runHere = (extra: Partial<Record<ConfigKey, string | boolean>> = {}) =>
  run({
    input_dir: input(),
    output_dir: output(),
    runtime_temp_dir: path.join(folder(), 'tmp'),
    ...extra,
  });

const setCard = (name: string, key: string, value: string) => setCardOf(at(name), key, value);

describe('folders', () => {
  it('an empty folder is an error that names it', async () => {
    await rm(input(), { recursive: true });
    await mkdir(input());
    await expect(runHere()).rejects.toMatchObject({ code: 'pipeline_no_files', params: { dir: input() } });
    expect(await filesBelow(output())).toEqual(['run-report.json']);
  });

  it('a folder that is not there is an error that names it', async () => {
    await expect(runHere({ input_dir: path.join(folder(), 'nowhere') })).rejects.toMatchObject({
      code: 'frames_input_unreadable',
    });
  });

  it('an output folder inside the input folder is never read as input, and a second run gives the same', async () => {
    const inside = path.join(input(), 'mosaic');
    const first = await runHere({ output_dir: inside });
    const second = await runHere({ output_dir: inside });
    expect(first.report.inputs).toEqual(second.report.inputs);
    expect(second.report.inputs).toMatchObject({ total: 6, used: 6 });
  });

  it('the output folder may be the input folder: inputs stay, products are not taken for frames', async () => {
    const before = await Promise.all(names.map((name) => readFile(at(name))));
    await runHere({ output_dir: input() });
    const { report } = await runHere({ output_dir: input() });
    expect(report.inputs.used).toBe(6);
    const after = await Promise.all(names.map((name) => readFile(at(name))));
    after.forEach((bytes, i) => expect(bytes.equals(before[i])).toBe(true));
  });

  it('an output folder that is the input folder under another name is read all the same', async () => {
    await symlink(input(), path.join(folder(), 'link'));
    const { report } = await runHere({ output_dir: path.join(folder(), 'link') });
    expect(report.inputs).toMatchObject({ total: 6, used: 6 });
  });

  it('what is passed over is counted and named: every file is used or rejected', async () => {
    await writeFile(at('earlier_science.fits'), 'a product of an earlier run');
    await symlink(path.join(folder(), 'nowhere'), at('dangling.fit'));
    const { report } = await runHere();
    expect(report.inputs).toMatchObject({ total: 8, used: 6 });
    expect(report.inputs.rejected.map(({ reason }) => reason.code).sort()).toEqual([
      'frames_reject_own_product',
      'frames_reject_path_unreadable',
    ]);
  });

  it('two runs at once in one output folder: the second is refused, the first goes on', async () => {
    let second: Promise<unknown> | undefined;
    const first = run(
      { input_dir: input(), output_dir: output() },
      {
        onEvent(event) {
          if (event.type === 'phase-started' && event.phase === 'ingest') {
            second = runHere().then(
              () => 'ran',
              (error: unknown) => (error as { code?: string }).code,
            );
          }
        },
      },
    );
    expect((await first).report.outcome).toBe('success');
    expect(await second).toMatch(/^cleanup_.*(in_use|locked|busy)/);
  });
});

describe('files', () => {
  it('truncated, lying and foreign files are rejected by name and the others make the mosaic', async () => {
    await truncate(at(names[0]), 20_000);
    await setCard(names[1], 'NAXIS1', '           1000000000');
    await writeFile(at('notes.fit'), 'this is not FITS');
    await writeFile(at('empty.fits'), '');
    const before = await digestOf(input());
    const { report } = await runHere();
    expect(report.inputs).toMatchObject({ total: 8, used: 4 });
    const rejected = report.inputs.rejected.map(({ path: p }) => path.basename(p)).sort();
    expect(rejected).toEqual(['empty.fits', 'notes.fit', names[0], names[1]].sort());
    for (const { reason } of report.inputs.rejected) expect(reason.code).toMatch(/^(fits|frames)_/);
    expect(await digestOf(input())).toBe(before);
  });

  it('a file cut off in its pixels after the scan is rejected when it is measured', async () => {
    const zipped = gzipSync(await readFile(at(names[0])));
    await writeFile(at(`${names[0]}.gz`), zipped.subarray(0, zipped.length / 2));
    await rm(at(names[0]));
    const { report } = await runHere();
    expect(report.inputs.used).toBe(5);
    expect(report.inputs.rejected[0].reason.code).toMatch(/^fits_/);
    expect(await filesBelow(output())).not.toContain(expect.stringContaining('mosaic_first'));
  });

  it('gzip-compressed frames give the same mosaic as plain ones', async () => {
    await runHere();
    const plain = await readFile(path.join(output(), 'zemosaic_science.fits'));
    for (const name of names) {
      await writeFile(at(`${name}.gz`), gzipSync(await readFile(at(name))));
      await rm(at(name));
    }
    await runHere();
    expect((await readFile(path.join(output(), 'zemosaic_science.fits'))).equals(plain)).toBe(true);
    expect(await filesBelow(output())).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
  });

  it('another filter, another scale and a stacked image among the subs are named with their reasons', async () => {
    await setCard(names[0], 'FILTER', "'LP      '");
    await copyFile(at(names[1]), at('Stacked_30_M 1_10.0s.fit'));
    const { report } = await runHere();
    expect(report.inputs.used).toBe(5);
    const codes = report.inputs.rejected.map(({ reason }) => reason.code).sort();
    expect(codes).toEqual(['frames_reject_filter', 'frames_reject_stacked_name']);
  });

  it('one WCS on the other side of the sky is dropped as an outlier, not given a canvas', async () => {
    await setCard(names[2], 'CRVAL1', '                100.0');
    const { report } = await runHere();
    expect(report.inputs.used).toBe(5);
    expect(report.grid!.width_px * report.grid!.height_px).toBeLessThan(200 * 200);
  });

  it('no frame with a WCS is an error that says so', async () => {
    // each is looked for far and wide: one tells
    for (const name of names.slice(1)) await rm(at(name));
    await setCard(names[0], 'CTYPE1', "'LINEAR  '");
    await expect(runHere()).rejects.toMatchObject({ code: 'pipeline_no_usable_frames' });
    const report = JSON.parse(await readFile(path.join(output(), 'run-report.json'), 'utf8')) as RunReport;
    expect(report.inputs).toMatchObject({ total: 1, used: 0 });
    expect(report.inputs.rejected).toHaveLength(1);
  });
});

describe('limits', () => {
  it('a canvas beyond the cap is refused, naming both sizes', async () => {
    await expect(runHere({ canvas_max_megapixels: '0.01' })).rejects.toMatchObject({
      code: 'pipeline_canvas_too_large',
      params: { limit: 0.01 },
    });
    expect(await filesBelow(output())).toEqual(['run-report.json']);
  });

  it('a memory budget in which nothing fits is refused with what is needed', async () => {
    await expect(runHere({ memory_budget_mb: '128' })).rejects.toMatchObject({
      code: 'pipeline_memory_budget',
      params: { budget: 128 },
    });
  });

  it('without memmaps the canvas is held in memory and the result is the same', async () => {
    await runHere();
    const spilled = await readFile(path.join(output(), 'zemosaic_science.fits'));
    await runHere({ coadd_use_memmap: false });
    const held = await readFile(path.join(output(), 'zemosaic_science.fits'));
    expect(held.subarray(5760 * 2).equals(spilled.subarray(5760 * 2))).toBe(true);
  });
});

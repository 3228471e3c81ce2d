// The switch on whole runs: what exists afterwards, to the file, when a run ends well, fails in a phase, or is stopped.
import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../src/compute/backend.js';
import type { ConfigKey } from '../../src/config/table.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import type { PhaseName } from '../../src/report/events.js';
import type { RunReport } from '../../src/report/run-report.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { digestOf, filesBelow, makeSmallSession, run } from './support.js';

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const input = () => path.join(shared(), 'session');
const output = () => path.join(folder(), 'out');
let inputs: string;

beforeAll(async () => {
  await makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160] });
  inputs = await digestOf(input());
});

const PRODUCTS = ['run-report.json', 'zemosaic_preview.png', 'zemosaic_science.fits'];
/** Phases in which a run is made to fail or to stop, and whether products are there by then. */
const PHASES: PhaseName[] = ['scan', 'ingest', 'output_grid', 'assembly', 'save'];

function argv(extra: Partial<Record<ConfigKey, string | boolean>> = {}) {
  return {
    input_dir: input(),
    output_dir: output(),
    runtime_temp_dir: path.join(folder(), 'tmp'),
    // what a stopped run keeps in order to go on is resume.test.ts's matter
    resume: 'off',
    ...extra,
  };
}

/** Names with their random parts taken out, so that they can be listed. */
function withoutIds(files: string[]): string[] {
  return files.map((f) =>
    f
      .replace(/mosaic_first_[0-9a-f-]{36}/, 'mosaic_first_UUID')
      .replace(/_\d+x\d+(x3)?_[0-9a-f]{8}\.dat/, '_NYxNX$1_RUN.dat')
      .replace(/run-\d{8}T\d{6}Z-[0-9a-f]{8}/, 'run-ID'),
  );
}

describe('switch on', () => {
  it.each(PHASES)('a failure in %s leaves the report and what was already final', async (phase) => {
    const failing = run(argv(), {
      onEvent(event) {
        if (event.type === 'phase-started' && event.phase === phase) throw new Error('made to fail');
      },
    });
    await expect(failing).rejects.toThrow('made to fail');
    expect(await filesBelow(output())).toEqual(['run-report.json']);
    const report = JSON.parse(await readFile(path.join(output(), 'run-report.json'), 'utf8')) as RunReport;
    expect(report.outcome).toBe('error');
    expect(existsSync(path.join(folder(), 'tmp'))).toBe(false);
    expect(await digestOf(input())).toBe(inputs);
  });

  it.each(PHASES)('a stop in %s does the same and says so', async (phase) => {
    const controller = new AbortController();
    const stopped = run(argv(), {
      signal: controller.signal,
      onEvent(event) {
        if (event.type === 'phase-started' && event.phase === phase) controller.abort('SIGTERM');
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cleanup_interrupted' });
    const left = await filesBelow(output());
    expect(left.filter((f) => !PRODUCTS.includes(f))).toEqual([]);
    const report = JSON.parse(await readFile(path.join(output(), 'run-report.json'), 'utf8')) as RunReport;
    expect(report.outcome).toBe('terminated');
  });

  it('the one who may stop a run hears of nothing once it has ended', async () => {
    const { signal } = new AbortController();
    await run(argv(), { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('a report that cannot be written does not hide what ended the run', async () => {
    await mkdir(path.join(output(), 'run-report.json', 'taken'), { recursive: true });
    await expect(run(argv())).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    const empty = path.join(folder(), 'empty');
    await mkdir(empty);
    await expect(run(argv({ input_dir: empty }))).rejects.toMatchObject({ code: 'pipeline_no_files' });
  });

  it('a backend that dies in the middle of a cell ends the run with its reason, and nothing is left', async () => {
    const dying = (): ComputeBackend => {
      const inner = createReferenceBackend();
      let calls = 0;
      return {
        info: inner.info,
        supports: (stem) => inner.supports(stem),
        submit: (program) => (++calls > 1 ? Promise.reject(new Error('device lost')) : inner.submit(program)),
        resident: () => inner.resident(),
        takeProfile: () => inner.takeProfile(),
        close: () => inner.close(),
      };
    };
    await expect(run(argv(), { backend: dying })).rejects.toThrow('device lost');
    expect(await filesBelow(output())).toEqual(['run-report.json']);
  });

  it('with a memmap directory it clears that of what dead runs left, and of nothing else', async () => {
    const memmaps = path.join(folder(), 'mm');
    const precious = path.join(folder(), 'precious');
    await mkdir(path.join(memmaps, 'mosaic_first_dead'), { recursive: true });
    await mkdir(precious);
    await writeFile(path.join(precious, 'file'), 'keep');
    await writeFile(path.join(memmaps, 'mosaic_first_dead', 'a.dat'), 'x');
    await writeFile(path.join(memmaps, 'mosaic_10x10x3.dat'), 'x');
    await writeFile(path.join(memmaps, 'notes.dat'), 'keep');
    await symlink(precious, path.join(memmaps, 'mosaic_first_link'));
    const { report } = await run(argv({ coadd_memmap_dir: memmaps }));
    expect(report.teardown.refused).toEqual([
      {
        path: path.join(memmaps, 'mosaic_first_link'),
        reason: { code: 'cleanup_reason_symbolic_link', params: {} },
      },
    ]);
    expect(report.teardown.failed).toEqual([]);
    const left = await filesBelow(memmaps);
    expect(left).toContain('notes.dat');
    expect(left.join()).not.toMatch(/mosaic_first_dead|mosaic_10x10x3/);
    expect(await readFile(path.join(precious, 'file'), 'utf8')).toBe('keep');
    expect(await filesBelow(output())).toEqual(PRODUCTS);
  });
});

describe('switch off', () => {
  it('keeps and lists every artefact, each with its meaning', async () => {
    const { report } = await run(argv({ cleanup_temp_artifacts: false }));
    const left = withoutIds(await filesBelow(output()));
    expect(left).toEqual([
      '.zemosaic-run-ID.journal',
      'coverage_NYxNX_RUN.dat',
      'coverage_NYxNX_RUN.dat.json',
      'global_mosaic_wcs.fits',
      'global_mosaic_wcs.json',
      'mosaic_NYxNXx3_RUN.dat',
      'mosaic_NYxNXx3_RUN.dat.json',
      'mosaic_first_UUID/',
      'mosaic_first_UUID/integration.json',
      ...PRODUCTS,
      'zemosaic_weight_NYxNXx3_RUN.dat',
      'zemosaic_weight_NYxNXx3_RUN.dat.json',
    ]);
    const listed = report.teardown.kept.map(({ path: at }) => path.basename(at));
    const artefacts = (await filesBelow(output()))
      .filter((f) => /\.dat|global_mosaic|mosaic_first_[^/]*\/$/.test(f))
      .map((f) => f.replace(/\/$/, ''));
    expect(listed.sort()).toEqual(artefacts.sort());
    const folder = artefacts.find((f) => f.startsWith('mosaic_first_'))!;
    const record = JSON.parse(await readFile(path.join(output(), folder, 'integration.json'), 'utf8')) as {
      frames: { weights: number[]; gains: number[] }[];
      cells: { frames: number[] }[];
    };
    expect(record.frames).toHaveLength(report.inputs.used);
    expect(record.frames[0].weights).toHaveLength(3);
    expect(record.cells[0].frames).toEqual(record.frames.map((_, i) => i));
    for (const { meaning, bytes } of report.teardown.kept) {
      expect(meaning.code).toMatch(/^(cleanup|pipeline)_meaning_/);
      expect(bytes).toBeGreaterThan(0);
    }
  });

  it('keeps every stage of the cells chosen for debugging, and the result is the same', async () => {
    const plain = path.join(folder(), 'plain');
    await run(argv({ output_dir: plain }));
    await run(argv({ cleanup_temp_artifacts: false, keep_debug_cells: '0' }));
    const left = (await filesBelow(output())).join('\n');
    for (const stage of ['decode_image', 'fix_hot_pixels_fixed']) {
      expect(left).toMatch(new RegExp(`zemosaic_cell_0_slot_0_${stage}_`));
    }
    expect(left).toMatch(/zemosaic_cell_0_stack_stack_kappa_sigma_rejected_high_/);
    const [a, b] = await Promise.all(
      [plain, output()].map((dir) => readFile(path.join(dir, 'zemosaic_science.fits'))),
    );
    // Headers differ by the configuration's digest; the data follow them.
    expect(a.subarray(5760 * 2).equals(b.subarray(5760 * 2))).toBe(true);
  });
});

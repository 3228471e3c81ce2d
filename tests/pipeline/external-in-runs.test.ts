// External solvers in runs and in `solve`: asked after the built-in one, about stars and not files, without a trace.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { angularSeparationDeg } from '../../src/astrometry/wcs/sphere.js';
import { openWorkspace } from '../../src/cleanup/workspace.js';
import { solveFiles } from '../../src/pipeline/solving/solve-files.js';
import type { SolvedFile } from '../../src/report/summaries.js';
import { optionsFor } from '../cleanup/world.js';
import { configOf, digestOf, filesBelow, run } from '../end-to-end/support.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { astapSays, program, SCRIPTS_RUN } from './fake-solver.js';
import { writeSkyFrame } from './sky-frames.js';

const CENTRE = [301.2, 36.4] as const;
const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const runtime = () => path.join(folder(), 'runtime');

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});
beforeEach(() => mkdir(input()));

const settings = (at: string) =>
  ({ solver_method: 'astap', astap_executable_path: at, runtime_temp_dir: runtime() }) as const;

describe.skipIf(!SCRIPTS_RUN)('external solvers (skipped on Windows, which starts no scripts)', () => {
  async function solve(at: string): Promise<SolvedFile[]> {
    const outcomes: SolvedFile[] = [];
    await solveFiles(
      (await readdir(input())).map((name) => path.join(input(), name)),
      { config: configOf(settings(at)), searchMs: 0, signal: new AbortController().signal },
      (outcome) => void outcomes.push(outcome),
    );
    return outcomes;
  }

  it('solve: what the built-in solver did not find is found, a frame after the other, and nothing is left', async () => {
    const wcs = await writeSkyFrame(input(), catalogue, { name: 'a.fits', centre: CENTRE });
    await writeSkyFrame(input(), catalogue, { name: 'b.fits', centre: CENTRE, seed: 4 });
    const before = await digestOf(input());
    const outcomes = await solve(await program(folder(), 'astap', astapSays(wcs)));
    expect(outcomes.map(({ solved }) => solved)).toEqual([true, true]);
    for (const outcome of outcomes) {
      if (!outcome.solved) throw new Error(outcome.reason.code);
      expect(outcome.by).toBe('ASTAP');
      expect(3600 * angularSeparationDeg(...outcome.center, ...CENTRE)).toBeLessThan(0.6);
    }
    expect(await digestOf(input())).toBe(before);
    expect(existsSync(runtime())).toBe(false);
  });

  it('solve: a folder for temporary files that cannot be used is named by its setting, and nothing is left', async () => {
    await writeSkyFrame(input(), catalogue, { name: 'a.fits', centre: CENTRE });
    await writeFile(runtime(), 'no folder');
    const before = await filesBelow(folder());
    await expect(solve(path.join(folder(), 'astap'))).rejects.toMatchObject({
      code: 'cleanup_directory_unusable',
      params: { setting: 'runtime_temp_dir', directory: runtime() },
    });
    expect(await filesBelow(folder())).toEqual(before);
  });

  it('solve: says that the solver was given up', async () => {
    for (const name of ['a', 'b', 'c', 'd'])
      await writeSkyFrame(input(), catalogue, { name: `${name}.fits`, centre: CENTRE });
    const text = path.join(folder(), 'text');
    await writeFile(text, 'no program');
    const files = (await readdir(input())).map((name) => path.join(input(), name));
    const codes: (string | undefined)[] = [];
    const last = await solveFiles(
      files,
      { config: configOf(settings(text)), searchMs: 0, signal: new AbortController().signal },
      (outcome) => void codes.push(outcome.solved ? undefined : outcome.reason.code),
    );
    expect(codes).toEqual([
      ...Array<string>(3).fill('solve_reject_external_not_started'),
      'solve_reject_budget',
    ]);
    expect(last).toMatchObject({
      code: 'pipeline_external_solver_refuses',
      params: { count: 1, detail: 'EACCES' },
    });
  });

  it('solve: a liar and its reason', async () => {
    const wcs = await writeSkyFrame(input(), catalogue, { name: 'a.fits', centre: CENTRE });
    const { crval } = wcs.describe();
    const lie = astapSays(wcs).replaceAll(String(crval[1]), String(crval[1] + 0.5));
    const [outcome] = await solve(await program(folder(), 'astap', lie));
    expect(outcome).toMatchObject({ solved: false, reason: { code: 'solve_reject_external_wrong' } });
    expect(existsSync(runtime())).toBe(false);
  });

  it('a run uses the frame, says so, and tells nobody the API key', async () => {
    const key = 'qwertzuiop';
    const wcs = await writeSkyFrame(input(), catalogue, { name: 'a.fits', centre: CENTRE });
    // the scale in its header is wrong by a third: the built-in solver looks for another sky; few stars make that short
    const b = { name: 'b.fits', centre: CENTRE, focalLengthMm: 180, brightest: 16 };
    await writeSkyFrame(input(), catalogue, b);
    const at = await program(folder(), 'astap', astapSays(wcs));
    const output = path.join(folder(), 'out');
    const { report, events } = await run({
      ...settings(at),
      input_dir: input(),
      output_dir: output,
      astrometry_api_key: key,
    });
    expect(report.inputs).toMatchObject({ total: 2, used: 2, rejected: [] });
    expect(report.inputs.solved?.map(({ by }) => by)).toEqual([undefined, 'ASTAP']);
    expect(events).toContainEqual({
      type: 'notice',
      message: { code: 'pipeline_frames_solved_externally', params: { count: 1, solver: 'ASTAP' } },
    });
    expect(report.config.astrometry_api_key).toBe('***');
    for (const name of await readdir(output))
      expect((await readFile(path.join(output, name))).includes(key), name).toBe(false);
    expect(existsSync(runtime())).toBe(false);
  });
});

it('a folder of `solve` is not cleared away by a run that begins or ends meanwhile', async () => {
  const of = (outputDir: string) => ({ ...optionsFor(folder(), 'unset'), outputDir, inputPaths: [input()] });
  const solving = await openWorkspace(of(path.join(runtime(), 'mosaic_first_of_solve')));
  const work = await solving.workFolder('solver');
  const meanwhile = await openWorkspace(of(path.join(folder(), 'out')));
  expect(await readdir(path.dirname(work))).toContain(path.basename(work));
  await meanwhile.finish('success');
  expect(await readdir(path.dirname(work))).toContain(path.basename(work));
  await solving.finish('success');
});

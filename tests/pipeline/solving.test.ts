// Frames without a WCS: solved by their stars, in a run, in a plan and by themselves.
import { rmSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { decode } from 'fast-png';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { angularSeparationDeg, skyPosition, unitVector } from '../../src/astrometry/wcs/sphere.js';
import { openFits } from '../../src/fits/open-fits.js';
import { planSummary } from '../../src/pipeline/estimate/plan-summary.js';
import { runMosaic } from '../../src/pipeline/run-mosaic.js';
import { solveFiles } from '../../src/pipeline/solving/solve-files.js';
import type { SolvedFile } from '../../src/report/summaries.js';
import {
  centroid,
  configOf,
  digestOf,
  readPlane,
  recordingSink,
  run as runOn,
  type RunOptions,
} from '../end-to-end/support.js';
import { openBackend } from '../helpers/backends.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { FRAME, writeSkyFrame, type SkyFrame } from './sky-frames.js';

const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const argv = () => ({
  input_dir: input(),
  output_dir: path.join(folder(), 'out'),
  runtime_temp_dir: path.join(folder(), 'tmp'),
});
const CENTRE = [301.2, 36.4] as const;

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});
beforeEach(() => mkdir(input()));

/** What is computed with is none of these tests: the quicker the better. */
const backend = () => openBackend('wasm');
const run = (settings: Parameters<typeof runOn>[0], options: RunOptions = {}) =>
  runOn(settings, { backend, ...options });
const provideBackend = async () => ({ backend: await backend(), notices: [] });

const frame = (options: SkyFrame) => writeSkyFrame(input(), catalogue, options);

/** Five frames of one field and three of another, too far away for one canvas. */
async function twoFields(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    const [ra, dec] = i < 5 ? CENTRE : [330, 56];
    await frame({
      name: `f${i}.fits`,
      centre: [ra + 0.02 * i, dec],
      pointing: [ra + 0.02 * i, dec],
      seed: i,
    });
  }
}

/** Offset in arc seconds. */
const apart = (a: readonly [number, number], b: readonly [number, number]) =>
  3600 * angularSeparationDeg(...a, ...b);

describe('a run', () => {
  it('places frames by their stars: dithered, rotated, with a header off by 0.4 degrees; clouds are refused', async () => {
    await frame({ name: 'a.fits', centre: CENTRE, pointing: [301.5, 36.7], seed: 1 });
    await frame({ name: 'b.fits', centre: [301.25, 36.42], rotationDeg: 121.6, seed: 2 });
    await frame({ name: 'c.fits', centre: [301.22, 36.37], pointing: null, seed: 3 });
    await frame({ name: 'd.fits', centre: CENTRE, empty: true, seed: 4 });
    const { report, events } = await run({ ...argv(), save_residual_picture: true });
    expect(report.inputs).toMatchObject({ total: 4, used: 3 });
    expect(report.inputs.rejected.map(({ path: at, reason }) => [path.basename(at), reason.code])).toEqual([
      ['d.fits', 'solve_reject_few_stars'],
    ]);
    expect(report.inputs.solved?.map(({ path: at }) => path.basename(at))).toEqual([
      'a.fits',
      'b.fits',
      'c.fits',
    ]);
    for (const { matched, rms_px } of report.inputs.solved ?? []) {
      expect(matched).toBeGreaterThan(40);
      expect(rms_px).toBeLessThan(0.2);
    }
    const notice = events.find((e) => e.type === 'notice' && e.message.code === 'pipeline_frames_solved');
    expect(notice).toMatchObject({ message: { params: { count: 3 } } });
    expect(report.astrometry?.frames).toHaveLength(3);
    for (const placed of report.astrometry?.frames ?? []) {
      expect(placed.adjusted).toBe(true);
      expect(placed.links).toBeGreaterThan(40);
      expect(placed.rms_px).toBeLessThan(0.2);
      expect(placed.moved_px).toBeLessThan(0.5);
    }
    expect(report.outputs.map(({ kind }) => kind)).toContain('residuals');
    const picture = await readFile(path.join(folder(), 'out', 'zemosaic_residuals.svg'), 'utf8');
    // a panel for the mean of all, one for each frame
    expect(picture.match(/<text y="12">/g)).toHaveLength(4);

    const product = path.join(folder(), 'out', 'zemosaic_science.fits');
    const fits = await openFits(product);
    const wcs = parseWcs(fits.hdus[0].header);
    await fits.close();
    const image = await readPlane(product, 1);
    const cone = catalogue.cone(unitVector(...CENTRE), 0.0055);
    const places = Array.from({ length: cone.count }, (_, i) =>
      wcs.skyToPixel(...skyPosition([cone.x[i], cone.y[i], cone.z[i]]))!,
    );
    let measured = 0;
    places.forEach(([x, y], i) => {
      const near = places.filter((other) => Math.hypot(other[0] - x, other[1] - y) < 14).length;
      if (cone.vt[i] > 11 || near > 1) return;
      const at = centroid(image, x - 1, y - 1);
      expect(Math.hypot(at.x + 1 - x, at.y + 1 - y)).toBeLessThan(0.3);
      measured++;
    });
    expect(measured).toBeGreaterThan(2);
  });

  it('that is stopped while a frame is solved rejects no frame for it', async () => {
    await frame({ name: 'a.fits', centre: CENTRE, pointing: null });
    const stop = new AbortController();
    const rejected: string[] = [];
    const stopped = run(argv(), {
      signal: stop.signal,
      onEvent(event) {
        if (event.type === 'phase-started' && event.phase === 'ingest') setTimeout(() => stop.abort(), 1);
        if (event.type === 'frame-rejected') rejected.push(event.reason.code);
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cleanup_interrupted' });
    expect(rejected).toEqual([]);
  });

  it('keeps to its memory: without room for the star lists a frame is not solved, and one with a WCS goes by its exposure', async () => {
    await frame({ name: 'a.fits', centre: CENTRE });
    await frame({ name: 'b.fits', centre: CENTRE, headerWcs: CENTRE });
    const { events, sink } = recordingSink();
    const config = configOf({ ...argv(), memory_budget_mb: '247' });
    // a budget as small as that ends the run later, for want of a cell
    await runMosaic(config, sink, new AbortController().signal, {
      version: '0.0.0-test',
      provideBackend,
    }).catch(() => undefined);
    expect(events.find((e) => e.type === 'frame-rejected')).toMatchObject({
      reason: { code: 'solve_reject_memory', params: { needed: 248, budget: 247 } },
    });
    expect(events.find((e) => e.type === 'notice')).toMatchObject({
      message: { code: 'pipeline_stars_skipped', params: { count: 1, needed: 248, budget: 247 } },
    });
  });

  it('never places a frame by its header alone: one that points elsewhere is refused', async () => {
    await frame({ name: 'a.fits', centre: CENTRE });
    await frame({ name: 'z.fits', centre: [120, -20], pointing: [40, 60] });
    const { report } = await run(argv());
    expect(report.inputs.used).toBe(1);
    expect(report.inputs.rejected[0].reason.code).toBe('solve_reject_no_match');
    expect(apart([report.grid!.center_ra_deg, report.grid!.center_dec_deg], CENTRE)).toBeLessThan(60);
  });

  it('believes a WCS in the header where the stars do not contradict it, or the user wants none refined', async () => {
    const wrong = [301.6, 36.6] as const;
    await frame({ name: 'a.fits', centre: CENTRE, headerWcs: wrong });
    const outcome = async (settings: Record<string, unknown>) => {
      const { report, events } = await run({ ...argv(), ...settings });
      const [warning] = events.flatMap((e) =>
        e.type === 'warning' && e.message.code === 'pipeline_header_wcs_wrong' ? [e.message.params] : [],
      );
      return { centre: [report.grid!.center_ra_deg, report.grid!.center_dec_deg] as const, warning };
    };
    const checked = await outcome({});
    expect(apart(checked.centre, CENTRE)).toBeLessThan(60);
    const most = apart(wrong, CENTRE) / FRAME.scaleArcsec;
    expect(checked.warning).toMatchObject({ count: 1, doubted: 0 });
    const told = Number(checked.warning?.most);
    expect(Math.abs(told - most)).toBeLessThan(2);
    const taken = await outcome({ refine_astrometry: 'off' });
    expect(apart(taken.centre, wrong)).toBeLessThan(60);
    expect(taken.warning).toBeUndefined();
    expect(apart((await outcome({ force_resolve_existing_wcs: true })).centre, CENTRE)).toBeLessThan(60);
  });

  it('tells the same of frames, in the same order, where their headers are checked beside', async () => {
    await frame({ name: 'a.fits', centre: CENTRE, headerWcs: [301.6, 36.6] });
    await cp(path.join(input(), 'a.fits'), path.join(input(), 'b.fits'));
    await frame({ name: 'c.fits', centre: CENTRE, headerWcs: [301.5, 36.5], seed: 3 });
    const toldOn = async (processors: number) => {
      const { report, events } = await run({ ...argv(), num_processing_workers: String(processors) });
      const told = events.filter(({ type }) => type === 'frame-measured' || type === 'frame-rejected');
      return { told, grid: report.grid };
    };
    const one = await toldOn(1);
    expect(one.told.map(({ type }) => type)).toEqual(['frame-measured', 'frame-rejected', 'frame-measured']);
    for (const processors of [4, 8]) expect(await toldOn(processors)).toEqual(one);
  });

  it('refuses a solved frame that lies where no other does', async () => {
    for (let i = 0; i < 5; i++)
      await frame({ name: `f${i}.fits`, centre: [CENTRE[0] + 0.02 * i, CENTRE[1]], seed: i });
    await frame({ name: 'stray.fits', centre: [301.2, 62], seed: 9 });
    const { report } = await run(argv());
    expect(report.inputs.used).toBe(5);
    expect(report.inputs.rejected).toMatchObject([{ reason: { code: 'frames_reject_wcs_outlier' } }]);
  });

  it('makes the field of the most frames where others were found far away from it, and plans so', async () => {
    await twoFields();
    const { report, events } = await run(argv());
    expect(report.inputs.used).toBe(5);
    expect(report.inputs.rejected.map(({ reason }) => reason.code)).toEqual(
      Array.from({ length: 3 }, () => 'frames_reject_other_field'),
    );
    const warned = events.flatMap((event) => (event.type === 'warning' ? [event.message.code] : []));
    expect(warned).toContain('pipeline_apart_fields');
    const { sink } = recordingSink();
    const planned = await planSummary(configOf(argv()), sink, new AbortController().signal, {
      provideBackend,
      version: '0.0.0-test',
    });
    expect(planned.frames).toMatchObject({ total: 8, used: 5 });
    expect(planned.frames.list).toHaveLength(5);
    expect(planned.grid.widthPx).toBe(report.grid?.width_px);
  });

  it('makes the field at a place that is asked for, be it that of the fewest frames', async () => {
    await twoFields();
    const { report } = await run({ ...argv(), sky_field: '330,56' });
    expect(report.inputs).toMatchObject({ total: 8, used: 3 });
  });
});

describe('a plan', () => {
  const plan = () =>
    planSummary(configOf(argv()), recordingSink().sink, new AbortController().signal, {
      provideBackend,
      version: '0.0.0-test',
    });

  it('counts the frames that the run will solve and estimates with their headers', async () => {
    await frame({ name: 'a.fits', centre: CENTRE, pointing: [301.3, 36.5] });
    await frame({ name: 'b.fits', centre: CENTRE, headerWcs: CENTRE });
    await frame({ name: 'c.fits', centre: CENTRE, pointing: null });
    const planned = await plan();
    expect(planned.frames).toMatchObject({ total: 3, used: 3 });
    expect(planned.notices).toEqual([
      { code: 'pipeline_plan_to_solve', params: { count: 2 } },
      { code: 'pipeline_plan_believed', params: { count: 1 } },
      { code: 'pipeline_plan_unplaced', params: { count: 1 } },
    ]);
  });

  it('without any place says that there is nothing to plan with', async () => {
    await frame({ name: 'c.fits', centre: CENTRE, pointing: null });
    await expect(plan()).rejects.toMatchObject({ code: 'pipeline_plan_no_place', params: { count: 1 } });
  });
});

describe('solveFiles', () => {
  async function solve(
    files: readonly string[],
    wcsOut?: string,
    picture?: { folder: string; overlay: boolean },
  ): Promise<SolvedFile[]> {
    const outcomes: SolvedFile[] = [];
    const { signal } = new AbortController();
    await solveFiles(files, { wcsOut, picture, signal }, (outcome) => void outcomes.push(outcome));
    return outcomes;
  }

  it('says where files lie, plain and compressed, and writes nothing unless asked', async () => {
    const truth = await frame({ name: 'a.fits', centre: CENTRE, pointing: [301.5, 36.7], rotationDeg: 33 });
    const file = path.join(input(), 'a.fits');
    await writeFile(`${file}.gz`, gzipSync(await readFile(file)));
    const before = await digestOf(folder());
    for (const outcome of await solve([file, `${file}.gz`])) {
      if (!outcome.solved) throw new Error(outcome.reason.code);
      expect(apart(outcome.center, CENTRE)).toBeLessThan(0.1 * FRAME.scaleArcsec);
      const corner = truth.pixelToSky(0.5, 0.5)!;
      expect(apart(outcome.corners[0], corner)).toBeLessThan(0.3 * FRAME.scaleArcsec);
      expect(outcome.parity).toBe(1);
      expect(outcome.scale_arcsec).toBeCloseTo(6, 2);
      expect(outcome.matched).toBeGreaterThan(40);
      expect(outcome.rms_px).toBeLessThan(0.2);
    }
    expect(await digestOf(folder())).toBe(before);
  });

  it.each([
    ['defocused', { fwhm: 9 }],
    ['trailed', { fwhm: 5, stretch: 4, angle: 0.5 }],
  ])('%s frames are solved', async (_, shape) => {
    await frame({ name: 'a.fits', centre: CENTRE, shape });
    const [outcome] = await solve([path.join(input(), 'a.fits')]);
    if (!outcome.solved) throw new Error(outcome.reason.code);
    expect(apart(outcome.center, CENTRE)).toBeLessThan(0.5 * FRAME.scaleArcsec);
  });

  it('gives reasons for what is no frame and for what shows no stars, after the solved ones', async () => {
    await frame({ name: 'a.fits', centre: CENTRE });
    await frame({ name: 'cloud.fits', centre: CENTRE, empty: true });
    await writeFile(path.join(input(), 'text.fits'), 'no FITS at all');
    const names = ['cloud.fits', 'text.fits', 'a.fits', 'absent.fits'].map((name) =>
      path.join(input(), name),
    );
    const pictures = path.join(folder(), 'pictures');
    const outcomes = await solve(names, undefined, { folder: pictures, overlay: true });
    // of what could be read, solved or not
    expect((await readdir(pictures)).sort()).toEqual(['a.stars.png', 'cloud.stars.png']);
    const { width, height } = decode(await readFile(path.join(pictures, 'a.stars.png')));
    expect([width, height].sort()).toEqual([FRAME.height, FRAME.width]);
    expect(outcomes.map((o) => [path.basename(o.file), o.solved ? 'solved' : o.reason.code])).toEqual([
      ['text.fits', 'fits_not_fits'],
      ['a.fits', 'solved'],
      ['absent.fits', 'fits_cannot_open'],
      ['cloud.fits', 'solve_reject_few_stars'],
    ]);
  });

  it('a file that is gone when its picture is drawn keeps its line, and so do those after it', async () => {
    await frame({ name: 'a.fits', centre: CENTRE });
    const clouds = ['b.fits', 'c.fits'];
    for (const name of clouds) await frame({ name, centre: CENTRE, empty: true });
    const [b, a, c] = ['b.fits', 'a.fits', 'c.fits'].map((name) => path.join(input(), name));
    const outcomes: SolvedFile[] = [];
    const picture = { folder: path.join(folder(), 'pictures'), overlay: false };
    await solveFiles([b, a, c], { picture, signal: new AbortController().signal }, (outcome) => {
      outcomes.push(outcome);
      // b was read, and waits for another try
      if (outcome.file === a) rmSync(b);
    });
    expect(outcomes.map(({ file, solved, notDrawn }) => [file, solved, notDrawn?.code])).toEqual([
      [a, true, undefined],
      [b, false, 'fits_cannot_open'],
      [c, false, undefined],
    ]);
    expect((await readdir(picture.folder)).sort()).toEqual(['a.stars.png', 'c.stars.png']);
  });

  it.each(['--wcs-out', '--picture'])('names %s when its folder is a file', async (option) => {
    await frame({ name: 'a.fits', centre: CENTRE });
    const file = path.join(input(), 'a.fits');
    const solved =
      option === '--wcs-out'
        ? solve([file], file)
        : solve([file], undefined, { folder: file, overlay: false });
    await expect(solved).rejects.toMatchObject({
      code: 'cleanup_directory_unusable',
      params: { setting: option, directory: file },
    });
  });

  it('writes headers that put the pixels where the solution does, one for each file', async () => {
    await frame({ name: 'a.fits', centre: CENTRE });
    await mkdir(path.join(folder(), 'more'));
    const second = path.join(folder(), 'more', 'a.fits');
    await writeFile(second, await readFile(path.join(input(), 'a.fits')));
    const out = path.join(folder(), 'headers', 'new');
    const [outcome] = await solve([path.join(input(), 'a.fits'), second], out);
    expect((await readdir(out)).sort()).toEqual(['a-2.wcs.fits', 'a.wcs.fits']);
    const fits = await openFits(path.join(out, 'a.wcs.fits'));
    const { header } = fits.hdus[0];
    const wcs = parseWcs(header);
    await fits.close();
    expect([header.getNumber('IMAGEW'), header.getNumber('IMAGEH')]).toEqual([FRAME.width, FRAME.height]);
    if (!outcome.solved) throw new Error(outcome.reason.code);
    expect(apart(wcs.pixelToSky(0.5, FRAME.height + 0.5)!, outcome.corners[3])).toBeLessThan(1e-6);
  });
});

// Solvers outside this program: what they write is judged, what they start is ended, what they leave is removed.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { killTreeOnWindows } from '../../src/astrometry/external/run-program.js';
import type { SolveResult } from '../../src/astrometry/solver/solve-types.js';
import { angularSeparationDeg } from '../../src/astrometry/wcs/sphere.js';
import type { ConfigKey } from '../../src/config/table.js';
import { ExternalFallback } from '../../src/pipeline/solving/external-fallback.js';
import { externalSolver } from '../../src/pipeline/solving/external-solver.js';
import { configOf } from '../end-to-end/support.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import {
  askAbout,
  astapSays,
  knownFrame,
  program,
  SCRIPTS_RUN,
  solveFieldSays,
  tanAt,
  type KnownFrame,
} from './fake-solver.js';

const folder = temporaryFolder();
const work = () => path.join(folder(), 'work');

let catalogue: StarCatalogue;
let frame: KnownFrame;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
  frame = knownFrame(catalogue, [315.4, 68.2]);
});
beforeEach(() => mkdir(work()));

type Settings = Partial<Record<ConfigKey, string | boolean>>;

function fallback(settings: Settings, options: { signal?: AbortSignal; keepFiles?: boolean } = {}) {
  const config = configOf(settings);
  return new ExternalFallback(externalSolver(config)!, {
    timeoutMs: 1000 * config.astrometry_timeout,
    instances: config.astap_max_instances,
    folder: () => Promise.resolve(work()),
    keepFiles: options.keepFiles ?? false,
    signal: options.signal,
  });
}

const astap = (at: string, more: Settings = {}): Settings => ({
  solver_method: 'astap',
  astap_executable_path: at,
  ...more,
});
const solveField = (at: string, more: Settings = {}): Settings => ({
  solver_method: 'astrometry',
  astrometry_local_path: at,
  ...more,
});

async function solved(settings: Settings): Promise<Extract<SolveResult, { solved: true }>> {
  const result = await askAbout(fallback(settings), frame);
  if (!result?.solved) throw new Error(JSON.stringify(result));
  return result;
}

async function refused(settings: Settings) {
  const result = await askAbout(fallback(settings), frame);
  expect(await readdir(work())).toEqual([]);
  return result?.solved === false ? result.reason : result;
}

/** Offset of the solution from the truth at a pixel, in pixels. */
function off({ wcs }: { wcs: KnownFrame['wcs'] }, x: number, y: number): number {
  return (3600 * angularSeparationDeg(...wcs.pixelToSky(x, y)!, ...frame.wcs.pixelToSky(x, y)!)) / 2.374;
}

describe.skipIf(!SCRIPTS_RUN)('programs (skipped on Windows, which starts no scripts)', () => {
  it.each([
    ['ASTAP', () => astap('', {}), (wcs: KnownFrame['wcs']) => astapSays(wcs)],
    [
      'ASTAP that ends with an exit code of failure',
      () => astap(''),
      (wcs: KnownFrame['wcs']) => astapSays(wcs, 1),
    ],
    ['solve-field', () => solveField(''), solveFieldSays],
  ])('%s: a right place is believed, and fitted anew by our own stars', async (_, settings, says) => {
    // off by 2 px, as programs that do not know the distortion are
    const claimed = tanAt([315.4 + 4.7 / 3600 / Math.cos(1.19), 68.2]);
    const at = await program(folder(), 'solver', says(claimed));
    const given = settings();
    const key = given.solver_method === 'astap' ? 'astap_executable_path' : 'astrometry_local_path';
    const result = await solved({ ...given, [key]: at });
    expect(result.matched).toBeGreaterThan(35);
    expect(result.rmsPx).toBeLessThan(0.5);
    expect(result.parity).toBe(-1);
    for (const [x, y] of [
      [540.5, 960.5],
      [1, 1],
      [1080, 1920],
    ])
      expect(off(result, x, y)).toBeLessThan(0.35);
    expect(result.wcs.describe().crpix).toEqual([540.5, 960.5]);
    expect(await readdir(work())).toEqual([]);
  });

  it.each([
    ['ASTAP', astap, astapSays],
    ['solve-field', solveField, solveFieldSays],
  ])('%s that claims a wrong place with all signs of success is not believed', async (_, settings, says) => {
    for (const lie of [
      [315.4, 69.4],
      [30, -20],
      [315.4 + 0.05, 68.2],
    ] as const) {
      const at = await program(folder(), 'liar', says(tanAt(lie)));
      expect(await refused(settings(at))).toMatchObject({
        code: 'solve_reject_external_wrong',
        params: { agree: expect.any(Number) as number, of: expect.any(Number) as number },
      });
    }
  });

  it.each([
    ['no numbers', 'PLTSOLVD=T\nCRPIX1=here\n'],
    [
      'numbers that no sky has',
      'PLTSOLVD=T\nCRPIX1=1\nCRPIX2=1\nCRVAL1=0\nCRVAL2=120\nCD1_1=1\nCD1_2=0\nCD2_1=0\nCD2_2=1',
    ],
    [
      'a scale of nothing',
      'PLTSOLVD=T\nCRPIX1=1\nCRPIX2=1\nCRVAL1=0\nCRVAL2=12\nCD1_1=0\nCD1_2=0\nCD2_1=0\nCD2_2=0',
    ],
    ['something else', '\\u0000\\u0001\\u0002'.repeat(50_000)],
    ['nothing', ''],
  ])('ASTAP whose answer holds %s', async (_, answer) => {
    const at = await program(
      folder(),
      'rubbish',
      `fs.writeFileSync(option("-o") + ".ini", ${JSON.stringify(answer)})`,
    );
    expect(await refused(astap(at))).toMatchObject({
      code: 'solve_reject_external_rubbish',
      params: { solver: 'ASTAP' },
    });
  });

  it('solve-field whose .wcs file is none', async () => {
    const at = await program(
      folder(),
      'rubbish',
      'fs.writeFileSync(option("--dir") + "/stars.wcs", "not FITS")',
    );
    expect(await refused(solveField(at))).toMatchObject({ code: 'solve_reject_external_rubbish' });
  });

  it('what finds nothing is told with its own words, and ends with exit code 0 all the same', async () => {
    const body =
      'fs.writeFileSync(option("-o") + ".ini", "PLTSOLVD=F\\r\\nERROR=No star database found.\\r\\n")';
    const at = await program(folder(), 'solver', body);
    expect(await refused(astap(at))).toMatchObject({
      code: 'solve_reject_external_unsolved',
      params: { solver: 'ASTAP', detail: 'No star database found.' },
    });
    expect(await refused(solveField(await program(folder(), 'silent', '')))).toMatchObject({
      code: 'solve_reject_external_unsolved',
    });
  });

  it('ASTAP is asked again without the scale where that is wished, and only then', async () => {
    const body = `if (option("-fov") !== "0") fs.writeFileSync(option("-o") + ".ini", "PLTSOLVD=F"); else { ${astapSays(frame.wcs)} }`;
    const at = await program(folder(), 'solver', body);
    expect(await refused(astap(at))).toMatchObject({ code: 'solve_reject_external_unsolved' });
    await solved(astap(at, { astap_drizzled_fallback_enabled: true }));
  });

  it('hands over what the settings and the header say', async () => {
    const record = (at: string) => `fs.writeFileSync(${JSON.stringify(at)}, JSON.stringify(args));`;
    const log = path.join(folder(), 'args.json');
    const args = async () => JSON.parse(await readFile(log, 'utf8')) as string[];
    const after = (list: string[], name: string) => Number(list[list.indexOf(name) + 1]);
    const settings = {
      astap_data_directory_path: folder(),
      astap_default_search_radius: '7',
      astap_default_downsample: '4',
    };
    await refused(astap(await program(folder(), 'a', record(log)), settings));
    let given = await args();
    expect(after(given, '-ra')).toBeCloseTo(315.4 / 15, 9);
    expect(after(given, '-spd')).toBeCloseTo(158.2, 9);
    expect(after(given, '-fov')).toBeCloseTo((1920 * 2.374) / 3600, 9);
    expect([after(given, '-r'), after(given, '-z')]).toEqual([7, 4]);
    expect(given[given.indexOf('-d') + 1]).toBe(folder());
    expect(given).not.toContain('-update');
    await refused(solveField(await program(folder(), 's', record(log))));
    given = await args();
    expect([after(given, '--ra'), after(given, '--dec')]).toEqual([315.4, 68.2]);
    expect(after(given, '--scale-low')).toBeLessThan(2.374);
    expect(after(given, '--scale-high')).toBeGreaterThan(2.374);
  });

  /** A solver that starts a child, and both of them would sleep for an hour whatever they are asked kindly. */
  const hanging = (pids: string) => `
    process.on("SIGTERM", () => {});
    const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setTimeout(() => {}, 3600000)"]);
    fs.writeFileSync(${JSON.stringify(pids)} + ".part", JSON.stringify([process.pid, child.pid]));
    fs.renameSync(${JSON.stringify(pids)} + ".part", ${JSON.stringify(pids)});
    setTimeout(() => {}, 3600000);`;
  const alive = (pid: number) => {
    try {
      process.kill(pid, 0);
      // a zombie that nobody has collected yet is dead
      const status = `/proc/${pid}/status`;
      return !(existsSync(status) && /^State:\s+Z/m.test(readFileSync(status, 'utf8')));
    } catch {
      return false;
    }
  };
  const allDead = async (pids: string) => {
    const list = JSON.parse(await readFile(pids, 'utf8')) as number[];
    for (let waited = 0; list.some(alive) && waited < 5000; waited += 50) await sleep(50);
    return !list.some(alive);
  };

  it('one that hangs is ended at its time limit, and the child with it', async () => {
    const pids = path.join(folder(), 'pids.json');
    const at = await program(folder(), 'hangs', hanging(pids));
    expect(await refused(astap(at, { astrometry_timeout: '4' }))).toMatchObject({
      code: 'solve_reject_external_timeout',
      params: { solver: 'ASTAP', seconds: 4 },
    });
    expect(await allDead(pids)).toBe(true);
  });

  it('when the run is stopped it ends at once, and the child with it', async () => {
    const pids = path.join(folder(), 'pids.json');
    const at = await program(folder(), 'hangs', hanging(pids));
    const stop = new AbortController();
    const asked = askAbout(fallback(solveField(at), { signal: stop.signal }), frame);
    const ended = expect(asked).rejects.toThrow('stopped');
    while (!existsSync(pids)) await sleep(20);
    stop.abort(new Error('stopped'));
    await ended;
    expect(await allDead(pids)).toBe(true);
    expect(await readdir(work())).toEqual([]);
  });

  it('a child that outlives an ordinary end is ended, too', async () => {
    const pids = path.join(folder(), 'pids.json');
    const at = await program(folder(), 'leaves', `${hanging(pids)} process.exit(0);`);
    await refused(astap(at));
    expect(await allDead(pids)).toBe(true);
  });

  it('keeps what a solver has written where temporary files are kept', async () => {
    const at = await program(folder(), 'solver', astapSays(frame.wcs));
    await askAbout(fallback(astap(at), { keepFiles: true }), frame);
    const [call] = await readdir(work());
    expect((await readdir(path.join(work(), call))).sort()).toEqual(['first.ini', 'stars.fits']);
  });
});

it('ends process trees of Windows by the system’s own program', () => {
  expect(killTreeOnWindows(4711, { SystemRoot: 'D:\\Win' })).toEqual([
    'D:\\Win\\System32\\taskkill.exe',
    ['/pid', '4711', '/T', '/F'],
  ]);
  expect(killTreeOnWindows(1, {})[0]).toBe('C:\\Windows\\System32\\taskkill.exe');
});

describe('what is not there', () => {
  it.each([
    ['astap', 'astap_executable_path'],
    ['astrometry', 'astrometry_local_path'],
    ['ansvr', 'astrometry_local_path'],
  ] as const)('%s: told by its path, and not sought again', async (method, key) => {
    const at = path.join(folder(), 'absent', 'program');
    const asked = fallback({ solver_method: method, [key]: at });
    for (let i = 0; i < 2; i++) {
      const result = await askAbout(asked, frame);
      expect(result).toMatchObject({
        solved: false,
        reason: {
          code: 'solve_reject_external_missing',
          params: { program: expect.stringContaining(at) as string },
        },
      });
    }
  });

  it.skipIf(!SCRIPTS_RUN)(
    'a folder stands for the program in it, and a file that may not be run is told apart from none',
    async () => {
      await program(folder(), 'astap_cli', astapSays(frame.wcs));
      await solved(astap(folder()));
      const text = path.join(folder(), 'text');
      await writeFile(text, 'no program');
      expect(await refused(astap(text))).toMatchObject({
        code: 'solve_reject_external_not_started',
        params: { solver: 'ASTAP', program: text, detail: 'EACCES' },
      });
      const empty = path.join(folder(), 'empty');
      await mkdir(empty);
      expect(await refused(astap(empty))).toMatchObject({ code: 'solve_reject_external_missing' });
    },
  );

  it('no solver, no fallback; too few stars for anybody are not shown', async () => {
    expect(externalSolver(configOf({}))).toBeUndefined();
    const few = { ...frame.image, stars: { count: 5, x: new Float64Array(5), y: new Float64Array(5) } };
    expect(await askAbout(fallback(astap('/absent')), { ...frame, image: few })).toBeUndefined();
  });
});

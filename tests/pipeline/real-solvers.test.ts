// The real programs, where they are installed: a star list is all they need.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { angularSeparationDeg } from '../../src/astrometry/wcs/sphere.js';
import { ExternalFallback } from '../../src/pipeline/solving/external-fallback.js';
import { externalSolver } from '../../src/pipeline/solving/external-solver.js';
import { configOf } from '../end-to-end/support.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeAstapDatabase } from './astap-database.js';
import { askAbout, knownFrame } from './fake-solver.js';

const installed = (name: string) =>
  spawnSync(name, ['-h'], { stdio: 'ignore', timeout: 10_000 }).error === undefined;
const CENTRE = [315.4, 68.2] as const;

const folder = temporaryFolder();
const work = () => path.join(folder(), 'work');
beforeEach(() => mkdir(work()));

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

async function ask(settings: Parameters<typeof configOf>[0]) {
  const fallback = new ExternalFallback(externalSolver(configOf(settings))!, {
    timeoutMs: 60_000,
    instances: 1,
    folder: () => Promise.resolve(work()),
    keepFiles: false,
    signal: undefined,
  });
  const frame = knownFrame(catalogue, CENTRE);
  const result = await askAbout(fallback, frame);
  expect(await readdir(work())).toEqual([]);
  return { frame, result };
}

async function expectSolved(settings: Parameters<typeof configOf>[0]): Promise<void> {
  const { frame, result } = await ask(settings);
  if (!result?.solved) throw new Error(JSON.stringify(result));
  const truth = frame.wcs.pixelToSky(540.5, 960.5)!;
  expect(3600 * angularSeparationDeg(...result.centre, ...truth)).toBeLessThan(0.5);
  expect(result.matched).toBeGreaterThan(35);
}

const index = existsSync('/usr/share/astrometry/index-tycho2-10.littleendian.fits');
describe.skipIf(!index || !installed('solve-field'))(
  'solve-field (skipped: it or its Tycho-2 index is not installed)',
  () => {
    it('solves a star list', () => expectSolved({ solver_method: 'astrometry' }), 90_000);
  },
);

describe.skipIf(!installed('astap_cli'))('astap_cli (skipped: it is not installed)', () => {
  it('solves a drawing of the stars', async () => {
    const database = path.join(folder(), 'database');
    await writeAstapDatabase(database, catalogue, CENTRE, 6);
    await expectSolved({ solver_method: 'astap', astap_data_directory_path: database });
  }, 90_000);

  it('without a database says so', async () => {
    const empty = path.join(folder(), 'empty');
    await mkdir(empty);
    const { result } = await ask({ solver_method: 'astap', astap_data_directory_path: empty });
    expect(result).toMatchObject({
      solved: false,
      reason: {
        code: 'solve_reject_external_unsolved',
        params: { detail: expect.stringMatching(/database/i) as string },
      },
    });
  }, 90_000);
});

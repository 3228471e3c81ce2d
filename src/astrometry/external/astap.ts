// ASTAP's command line. It is asked about a drawing of the stars; what it has found is read from the .ini file that it writes beside it.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeTanWcs } from '../wcs/tan-wcs.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import { WcsError } from '../wcs/wcs-error.js';
import type { SolveHint, SolveImage } from '../solver/solve-types.js';
import type { ExternalSolver, Proposal } from './external-solver.js';
import { runFirst } from './run-first.js';
import { starFieldImage } from './star-field-image.js';

const NAME = 'ASTAP';

export interface AstapOptions {
  /** Programs to try, the first that is there is used. */
  readonly programs: readonly string[];
  /** Folder of its star database; '' leaves it to ASTAP. */
  readonly dataDir: string;
  /** Degrees around the pointing. */
  readonly radiusDeg: number;
  /** Binning before its star detection; 0 leaves it to ASTAP. */
  readonly downsample: number;
  /** Once more with the field of view left to ASTAP, where one that was known has led nowhere. */
  readonly retryWithoutScale: boolean;
  readonly timeoutMs: number;
}

export function astapSolver(options: AstapOptions): ExternalSolver {
  return {
    name: NAME,
    isLocal: true,
    async propose(image, hint, folder, signal) {
      const end = Date.now() + options.timeoutMs;
      await writeFile(path.join(folder, 'stars.fits'), starFieldImage(image));
      const ask = (fovDeg: number, base: string) =>
        askAstap(options, { hint, fovDeg, folder, base, signal, timeoutMs: Math.max(1, end - Date.now()) });
      const known = fieldHeightDeg(image, hint);
      const first = await ask(known, 'first');
      const again = 'failure' in first && first.failure.code === 'solve_reject_external_unsolved';
      return again && known > 0 && options.retryWithoutScale ? ask(0, 'second') : first;
    },
  };
}

/** What ASTAP calls the field of view: the height of the image in degrees; 0 where the scale is not known. */
function fieldHeightDeg({ height }: SolveImage, { scaleArcsec }: SolveHint): number {
  return scaleArcsec === undefined ? 0 : (height * scaleArcsec) / 3600;
}

interface Question {
  readonly hint: SolveHint;
  readonly fovDeg: number;
  readonly folder: string;
  readonly base: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

async function askAstap(
  { programs, dataDir, radiusDeg, downsample, timeoutMs: limitMs }: AstapOptions,
  { hint, fovDeg, folder, base, signal, timeoutMs }: Question,
): Promise<Proposal> {
  const { pointing } = hint;
  const args = [
    ...['-f', path.join(folder, 'stars.fits'), '-o', path.join(folder, base)],
    ...['-fov', String(fovDeg), '-z', String(downsample)],
    // hours, and degrees from the south pole; without a pointing all of the sky
    ...(pointing ? ['-ra', String(pointing.raDeg / 15), '-spd', String(pointing.decDeg + 90)] : []),
    ...['-r', String(pointing ? radiusDeg : 180)],
    ...(dataDir === '' ? [] : ['-d', dataDir]),
  ];
  const failure = await runFirst({ solver: NAME, programs, args, limitMs, folder, timeoutMs, signal });
  return failure ? { failure } : readAnswer(path.join(folder, `${base}.ini`));
}

const KEYS = ['CRPIX1', 'CRPIX2', 'CRVAL1', 'CRVAL2', 'CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'] as const;

/** Largest answer read: what ASTAP writes has a few hundred bytes. */
const MAX_ANSWER_BYTES = 1 << 16;

async function readAnswer(file: string): Promise<Proposal> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const values = new Map<string, string>();
  for (const line of bytes.subarray(0, MAX_ANSWER_BYTES).toString('latin1').split(/\r?\n/)) {
    const cut = line.indexOf('=');
    if (cut > 0) values.set(line.slice(0, cut).trim().toUpperCase(), line.slice(cut + 1).trim());
  }
  const solved = values.get('PLTSOLVD');
  if (solved === 'F') {
    const detail = values.get('ERROR') ?? values.get('WARNING') ?? 'none';
    return { failure: { code: 'solve_reject_external_unsolved', params: { solver: NAME, detail } } };
  }
  const wcs = solved === 'T' ? wcsOf(KEYS.map((key) => Number(values.get(key) ?? NaN))) : undefined;
  return wcs ? { wcs } : { failure: { code: 'solve_reject_external_rubbish', params: { solver: NAME } } };
}

function wcsOf([x, y, ra, dec, a, b, c, d]: readonly number[]): CelestialWcs | undefined {
  try {
    return makeTanWcs({ crval: [ra, dec], crpix: [x, y], cd: [a, b, c, d] });
  } catch (error) {
    // numbers that no sky has
    if (error instanceof WcsError) return undefined;
    throw error;
  }
}

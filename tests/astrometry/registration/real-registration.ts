// How frames of real telescopes lie to each other: our places of them, after the joint adjustment of a run, against affine fits between star lists that
// somebody else has detected (SEP) and matched.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { builtInCatalogue } from '../../../src/astrometry/catalogue/built-in-catalogue.js';
import { PlateSolver } from '../../../src/astrometry/solver/search/plate-solver.js';
import { detectStars } from '../../../src/astrometry/stars/detect-stars.js';
import type { CelestialWcs } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { loadFrame } from '../../../src/pipeline/load-frame.js';
import { adjustPlaces } from '../../../src/pipeline/phases/adjust.js';
import { solveHint, solveImage } from '../../../src/pipeline/phases/solve.js';
import type { MeasuredFrame } from '../../../src/pipeline/planning/grid/placed-frame.js';
import type { RunContext } from '../../../src/pipeline/run-context.js';
import { StageLedger } from '../../../src/pipeline/stage-ledger.js';
import { configOf, recordingSink } from '../../end-to-end/support.js';

type Affine = readonly [readonly [number, number, number], readonly [number, number, number]];

export interface PlacedFile {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Alone, in a run, and as astrometry.net has it. */
  readonly solved: CelestialWcs;
  readonly adjusted: CelestialWcs;
  readonly theirs: CelestialWcs;
  /** Detected stars, FITS pixels. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Of the oracle, to its reference. */
  readonly affine: Affine;
  /** Stars of the oracle's fit, and their residual. */
  readonly matched: number;
  readonly rmsPx: number;
}

interface Registration {
  readonly frames: Readonly<Record<string, { affine: Affine; n_matched: number; rms_px: number }>>;
}

/** All frames of a set that is solved without help. */
export async function placeSet(dir: string): Promise<PlacedFile[]> {
  const { frames: oracle } = JSON.parse(
    readFileSync(path.join(dir, 'truth/registration.json'), 'utf8'),
  ) as Registration;
  const files = readdirSync(dir).filter((name) => name.endsWith('.gz'));
  const solver = new PlateSolver(await builtInCatalogue());
  const measured: MeasuredFrame[] = [];
  for (const file of files) {
    const loaded = await loadFrame(path.join(dir, file));
    if ('reason' in loaded) throw new Error(`${file}: ${loaded.reason.code}`);
    const stars = detectStars(loaded.pixels);
    const { record } = loaded;
    const options = { budgetMs: 60_000, maxRadiusDeg: 10 };
    const result = await solver.solve(solveImage(record, stars), solveHint(record), options);
    if (!result.solved) throw new Error(`${file}: ${result.reason.code}`);
    measured.push({ record, stars, wcs: result.wcs, solution: result } as unknown as MeasuredFrame);
  }
  const context = { config: configOf({}), sink: recordingSink().sink, ledger: new StageLedger() };
  const { frames } = await adjustPlaces(context as unknown as RunContext, undefined as never, measured);
  return Promise.all(
    files.map(async (file, f) => {
      const name = file.replace(/\.gz$/, '');
      const fits = await openFits(path.join(dir, 'truth', name.replace(/\.fits?$/i, '.wcs.fits')));
      const theirs = parseWcs(fits.hdus[0].header);
      await fits.close();
      const { record, stars } = measured[f];
      const { affine, n_matched, rms_px } = oracle[name];
      return {
        ...{ name, width: record.width, height: record.height, solved: measured[f].wcs, theirs },
        ...{ adjusted: frames[f].wcs, x: stars.x, y: stars.y, affine, matched: n_matched, rmsPx: rms_px },
      };
    }),
  );
}

const invert = ([[a, b, c], [d, e, f]]: Affine): Affine => {
  const det = a * e - b * d;
  return [
    [e / det, -b / det, (b * f - c * e) / det],
    [-d / det, a / det, (c * d - a * f) / det],
  ];
};
const apply = ([[a, b, c], [d, e, f]]: Affine, x: number, y: number) =>
  [a * x + b * y + c, d * x + e * y + f] as const;

export interface PairFigures {
  readonly pair: string;
  /** Distance between where a WCS and where the affine fits put the first frame's pixels in the second, pixels: median and largest over the overlap. */
  readonly median: number;
  readonly worst: number;
  /** What the affine fits themselves may err at the worst place, one standard deviation, from number and scatter of their stars. */
  readonly affineError: number;
  /** Median distance of stars that both frames show, by the WCS and by the affine fits, and their number. */
  readonly starsByWcs: number;
  readonly starsByAffine: number;
  readonly stars: number;
}

const medianOf = (values: readonly number[]) => values.toSorted((p, q) => p - q)[values.length >> 1] ?? NaN;
/** Points across the frame on a side. */
const STEPS = 16;
/** Stars count as the same within this distance by either map. */
const SAME_PX = 2;

/** Of the pair (a, b), by the places that `of` gives. */
export function comparePair(
  a: PlacedFile,
  b: PlacedFile,
  of: (file: PlacedFile) => CelestialWcs,
): PairFigures {
  const back = invert(b.affine);
  const byAffine = (x: number, y: number) => apply(back, ...apply(a.affine, x, y));
  const byWcs = (x: number, y: number) => of(b).skyToPixel(...of(a).pixelToSky(x, y)!);
  const off: number[] = [];
  let farthest = 0;
  for (let j = 0; j <= STEPS; j++) {
    for (let i = 0; i <= STEPS; i++) {
      const [x, y] = [0.5 + (i / STEPS) * a.width, 0.5 + (j / STEPS) * a.height];
      const [u, v] = byAffine(x, y);
      const at = byWcs(x, y);
      if (!at || u < 0.5 || v < 0.5 || u > b.width + 0.5 || v > b.height + 0.5) continue;
      off.push(Math.hypot(at[0] - u, at[1] - v));
      farthest = Math.max(farthest, Math.hypot((x - a.width / 2) / a.width, (y - a.height / 2) / a.height));
    }
  }
  const [wcsOff, affineOff]: [number[], number[]] = [[], []];
  for (let s = 0; s < a.x.length; s++) {
    const [m, n] = [byWcs(a.x[s], a.y[s]), byAffine(a.x[s], a.y[s])];
    if (!m) continue;
    let [best, at] = [Infinity, -1];
    for (let t = 0; t < b.x.length; t++) {
      const d = Math.hypot(b.x[t] - (m[0] + n[0]) / 2, b.y[t] - (m[1] + n[1]) / 2);
      if (d < best) [best, at] = [d, t];
    }
    if (best > SAME_PX) continue;
    wcsOff.push(Math.hypot(b.x[at] - m[0], b.y[at] - m[1]));
    affineOff.push(Math.hypot(b.x[at] - n[0], b.y[at] - n[1]));
  }
  // stars spread evenly: variance of a fitted plane at (u, v) in units of the frame is (1 + 12 u^2 + 12 v^2) / n
  const spread = Math.sqrt(1 + 12 * farthest ** 2);
  const affineError = Math.hypot(
    ...[a, b].map(({ rmsPx, matched }) => (rmsPx * spread) / Math.sqrt(matched)),
  );
  return {
    pair: `${a.name} - ${b.name}`,
    median: medianOf(off),
    worst: Math.max(...off),
    affineError,
    starsByWcs: medianOf(wcsOff),
    starsByAffine: medianOf(affineOff),
    stars: wcsOff.length,
  };
}

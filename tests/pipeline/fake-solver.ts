// Programs that stand for external solvers, as small Node scripts: honest ones, and those that hang, lie or write rubbish.
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { starsInFrame } from '../../src/astrometry/solver/stars-in-frame.js';
import type { SolveHint, SolveImage, SolveResult } from '../../src/astrometry/solver/solve-types.js';
import type { CelestialWcs } from '../../src/astrometry/wcs/celestial-wcs.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { wcsCards } from '../../src/astrometry/wcs/wcs-cards.js';
import { headerBytes } from '../../src/fits/write/write-header.js';
import type { ExternalFallback, ShownFrame } from '../../src/pipeline/solving/external-fallback.js';
import { gaussian, randomNumbers } from '../astrometry/solver/synthetic-field.js';

/** Scripts are started by their first line, which Windows does not read. */
export const SCRIPTS_RUN = process.platform !== 'win32';

/** An executable script; `args`, `option(name)`, `fs` and `spawn` are there for `body`. */
export async function program(folder: string, name: string, body: string): Promise<string> {
  const at = path.join(folder, name);
  const script = [
    `#!${process.execPath}`,
    'const fs = require("node:fs"); const { spawn } = require("node:child_process");',
    'const args = process.argv.slice(2); const option = (name) => args[args.indexOf(name) + 1];',
    body,
  ];
  await writeFile(at, script.join('\n'));
  await chmod(at, 0o755);
  return at;
}

/** Body of an ASTAP that has found this WCS. */
export function astapSays(wcs: CelestialWcs, exitCode = 0): string {
  const { crval, crpix, cd } = wcs.describe();
  const [a, b, c, d] = cd;
  const ini = [
    'PLTSOLVD=T',
    `CRPIX1=${crpix[0]}`,
    `CRPIX2=${crpix[1]}`,
    `CRVAL1=${crval[0]}`,
    `CRVAL2=${crval[1]}`,
    ...[`CD1_1=${a}`, `CD1_2=${b}`, `CD2_1=${c}`, `CD2_2=${d}`],
  ].join('\r\n');
  return `fs.writeFileSync(option("-o") + ".ini", ${JSON.stringify(ini)}); process.exitCode = ${exitCode};`;
}

/** The file that astrometry.net's programs write when they have found this WCS. */
export function wcsFile(wcs: CelestialWcs): Uint8Array {
  const primary = [
    { key: 'SIMPLE', value: true },
    { key: 'BITPIX', value: 8 },
    { key: 'NAXIS', value: 0 },
  ];
  return headerBytes([...primary, ...wcsCards(wcs)], 0);
}

/** Body of a solve-field that has found it. */
export function solveFieldSays(wcs: CelestialWcs): string {
  const bytes = Buffer.from(wcsFile(wcs)).toString('base64');
  return `fs.writeFileSync(option("--dir") + "/stars.wcs", Buffer.from("${bytes}", "base64"));`;
}

export interface KnownFrame {
  readonly image: SolveImage;
  readonly hint: SolveHint;
  readonly wcs: CelestialWcs;
}

/** What a Seestar sees there: catalogue stars with errors of 0.2 px, and as many that the catalogue does not hold. */
export function knownFrame(catalogue: StarCatalogue, centre: readonly [number, number]): KnownFrame {
  const [width, height] = [1080, 1920];
  const wcs = tanAt(centre);
  const random = randomNumbers(7);
  const { x, y } = starsInFrame(catalogue, 2026, wcs, { width, height }, 40);
  const noisy = (v: number) => v + 0.2 * gaussian(random);
  const others = Array.from(x, () => [1 + (width - 1) * random(), 1 + (height - 1) * random()]);
  const places = [...x].flatMap((px, i) => [[noisy(px), noisy(y[i])], others[i]]);
  const stars = {
    count: places.length,
    x: Float64Array.from(places, ([px]) => px),
    y: Float64Array.from(places, ([, py]) => py),
  };
  const hint = { pointing: { raDeg: centre[0], decDeg: centre[1] }, scaleArcsec: 2.374, epoch: 2026 };
  return { image: { width, height, stars }, hint, wcs };
}

/** The frame's scale and a rotation of 30 degrees, with its reference point near a corner, as other programs have it. */
export function tanAt(centre: readonly [number, number]): CelestialWcs {
  const step = 2.374 / 3600;
  const [cos, sin] = [step * Math.cos(Math.PI / 6), step * Math.sin(Math.PI / 6)];
  return makeTanWcs({ crval: centre, crpix: [200.5, 300.5], cd: [-cos, sin, sin, cos] });
}

/** What becomes of one frame. */
export async function askAbout(asked: ExternalFallback, shown: ShownFrame): Promise<SolveResult | undefined> {
  let result: SolveResult | undefined;
  await asked.solveAll(
    [shown],
    (frame) => frame,
    (one) => void (result = one),
  );
  return result;
}

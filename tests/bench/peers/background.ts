// Background extraction beside Siril's `subsky` and SExtractor's background: `npx tsx tests/bench/peers/background.ts SESSION...`, each the folder of a generated
// session with a coadd that knows the truth (`ideal.fits`) and the truth (`truth/truth.fits`, extension NEBULA). A known glow is added to the coadd, so that what is left of it is known without
// noise: its rms where the sky is plain, and what the nebula lost. What is not installed, or not there, is left out with a word.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { extractBackground } from '../../../src/aesthetic/background.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import { binPlanes } from '../../../src/output/picture/bin-planes.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { median } from '../../../src/quality/robust.js';

/** Plain sky is where the nebula is fainter than this, ADU. */
const PLAIN_ADU = 3;
/** Siril's floats lie between 0 and 1. */
const SIRIL_WHITE = 65535;

interface Picture {
  readonly nx: number;
  readonly ny: number;
  readonly planes: readonly Float32Array[];
}

/** A slope of 80 ADU along the longer side, one of 30 across, a bowl of 25, unlike in the colours. */
function glow({ nx, ny }: Picture, plane: number): Float32Array {
  const strength = [0.8, 1, 0.6][plane];
  return Float32Array.from({ length: nx * ny }, (_, k) => {
    const [u, v] = [(2 * (k % nx)) / nx - 1, (2 * Math.floor(k / nx)) / ny - 1];
    return strength * (40 * u - 15 * v + 25 * (u * u + v * v + 0.4 * u * v));
  });
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'zemosaic-background-'));
try {
  const sessions = process.argv.slice(2);
  if (sessions.length === 0) console.log('no session given: nothing to compare');
  for (const session of sessions) await compare(session);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function compare(session: string): Promise<void> {
  const [ideal, truth] = [path.join(session, 'ideal.fits'), path.join(session, 'truth', 'truth.fits')];
  if (!existsSync(ideal) || !existsSync(truth)) {
    console.log(`${session}: no ideal.fits, or no truth/truth.fits: left out`);
    return;
  }
  const { coadd, nebula } = covered(await read(ideal, 'PRIMARY'), await read(truth, 'NEBULA'));
  const tinted = { ...coadd, planes: coadd.planes.map((plane, p) => sum(plane, glow(coadd, p), 1)) };
  const plain = nebula.planes[1].reduce((n, v) => n + (v < PLAIN_ADU ? 1 : 0), 0) / nebula.planes[1].length;
  console.log(`${session}: ${coadd.nx} x ${coadd.ny}, plain sky ${(100 * plain).toFixed(0)} %`);
  tell('as it is', tinted, coadd, nebula);
  for (const strength of ['weak', 'normal', 'strong'] as const)
    tell(`this program, ${strength}`, await ours(tinted, strength), coadd, nebula);
  for (const degree of [1, 4]) await besideSiril(degree, tinted, coadd, nebula);
  for (const mesh of [64, 256]) await besideSextractor(mesh, tinted, coadd, nebula);
}

async function ours(tinted: Picture, strength: 'weak' | 'normal' | 'strong'): Promise<Picture> {
  const { nx, ny } = tinted;
  const source = arraySource(nx, ny, tinted.planes);
  const { surfaces } = extractBackground(await binPlanes(source, 1024), source, strength);
  if (!surfaces) return tinted;
  const row = new Float64Array(nx);
  const planes = tinted.planes.map((plane, p) => {
    const out = plane.slice();
    for (let y = 0; y < ny; y++) {
      surfaces[p].row(y, row);
      for (let x = 0; x < nx; x++) out[y * nx + x] -= row[x];
    }
    return out;
  });
  return { nx, ny, planes };
}

async function besideSiril(degree: number, tinted: Picture, coadd: Picture, nebula: Picture): Promise<void> {
  const program = ['siril-cli', 'siril'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (!program) return console.log('  Siril is not installed: left out');
  // of one image, subsky of Siril 1.0.6 says that it failed when it did not, and the script ends; of two it does what it should
  for (const name of ['glow_00001.fit', 'glow_00002.fit'])
    await write(path.join(scratch, name), tinted, 1 / SIRIL_WHITE);
  const flat = path.join(scratch, 'bkg_glow_00001.fit');
  rmSync(flat, { force: true });
  const script = path.join(scratch, 'subsky.ssf');
  writeFileSync(script, ['requires 1.0.0', 'set32bits', `seqsubsky glow_ ${degree}`, ''].join('\n'));
  const { stdout } = spawnSync(program, ['-d', scratch, '-s', script], { encoding: 'utf8' });
  if (!existsSync(flat)) return console.log(`  Siril, subsky ${degree}: failed\n${stdout.slice(-400)}`);
  const { planes, ...size } = await read(flat, 'PRIMARY');
  tell(
    `Siril, subsky ${degree}`,
    { ...size, planes: planes.map((p) => p.map((v) => v * SIRIL_WHITE)) },
    coadd,
    nebula,
  );
}

async function besideSextractor(
  mesh: number,
  tinted: Picture,
  coadd: Picture,
  nebula: Picture,
): Promise<void> {
  const program = ['source-extractor', 'sex'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (!program) return console.log('  SExtractor is not installed: left out');
  const [parameters, sky] = ['own.param', 'sky.fits'].map((name) => path.join(scratch, name));
  writeFileSync(parameters, 'NUMBER\n');
  writeFileSync(path.join(scratch, 'own.sex'), '');
  const planes: Float32Array[] = [];
  for (const plane of tinted.planes) {
    const file = path.join(scratch, 'plane.fits');
    await write(file, { ...tinted, planes: [plane] }, 1);
    spawnSync(program, [
      ...[file, '-c', path.join(scratch, 'own.sex'), '-PARAMETERS_NAME', parameters, '-FILTER', 'N'],
      ...['-CATALOG_TYPE', 'NONE', '-CHECKIMAGE_TYPE', 'BACKGROUND', '-CHECKIMAGE_NAME', sky],
      ...['-BACK_SIZE', String(mesh), '-BACK_FILTERSIZE', '3', '-VERBOSE_TYPE', 'QUIET'],
    ]);
    if (!existsSync(sky)) return console.log('  SExtractor failed: left out');
    planes.push(sum(plane, (await read(sky, 'PRIMARY')).planes[0], -1));
    rmSync(sky);
  }
  tell(`SExtractor, mesh ${mesh}`, { ...tinted, planes }, coadd, nebula);
}

/** What is left of the glow (or was taken too much) where the sky is plain, and what share of the nebula is gone. */
function tell(name: string, flat: Picture, coadd: Picture, nebula: Picture): void {
  const figures = flat.planes.map((plane, p) => {
    const left = sum(plane, coadd.planes[p], -1);
    const light = nebula.planes[p];
    const sky = left.filter((_, k) => nebula.planes.every((one) => one[k] < PLAIN_ADU));
    const level = median(sky.filter((_, k) => k % 7 === 0));
    const rms = Math.sqrt(sky.reduce((s, v) => s + (v - level) ** 2, 0) / sky.length);
    const whole = light.reduce((s, v) => s + v, 0);
    const lost = left.reduce((s, v, k) => s + (light[k] >= PLAIN_ADU ? level - v : 0), 0);
    return { rms, lost: (100 * lost) / whole };
  });
  const list = (key: 'rms' | 'lost') => figures.map((figure) => figure[key].toFixed(1)).join(' ');
  console.log(`  ${name.padEnd(24)} rms in plain sky ${list('rms')} ADU, nebula lost ${list('lost')} %`);
}

function sum(a: Float32Array, b: Float32Array, sign: 1 | -1): Float32Array {
  return a.map((v, k) => v + sign * b[k]);
}

/** The largest rectangle about the middle, cut side by side, that both cover everywhere: peers know no blanks. */
function covered(coadd: Picture, nebula: Picture): { readonly coadd: Picture; readonly nebula: Picture } {
  let [x0, x1, y0, y1] = [0, coadd.nx, 0, coadd.ny];
  const blank = (x: number, y: number) => {
    const v = coadd.planes.reduce((total, plane) => total + plane[y * coadd.nx + x], 0);
    return !Number.isFinite(v) || v === 0;
  };
  const share = (n: number, is: (k: number) => boolean) =>
    Array.from({ length: n }, (_, k) => is(k)).filter(Boolean).length / n;
  for (;;) {
    const sides = [
      share(x1 - x0, (k) => blank(x0 + k, y0)),
      share(x1 - x0, (k) => blank(x0 + k, y1 - 1)),
      share(y1 - y0, (k) => blank(x0, y0 + k)),
      share(y1 - y0, (k) => blank(x1 - 1, y0 + k)),
    ];
    const worst = Math.max(...sides);
    if (worst === 0) break;
    const side = sides.indexOf(worst);
    if (side === 0) y0++;
    else if (side === 1) y1--;
    else if (side === 2) x0++;
    else x1--;
  }
  const cut = ({ nx, planes }: Picture): Picture => ({
    nx: x1 - x0,
    ny: y1 - y0,
    planes: planes.map((plane) => {
      const out = new Float32Array((x1 - x0) * (y1 - y0));
      for (let y = y0; y < y1; y++) out.set(plane.subarray(y * nx + x0, y * nx + x1), (y - y0) * (x1 - x0));
      // single blanks inside: peers know none
      for (let k = 1; k < out.length; k++) if (!Number.isFinite(out[k])) out[k] = out[k - 1];
      return out;
    }),
  });
  return { coadd: cut(coadd), nebula: cut(nebula) };
}

async function read(file: string, hduName: string): Promise<Picture> {
  const fits = await openFits(file);
  try {
    const hdu = fits.hdus.find(({ name }) => name === hduName)!;
    const shape = hdu.image!.shape;
    const [ny, nx] = shape.slice(-2);
    const planes: Float32Array[] = [];
    for (let plane = 0; plane < (shape.length === 3 ? shape[0] : 1); plane++)
      planes.push(await readWindow(fits, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny }));
    return { nx, ny, planes };
  } finally {
    await fits.close();
  }
}

async function write(file: string, { nx, ny, planes }: Picture, scale: number): Promise<void> {
  rmSync(file, { force: true });
  const writer = await createFitsWriter(file);
  await writer.beginImage({
    bitpix: -32,
    shape: planes.length === 1 ? [ny, nx] : [planes.length, ny, nx],
    cards: [],
  });
  for (const plane of planes) await writer.writeRows(plane.map((v) => v * scale));
  await writer.endImage();
  await writer.commit();
}

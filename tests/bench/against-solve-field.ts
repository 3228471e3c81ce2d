// Our solver beside astrometry.net's solve-field with its Tycho-2 index, on the same frames in one run: success, time, agreement. Run with
// `npx tsx tests/bench/against-solve-field.ts [frames, 20 by default]` on a built tree; it needs solve-field, its index and GNU time.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import { readWcsFile } from '../../src/astrometry/external/read-wcs-file.js';
import { starsInFrame } from '../../src/astrometry/solver/stars-in-frame.js';
import { angularSeparationDeg } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import { gaussian, randomNumbers } from '../astrometry/solver/synthetic-field.js';
import { drawFrame, type DrawnStar } from '../astrometry/stars/draw-frame.js';

const [WIDTH, HEIGHT, SCALE] = [1080, 1920, 2.374];
const EPOCH = 2026.2;
/** ADU of a star of magnitude 11 over all pixels of a full-density plane, in the spirit of a 10 s exposure: stars of magnitude 14 just show. */
const FLUX_11 = 6000;
const program = path.resolve(import.meta.dirname, '../../bin/zemosaic.js');
const count = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(path.join(os.tmpdir(), 'zemosaic-bench-'));

interface Frame {
  readonly file: string;
  readonly centre: readonly [number, number];
  readonly pointing: readonly [number, number];
}

interface Answer {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly centre?: readonly [number, number] | undefined;
}

/** A frame of a Seestar somewhere on the sky: catalogue stars with the scatter of their places and colours, twice as many fainter ones. */
async function makeFrame(index: number, random: () => number): Promise<Frame> {
  const centre = [360 * random(), (Math.asin(1.96 * random() - 0.98) * 180) / Math.PI] as const;
  const angle = 2 * Math.PI * random();
  const [cos, sin] = [(SCALE / 3600) * Math.cos(angle), (SCALE / 3600) * Math.sin(angle)];
  const crpix = [(WIDTH + 1) / 2, (HEIGHT + 1) / 2] as const;
  const wcs = makeTanWcs({ crval: centre, crpix, cd: [cos, -sin, sin, cos] });
  const catalogue = await builtInCatalogue();
  const { stars, x, y } = starsInFrame(catalogue, EPOCH, wcs, { width: WIDTH, height: HEIGHT }, 2000);
  const star = (px: number, py: number, magnitude: number): DrawnStar => {
    const light = FLUX_11 * 10 ** (-0.4 * (magnitude - 11));
    return { x: px, y: py, flux: [(1.2 + 0.3 * gaussian(random)) * light, light, 0.8 * light], fwhm: 2.8 };
  };
  const drawn = Array.from(x, (px, i) =>
    star(px + 0.05 * gaussian(random), y[i] + 0.05 * gaussian(random), stars.vt[i] + 0.2 * gaussian(random)),
  );
  for (let i = 0; i < 2 * x.length; i++)
    drawn.push(star(WIDTH * random(), HEIGHT * random(), 12.5 + 3 * Math.sqrt(random())));
  const { planes } = drawFrame(drawn, {
    width: WIDTH,
    height: HEIGHT,
    cfa: [1, 0, 2, 1],
    noise: 8,
    seed: index,
    saturation: 60_000,
  });
  const pointing = [
    (centre[0] + (0.2 * gaussian(random)) / Math.cos((centre[1] * Math.PI) / 180) + 360) % 360,
    centre[1] + 0.2 * gaussian(random),
  ] as const;
  const file = path.join(folder, `frame-${String(index).padStart(3, '0')}.fits`);
  const writer = await createFitsWriter(file);
  const cards = [
    { key: 'RA', value: pointing[0] },
    { key: 'DEC', value: pointing[1] },
    { key: 'FOCALLEN', value: 252 },
    { key: 'XPIXSZ', value: 2.9 },
    { key: 'EXPTIME', value: 10 },
    { key: 'DATE-OBS', value: '2026-03-14T22:00:00' },
    { key: 'BAYERPAT', value: 'GRBG' },
  ];
  await writer.beginImage({ bitpix: -32, shape: [HEIGHT, WIDTH], cards });
  await writer.writeRows(planes[0] as Float32Array);
  await writer.endImage();
  await writer.commit();
  return { file, centre, pointing };
}

/** CPU and wall seconds of a command with all its children, and what it has printed. */
function timed(command: string, args: readonly string[]): Answer & { readonly out: string } {
  const report = path.join(folder, 'time.txt');
  const { stdout } = spawnSync('/usr/bin/time', ['-f', '%U %S %e', '-o', report, command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const [user, system, wall] = readFileSync(report, 'utf8').trim().split('\n').at(-1)!.split(' ').map(Number);
  return { cpuSeconds: user + system, wallSeconds: wall, out: stdout };
}

const solvedLines = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; center: [number, number] | null; ms: number });

function ours({ file }: Frame): Answer {
  const { out, ...times } = timed(process.execPath, [program, 'solve', file, '--json']);
  return { ...times, centre: solvedLines(out)[0].center ?? undefined };
}

/** With the same hints: the header's pointing and scale. */
async function theirs({ file, pointing }: Frame): Promise<Answer> {
  const dir = path.join(folder, 'solve-field');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const none = ['--new-fits', '--match', '--rdls', '--corr', '--index-xyls'].flatMap((o) => [o, 'none']);
  const { cpuSeconds, wallSeconds } = timed('solve-field', [
    ...['--no-plots', '--overwrite', '--dir', dir, '--out', 'answer', ...none, '--cpulimit', '60'],
    ...['--ra', String(pointing[0]), '--dec', String(pointing[1]), '--radius', '2'],
    ...[
      '--scale-units',
      'arcsecperpix',
      '--scale-low',
      '2.25',
      '--scale-high',
      '2.5',
      '--tweak-order',
      '2',
      file,
    ],
  ]);
  const proposal = await readWcsFile(path.join(dir, 'answer.wcs'), 'solve-field');
  const centre = 'wcs' in proposal ? proposal.wcs.pixelToSky((WIDTH + 1) / 2, (HEIGHT + 1) / 2) : null;
  return { cpuSeconds, wallSeconds, centre: centre ?? undefined };
}

const middle = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const figures = (values: readonly number[], digits: number) =>
  `${middle(values).toFixed(digits)} / ${Math.max(...values).toFixed(digits)}`;

try {
  if (!existsSync('/usr/bin/time')) throw new Error('GNU time is not installed');
  execFileSync('solve-field', ['--version'], { stdio: 'ignore' });
  const random = randomNumbers(20261125);
  const rows: { frame: Frame; our: Answer; their: Answer }[] = [];
  for (let i = 0; i < count; i++) {
    const frame = await makeFrame(i, random);
    rows.push({ frame, our: ours(frame), their: await theirs(frame) });
  }
  const arcsec = (a?: readonly [number, number], b?: readonly [number, number]) =>
    a && b ? [3600 * angularSeparationDeg(...a, ...b)] : [];
  const table = (name: string, pick: (row: (typeof rows)[number]) => Answer) => {
    const answers = rows.map(pick);
    const off = rows.flatMap((row) => arcsec(pick(row).centre, row.frame.centre));
    console.log(
      `${name}: solved ${off.length}/${count}, CPU s ${figures(
        answers.map((a) => a.cpuSeconds),
        2,
      )}, ` +
        `wall s ${figures(
          answers.map((a) => a.wallSeconds),
          2,
        )}, off the truth ${figures(off, 2)}" (median / largest)`,
    );
  };
  table('zemosaic solve, a process a frame', ({ our }) => our);
  table('solve-field', ({ their }) => their);
  console.log(
    `apart ${figures(
      rows.flatMap(({ our, their }) => arcsec(our.centre, their.centre)),
      2,
    )}"`,
  );
  const all = timed(process.execPath, [program, 'solve', ...rows.map(({ frame }) => frame.file), '--json']);
  const lines = solvedLines(all.out);
  console.log(
    `zemosaic solve, all in one process: solved ${lines.filter(({ center }) => center).length}/${count}, ` +
      `CPU s a frame ${(all.cpuSeconds / count).toFixed(2)}, wall s a frame ${(all.wallSeconds / count).toFixed(2)}, ` +
      `ms ${figures(
        lines.map(({ ms }) => ms),
        0,
      )}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

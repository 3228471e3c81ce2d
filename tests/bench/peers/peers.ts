// Side by side with SWarp and Siril on the same frames, FITS to FITS, in one run: `npm run bench:peers`. A peer that is not installed is left out with a word.
// Peers are counted as whole processes; of this program, what it takes from the first file to the last, its threads included, without the start of Node.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { planOutputGrid } from '../../../src/pipeline/planning/grid/output-grid.js';
import { setRunFlags } from '../../../src/v8-flags.js';
import { differenceOf } from './compare-planes.js';
import { HEIGHT, makePeerFrames, type PeerFrame, WIDTH } from './peer-frames.js';
import { stackFrames } from './stack-fits.js';
import { warpFrames } from './warp-fits.js';

const WARPED = 16;
const STACKED = 32;
/** Each is run this often in turn with its peer; the lowest figures count. */
const TURNS = 3;
const THREADS = Math.min(2, os.availableParallelism());

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

// As the program runs.
setRunFlags();
const base = mkdtempSync(path.join(os.tmpdir(), 'zemosaic-peers-'));
try {
  console.log(`${os.cpus()[0].model}, ${THREADS} threads, load ${os.loadavg()[0].toFixed(1)}`);
  const frames = await makePeerFrames(base, 'f', STACKED);
  await besideSwarp(frames.slice(0, WARPED));
  await besideSiril(frames);
} finally {
  rmSync(base, { recursive: true, force: true });
}

async function besideSwarp(some: readonly PeerFrame[]): Promise<void> {
  const grid = planOutputGrid(
    some.map(({ wcs }) => ({ wcs, nx: WIDTH, ny: HEIGHT })),
    {
      scaleMode: 'median',
      orientation: 'north_up',
      paddingPercent: 1,
      resolution: null,
      maxMegapixels: 100,
    },
  );
  const [ours, theirs] = [path.join(base, 'warped'), path.join(base, 'swarp')];
  const program = installed('SWarp') ?? installed('swarp');
  const costs = { ours: [] as Cost[], theirs: [] as Cost[] };
  for (let turn = 0; turn < TURNS; turn++) {
    // what a file takes that takes another's place is no part of the work
    for (const folder of [ours, theirs]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
    }
    costs.ours.push(await ownCost((opening) => warpFrames(opening, some, grid, ours)));
    if (program)
      costs.theirs.push(
        cost(program, [
          ...some.map(({ path: file }) => file),
          ...['-COMBINE', 'N', '-RESAMPLING_TYPE', 'LANCZOS3', '-SUBTRACT_BACK', 'N'],
          ...['-FSCALASTRO_TYPE', 'NONE', '-DELETE_TMPFILES', 'N', '-RESAMPLE_DIR', theirs],
          ...['-CENTER_TYPE', 'MANUAL', '-CENTER', grid.centre.join(',')],
          ...['-PIXELSCALE_TYPE', 'MANUAL', '-PIXEL_SCALE', String(grid.scaleArcsec)],
          ...['-IMAGE_SIZE', `${grid.nx},${grid.ny}`, '-NTHREADS', String(THREADS)],
          ...['-VERBOSE_TYPE', 'QUIET', '-WRITE_XML', 'N'],
        ]),
      );
  }
  tell(`warp, Lanczos-3, ${WARPED} frames of ${WIDTH} x ${HEIGHT}`, costs, program ? 'SWarp' : undefined);
  if (!program) return;
  const name = path.basename(some[0].path, '.fit');
  const difference = await differenceOf(
    path.join(ours, `${name}.fit`),
    path.join(theirs, `${name}.resamp.fits`),
  );
  console.log(`  first frame, where both have a value: they differ by ${difference.toExponential(1)} rms`);
}

async function besideSiril(frames: readonly PeerFrame[]): Promise<void> {
  const target = path.join(base, 'stack.fit');
  const program = installed('siril-cli') ?? installed('siril');
  const script = path.join(base, 'stack.ssf');
  writeFileSync(
    script,
    [
      'requires 1.0.0',
      `setcpu ${THREADS}`,
      `cd ${base}`,
      'stack f_ rej w 3 3 -nonorm -out=siril',
      'close',
      '',
    ].join('\n'),
  );
  const costs = { ours: [] as Cost[], theirs: [] as Cost[] };
  for (let turn = 0; turn < TURNS; turn++) {
    costs.ours.push(await ownCost((opening) => stackFrames(opening, frames, target)));
    if (program) costs.theirs.push(cost(program, ['-s', script]));
  }
  tell(`winsorised stack, ${STACKED} frames of ${WIDTH} x ${HEIGHT}`, costs, program ? 'Siril' : undefined);
  if (!program) return;
  const difference = await differenceOf(target, path.join(base, 'siril.fit'));
  console.log(`  they differ by ${difference.toExponential(1)} rms`);
}

function tell(what: string, { ours, theirs }: { ours: Cost[]; theirs: Cost[] }, peer?: string): void {
  const own = lowest(ours);
  console.log(`${what}\n  ZeMosaic ${own.cpu.toFixed(2)} CPU-s, ${own.wall.toFixed(2)} s wall`);
  if (!peer) {
    console.log('  its peer is not installed: nothing to compare with');
    return;
  }
  const other = lowest(theirs);
  console.log(
    `  ${peer} ${other.cpu.toFixed(2)} CPU-s, ${other.wall.toFixed(2)} s wall: ` +
      `${(other.cpu / own.cpu).toFixed(1)} times the CPU time, ${(other.wall / own.wall).toFixed(1)} times the wall time`,
  );
}

function lowest(costs: readonly Cost[]): Cost {
  return { cpu: Math.min(...costs.map(({ cpu }) => cpu)), wall: Math.min(...costs.map(({ wall }) => wall)) };
}

/** Of the work, with the start and the end of its threads; what needs none of them goes on meanwhile, as in a run. */
async function ownCost(work: (opening: Promise<ComputeBackend>) => Promise<void>): Promise<Cost> {
  const [from, start] = [process.cpuUsage(), performance.now()];
  const opening = createWasmBackend({ threads: THREADS });
  await work(opening);
  await (await opening).close();
  const { user, system } = process.cpuUsage(from);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1000 };
}

/** Path of a program, or undefined. */
function installed(name: string): string | undefined {
  return spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim() || undefined;
}

/** Of a process and all its children, as the shell counts them. Throws with the end of its output when it fails. */
function cost(program: string, args: readonly string[]): Cost {
  const log = path.join(base, 'peer.log');
  const start = performance.now();
  const shell = spawnSync(
    'bash',
    ['-c', `"$@" >'${log}' 2>&1; code=$?; times; exit $code`, '-', program, ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, HOME: base },
      cwd: base,
    },
  );
  if (shell.status !== 0)
    throw new Error(`${program} ended with ${shell.status}:\n${readFileSync(log, 'utf8').slice(-1000)}`);
  const children = shell.stdout
    .trim()
    .split('\n')[1]
    .match(/(\d+)m([\d.]+)s/g)!;
  const seconds = children.map((text) => {
    const [, minutes, rest] = /(\d+)m([\d.]+)s/.exec(text)!;
    return 60 * Number(minutes) + Number(rest);
  });
  return { cpu: seconds[0] + seconds[1], wall: (performance.now() - start) / 1000 };
}

// Frames that go, shrink or are replaced while a run is going: the mosaic is that of the others, to the bit, and the report says so.
import { readFileSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import type { RunEvent } from '../../src/report/events.js';
import type { RunReport } from '../../src/report/run-report.js';
import { damageLights, writeCalibration } from '../helpers/damaged-session.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, readPlane, run as runOn, type RunOptions } from './support.js';

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const at = (name: string) => path.join(input(), name);
let names: string[];
/** Indices of the cells, as reports tell them. */
let cellsOfAll: string[];

beforeAll(async () => {
  const options = { panels: [1, 1] as [number, number], subs: 6, size: [128, 160] as [number, number] };
  await makeSmallSession(path.join(shared(), 'session'), { ...options, extras: false });
  names = (await readdir(path.join(shared(), 'session'))).filter((n) => n.endsWith('.fit')).sort();
  await cp(path.join(shared(), 'session'), path.join(shared(), 'fewer'), { recursive: true });
  await rm(path.join(shared(), 'fewer', names[0]));
  const { report } = await run({
    ...argv(''),
    input_dir: path.join(shared(), 'fewer'),
    output_dir: withoutFirst(),
  });
  cellsOfAll = report.backends!.map(({ cells }) => cells);
});

beforeEach(() => cp(path.join(shared(), 'session'), input(), { recursive: true, preserveTimestamps: true }));

type Argv = Partial<Record<ConfigKey, string | boolean>>;

const run = (of: Argv, options: RunOptions = {}) =>
  runOn(of, { backend: () => createWasmBackend(), ...options });

/** Several cells, so that there is something between the first and the last. */
const argv = (out: string, extra: Argv = {}): Argv => ({
  input_dir: input(),
  output_dir: path.join(folder(), out),
  runtime_temp_dir: path.join(folder(), 'tmp'),
  cell_size_px: '64',
  warp_kernel: 'bilinear',
  ...extra,
});

/** Does `act` at the first event that `is` says. */
function once(is: (event: RunEvent) => boolean, act: () => void): (event: RunEvent) => void {
  let isDone = false;
  return (event) => {
    if (isDone || !is(event)) return;
    isDone = true;
    act();
  };
}

const cellsDone = (count: number) => (event: RunEvent) =>
  event.type === 'phase-progress' && event.phase === 'assembly' && event.done === count;
const begins = (phase: string) => (event: RunEvent) =>
  event.type === 'phase-started' && event.phase === phase;

const rejected = ({ inputs }: RunReport) =>
  inputs.rejected.map(({ path: p, reason }) => [path.basename(p), reason.code]);

const PRODUCTS = ['run-report.json', 'zemosaic_preview.png', 'zemosaic_science.fits'];

async function expectSameMosaic(out: string, other: string): Promise<void> {
  for (const hdu of ['PRIMARY', 'COVERAGE'])
    for (const plane of hdu === 'PRIMARY' ? [0, 1, 2] : [0]) {
      const [a, b] = await Promise.all(
        [out, other].map((of) => readPlane(path.join(of, 'zemosaic_science.fits'), plane, hdu)),
      );
      expect(Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer))).toBe(true);
    }
}

/** The mosaic without the first frame. */
const withoutFirst = () => path.join(shared(), 'without');

describe('a frame that is lost while the run is going', () => {
  it.each([
    ['deleted before its defects are learnt', begins('output_grid'), () => unlinkSync(at(names[0])), 'gone'],
    ['deleted before the first cell', begins('assembly'), () => unlinkSync(at(names[0])), 'gone'],
    ['cut short between two cells', cellsDone(1), () => truncateSync(at(names[0]), 30_000), 'changed'],
    [
      'replaced by another of its size, which reads as well',
      cellsDone(1),
      () => {
        writeFileSync(at(names[0]), readFileSync(at(names[1])));
        utimesSync(at(names[0]), new Date(), new Date());
      },
      'changed',
    ],
  ])('%s', async (_, when, act, reason) => {
    const { report } = await run(argv('out'), { onEvent: once(when, act) });
    expect(report.inputs).toMatchObject({ total: 6, used: 5 });
    expect(rejected(report)).toEqual([[names[0], `frames_reject_${reason}`]]);
    expect(report.warnings).toEqual([{ code: 'pipeline_frames_lost', params: { count: 1 } }]);
    expect(report.inputs.measured).toHaveLength(5);
    // each cell once, though some were computed twice
    expect(report.backends!.map(({ cells }) => cells)).toEqual(cellsOfAll);
    expect(await filesBelow(path.join(folder(), 'out'))).toEqual(PRODUCTS);
    await expectSameMosaic(path.join(folder(), 'out'), withoutFirst());
  });

  it('deleted while others are measured: it is left out at once', async () => {
    const { report } = await run(argv('out'), {
      onEvent: once(begins('ingest'), () => unlinkSync(at(names[0]))),
    });
    expect(rejected(report)).toEqual([[names[0], 'fits_cannot_open']]);
    expect(report.warnings).toEqual([]);
    await expectSameMosaic(path.join(folder(), 'out'), withoutFirst());
  });

  it('beside one that is compressed, whose copy is made anew', async () => {
    writeFileSync(at(`${names[2]}.gz`), gzipSync(readFileSync(at(names[2]))));
    unlinkSync(at(names[2]));
    const { report } = await run(argv('out'), {
      onEvent: once(begins('assembly'), () => unlinkSync(at(names[0]))),
    });
    expect(rejected(report)).toEqual([[names[0], 'frames_reject_gone']]);
    expect(await filesBelow(path.join(folder(), 'out'))).toEqual(PRODUCTS);
  });

  it('with all others: the run ends with what could not be read, and goes on when they are back', async () => {
    const ended = run(argv('out'), {
      onEvent: once(cellsDone(2), () => names.forEach((name) => truncateSync(at(name), 30_000))),
    });
    await expect(ended).rejects.toMatchObject({
      code: expect.stringMatching(/fits_(data_truncated|read_beyond_end)/),
    });
    await cp(path.join(shared(), 'session'), input(), { recursive: true, preserveTimestamps: true });
    const { report } = await run(argv('out'));
    expect(report.inputs).toMatchObject({ total: 6, used: 6 });
    expect(report.resumed?.frames).toBe(6);
    expect(report.resumed?.cells).toBeGreaterThan(0);
  });

  it('with a dark: frames are measured again under the master of the others; with all darks: the run ends', async () => {
    await damageLights(input(), at('lights'));
    await writeCalibration(at('darks'), [128, 160], { kind: 'Dark', count: 3, exposureS: 10 });
    const darks = (await readdir(at('darks'))).map((name) => at(`darks/${name}`));
    const extra = { input_dir: at('lights'), calibration_darks: at('darks') };
    const losing = (lost: readonly string[], out: string) =>
      run(argv(out, extra), { onEvent: once(begins('assembly'), () => lost.forEach((p) => unlinkSync(p))) });
    const light = at(`lights/${names[0]}`);
    const { report } = await losing([light, darks[0]], 'out');
    expect(report.warnings.map(({ code }) => code)).toEqual(['pipeline_frames_lost', 'calibration_lost']);
    await run(argv('anew', extra));
    await expectSameMosaic(path.join(folder(), 'out'), path.join(folder(), 'anew'));
    await expect(losing([at(`lights/${names[1]}`), darks[1], darks[2]], 'none')).rejects.toMatchObject({
      code: 'fits_cannot_open',
    });
  });

  it('of a mosaic that grows: frames that it holds stay in it, those to be added are left out', async () => {
    const held = names.slice(0, 4);
    for (const name of names.slice(4)) unlinkSync(at(name));
    const extra = { incremental: true };
    await run(argv('out', extra));
    await cp(path.join(shared(), 'session'), input(), { recursive: true, preserveTimestamps: true });
    const { report } = await run(argv('out', extra), {
      onEvent: once(begins('assembly'), () => [held[0], names[4]].map((name) => unlinkSync(at(name)))),
    });
    expect(report.inputs).toMatchObject({ total: 6, used: 5 });
    expect(rejected(report)).toEqual([[names[4], 'frames_reject_gone']]);
  });
});

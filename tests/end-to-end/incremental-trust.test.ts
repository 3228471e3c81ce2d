// What an incremental run keeps can be trusted: nothing that was measured otherwise, no state that its mosaic does not have, no say for newcomers.
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { writeCalibration } from '../helpers/damaged-session.js';
import { setCard } from '../helpers/set-card.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run, type RunOptions } from './support.js';

const shared = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(shared(), ...parts);
const mosaic = (dir: string) => path.join(at(dir), 'zemosaic_science.fits');
const SIZE = [128, 160] as const;
const HELD = 4;
let names: string[];

function add(
  input: string,
  output: string,
  settings: Partial<Record<ConfigKey, string | boolean>> = {},
  options: RunOptions = {},
) {
  return run(
    {
      input_dir: at(input),
      output_dir: at(output),
      runtime_temp_dir: at('tmp'),
      incremental: true,
      ...settings,
    },
    { backend: () => createWasmBackend(), ...options },
  );
}

async function put(folder: string, files: readonly string[]): Promise<void> {
  await mkdir(at(folder), { recursive: true });
  for (const name of files) await cp(at('session', name), at(folder, name), { preserveTimestamps: true });
}

/** A copy of the mosaic of the first frames, to add to. */
const copy = (to: string) => cp(at('begun'), at(to), { recursive: true, preserveTimestamps: true });

/** Whether the first plane of a mosaic is this one; a list of differing pixels would help nobody. */
async function sameBytes(dir: string, { data }: { data: Float32Array }): Promise<boolean> {
  const { data: own } = await readPlane(mosaic(dir), 0);
  return Buffer.from(own.buffer).equals(Buffer.from(data.buffer));
}

/** A run that is stopped at an event. */
async function stopped(
  input: string,
  output: string,
  isTime: (event: Parameters<NonNullable<RunOptions['onEvent']>>[0]) => boolean,
  settings: Partial<Record<ConfigKey, string | boolean>> = {},
): Promise<void> {
  const stop = new AbortController();
  const onEvent: RunOptions['onEvent'] = (event) => {
    if (isTime(event)) stop.abort(new Error('stopped by the test'));
  };
  await expect(add(input, output, settings, { signal: stop.signal, onEvent })).rejects.toThrow();
}

beforeAll(async () => {
  await makeSmallSession(at('session'), { panels: [1, 1], subs: 6, size: SIZE, extras: false });
  names = (await readdir(at('session'))).filter((name) => name.endsWith('.fit')).sort();
  expect(names).toHaveLength(6);
  await put('first', names.slice(0, HELD));
  await put('later', names.slice(HELD));
  await add('first', 'begun');
}, 120_000);

describe('what a stopped run had measured', () => {
  it('is not taken for what another calibration would have shown', async () => {
    // a bias, and another with the glow of ten seconds
    await writeCalibration(at('bias'), SIZE, { kind: 'Bias', count: 3, exposureS: 0 });
    const cards = { IMAGETYP: 'Bias' };
    await writeCalibration(at('other'), SIZE, { kind: 'Dark', count: 3, exposureS: 10, cards });
    const setting = { calibration_bias: at('bias') };
    await stopped(
      'first',
      'again',
      (event) => event.type === 'phase-started' && event.phase === 'assembly',
      setting,
    );
    // the same path, other frames
    await rename(at('bias'), at('old_bias'));
    await rename(at('other'), at('bias'));
    const { report } = await add('first', 'again', setting);
    await add('first', 'fresh', setting);
    expect(report.inputs.used).toBe(HELD);
    expect(await sameBytes('again', await readPlane(mosaic('fresh'), 0))).toBe(true);
  }, 120_000);
});

describe('a run that ends between its products', () => {
  it('has told of the mosaic that stands', async () => {
    await copy('cut');
    await stopped('later', 'cut', (event) => event.type === 'output-written' && event.kind === 'science');
    const { report } = await add('later', 'cut');
    expect(report.notices.map(({ code }) => code)).toContain('pipeline_incremental_nothing');
    expect(report.inputs).toMatchObject({ used: 6, total: 6 });
  }, 120_000);

  it('killed before the new mosaic took its place, the one before goes on with its own state', async () => {
    await copy('killed');
    await add('later', 'killed');
    const whole = await readPlane(mosaic('killed'), 0);
    await cp(mosaic('begun'), mosaic('killed'), { preserveTimestamps: true });
    const { report } = await add('later', 'killed');
    expect(report.inputs).toMatchObject({ used: 6, total: 6 });
    expect(await sameBytes('killed', whole)).toBe(true);
  }, 120_000);
});

describe('frames of a mosaic', () => {
  it('decide what fits, however many others come; a stray one is refused and not the run', async () => {
    await copy('decided');
    await put('strangers', names);
    for (const name of names) {
      await rename(at('strangers', name), at('strangers', `x${name}`));
      await setCard(at('strangers', `x${name}`), 'FILTER', "'Ha'");
    }
    await put('strangers', names.slice(HELD));
    // three quarters of the sky away
    await setCard(at('strangers', names[HELD]), 'CRVAL1', '12.5');
    await put('strangers', names.slice(0, HELD));
    const { report } = await add('strangers', 'decided');
    const reasons = report.inputs.rejected.map(({ path: file, reason }) => [
      path.basename(file),
      reason.code,
    ]);
    expect(Object.fromEntries(reasons)).toEqual({
      ...Object.fromEntries(names.map((name) => [`x${name}`, 'frames_reject_filter'])),
      [names[HELD]]: 'frames_reject_wcs_outlier',
    });
    expect(report.inputs).toMatchObject({ used: HELD + 1, total: 12 });
  }, 120_000);

  it('cannot be left out: the error says so before anything is computed', async () => {
    await copy('excluded');
    await writeFile(at('exclude.txt'), `${names[1]}\n`);
    await expect(add('first', 'excluded', { exclude_frames_file: at('exclude.txt') })).rejects.toMatchObject({
      code: 'pipeline_incremental_excluded',
      params: { path: at('first', names[1]), count: 1 },
    });
  }, 120_000);

  it('are known again in a folder that was moved, and not counted twice', async () => {
    await copy('moved');
    await put('elsewhere', names);
    const { report } = await add('elsewhere', 'moved');
    expect(report.inputs).toMatchObject({ used: 6, total: 6 });
    const told = report.notices.find(({ code }) => code === 'pipeline_incremental_adding')!;
    // and their pixels are read where they lie now
    expect(told.params).toMatchObject({ held: HELD, added: 2, adds: 0 });
    const again = await add('elsewhere', 'moved');
    expect(again.report.notices.map(({ code }) => code)).toContain('pipeline_incremental_nothing');
  }, 120_000);

  it('keep every bit where compression would cost some', async () => {
    const { report } = await add('first', 'small', { output_compression: 'rice' });
    expect(report.inputs.used).toBe(HELD);
    const bytes = await readFile(mosaic('small'), 'latin1');
    expect(bytes).toContain('GZIP_2');
    expect(bytes).not.toContain('RICE_1');
  }, 120_000);
});

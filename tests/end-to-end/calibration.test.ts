// Calibration against the truth: a session spoilt by dark current, vignetting and dust gives, calibrated, the mosaic of the session that was not.
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { damageLights, sensorFaults, writeCalibration } from '../helpers/damaged-session.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { unevenness } from './compare-on-sky.js';
import { makeSmallSession, readPlane, run, SMALL } from './support.js';

const folder = temporaryFolderForFile();
const at = (name: string) => path.join(folder(), name);
const size = [SMALL.size![0], SMALL.size![1]] as const;
const backend = () => createWasmBackend();

const runOn = (lights: string, out: string, settings: Parameters<typeof run>[0] = {}) =>
  run(
    {
      input_dir: at(lights),
      output_dir: at(out),
      runtime_temp_dir: at('tmp'),
      force_resolve_existing_wcs: false,
      // few cells tell the slope that all frames have in common: less than calibration is judged by
      sky_gradient: 'keep',
      ...settings,
    },
    { backend },
  );

const unevennessOf = (out: string) => unevenness(at(out), at('clean'));

const codes = (messages: readonly { code: string }[]) => messages.map(({ code }) => code);

beforeAll(async () => {
  await makeSmallSession(at('session'), { extras: false });
  await damageLights(at('session'), at('damaged'));
  await writeCalibration(at('darks'), size, { kind: 'Dark', count: 9, exposureS: 10 });
  await writeCalibration(at('long_darks'), size, { kind: 'Dark', count: 9, exposureS: 30 });
  await writeCalibration(at('bias'), size, { kind: 'Bias', count: 9, exposureS: 0 });
  await writeCalibration(at('flats'), size, { kind: 'Flat', count: 9, exposureS: 2 });
  await writeCalibration(at('dark_flats'), size, { kind: 'Dark Flat', count: 9, exposureS: 2 });
  await runOn('session', 'clean');
  await runOn('damaged', 'spoilt');
}, 120_000);

describe('a damaged session', () => {
  it('is uneven without calibration', async () => {
    for (const { rms, most } of await unevennessOf('spoilt')) {
      expect(rms).toBeGreaterThan(12);
      expect(most).toBeGreaterThan(40);
    }
  });

  it.each([
    [
      'darks of the exposure and flats with dark flats',
      { calibration_darks: 'darks', calibration_dark_flats: 'dark_flats' },
    ],
    ['longer darks, scaled by the bias', { calibration_darks: 'long_darks', calibration_bias: 'bias' }],
  ])('is as even as the undamaged one with %s', async (name, settings) => {
    const out = `out_${Object.values(settings)[0]}`;
    const given = Object.fromEntries(Object.entries(settings).map(([key, dir]) => [key, at(dir)]));
    const { report } = await runOn('damaged', out, { ...given, calibration_flats: at('flats') });
    const summary = report.notices.find(({ code }) => code === 'calibration_summary')!.params;
    expect(summary).toMatchObject({ lights: 8, darks: 8, flats: 8, scaled: name.includes('scaled') ? 8 : 0 });
    for (const { rms, most } of await unevennessOf(out)) {
      // a bias leaves the dark signal of the flats' own exposure in them; the most is of the column that one frame alone shows, by its edge
      expect(rms).toBeLessThan(name.includes('dark flats') ? 2 : 3);
      expect(most).toBeLessThan(name.includes('dark flats') ? 7 : 9);
    }
    // the masters are gone with the run
    expect((await readdir(at(out))).sort()).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
  });
});

describe('masters', () => {
  it('are kept with the temporary files, and serve another run as they are', async () => {
    const settings = {
      calibration_darks: at('darks'),
      calibration_bias: at('bias'),
      calibration_flats: at('flats'),
    };
    await runOn('damaged', 'kept', { ...settings, cleanup_temp_artifacts: false });
    const work = path.join(
      at('kept'),
      (await readdir(at('kept'))).find((n) => n.startsWith('mosaic_first_'))!,
    );
    const files = (await readdir(work)).filter((n) => n.startsWith('zemosaic_master_')).sort();
    expect(files).toEqual([
      'zemosaic_master_bias_0.fits',
      'zemosaic_master_dark_1.fits',
      'zemosaic_master_flat_2.fits',
    ]);
    const dark = await readPlane(path.join(work, files[1]), 0);
    const { dark: signal } = sensorFaults(size[0], size[1]);
    const errors = dark.data.map((v, i) => v - 480 - signal[i]);
    const rms = Math.sqrt(errors.reduce((s, v) => s + v * v, 0) / errors.length);
    // nine frames of noise 12 whose cosmic rays are gone
    expect(rms).toBeLessThan(4.6);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(60);
    const { report } = await runOn('damaged', 'again', {
      calibration_darks: path.join(work, files[1]),
      calibration_flats: path.join(work, files[2]),
      // taken off the flat when it was made, and not again
      calibration_bias: at('bias'),
    });
    expect(codes(report.notices)).toContain('calibration_flat_no_darker');
    // a master flat is set to its own mean again, which rounding has moved
    for (const { rms, most } of await unevenness(at('kept'), at('again')))
      expect([rms < 0.1, most < 0.3]).toEqual([true, true]);
  });
});

describe('calibration frames that do not fit', () => {
  it.each([
    ['another size', 'calibration_darks', [160, 120], {}, 'size'],
    ['another camera', 'calibration_darks', size, { INSTRUME: 'Seestar S30' }, 'camera'],
    ['another gain', 'calibration_darks', size, { GAIN: 120 }, 'gain'],
    ['a colder sensor', 'calibration_darks', size, { 'CCD-TEMP': 5 }, 'temperature'],
    ['another exposure without a bias', 'calibration_darks', size, { EXPTIME: 30 }, 'exposure'],
    ['another binning', 'calibration_darks', size, { XBINNING: 2 }, 'binning'],
    ['another pattern', 'calibration_flats', size, { BAYERPAT: 'RGGB', IMAGETYP: 'Flat' }, 'pattern'],
    ['another filter', 'calibration_flats', size, { FILTER: 'LP', IMAGETYP: 'Flat' }, 'filter'],
  ] as const)('%s stops the run with the reason', async (_name, key, shape, cards, difference) => {
    const dir = at(`unfit_${difference}`);
    await writeCalibration(dir, shape, { kind: 'Dark', count: 1, exposureS: 10, cards });
    const failure = await runOn('damaged', `out_unfit_${difference}`, { [key]: dir }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'calibration_path_unfit', params: { path: dir, difference } });
  });

  it('an empty folder, and one of other frames, stop the run', async () => {
    await writeCalibration(at('really_flats'), size, { kind: 'Flat', count: 1, exposureS: 1 });
    const failure = await runOn('damaged', 'out_kind', { calibration_darks: at('really_flats') }).catch(
      (e: unknown) => e,
    );
    expect(failure).toMatchObject({ code: 'calibration_path_empty', params: { kind: 'dark' } });
  });

  it('of a file that cannot be one it is said why', async () => {
    await writeCalibration(at('some_good'), size, { kind: 'Dark', count: 1, exposureS: 10 });
    const text = path.join(at('some_good'), 'text.fits');
    await writeFile(text, 'no FITS at all');
    const { report } = await runOn('damaged', 'out_some', { calibration_darks: at('some_good') });
    expect(report.warnings).toContainEqual({
      code: 'calibration_unreadable',
      params: { path: text, kind: 'dark' },
      because: { code: 'fits_not_fits', params: { file: text } },
    });
  });

  it('a folder of lights, which say so, is no folder of darks', async () => {
    await expect(runOn('damaged', 'out_lights', { calibration_darks: at('damaged') })).rejects.toMatchObject({
      code: 'calibration_path_empty',
      params: { kind: 'dark' },
    });
  });

  it('those that fit are used and the others named', async () => {
    await writeCalibration(at('mixed'), size, { kind: 'Dark', count: 5, exposureS: 10 });
    await writeCalibration(path.join(at('mixed'), 'other'), size, { kind: 'Dark', count: 3, exposureS: 60 });
    const { report } = await runOn('damaged', 'out_mixed', { calibration_darks: at('mixed') });
    expect(report.notices).toContainEqual({
      code: 'calibration_frames_unused',
      params: { kind: 'dark', count: 3 },
    });
  });
});

describe('calibration frames beside the lights', () => {
  it('are no lights and wait to be asked for; then they serve', async () => {
    await damageLights(at('session'), at('together'));
    const plain = { kind: 'Dark', count: 5, exposureS: 10 } as const;
    await writeCalibration(path.join(at('together'), 'darks'), size, { ...plain, cards: { IMAGETYP: '' } });
    await writeCalibration(path.join(at('together'), 'calib'), size, {
      kind: 'Flat',
      count: 5,
      exposureS: 2,
    });
    await writeCalibration(path.join(at('together'), 'calib'), size, {
      kind: 'Bias',
      count: 5,
      exposureS: 0,
    });
    const unasked = await runOn('together', 'out_unasked');
    expect(unasked.report.inputs).toMatchObject({ used: 8, total: 23 });
    expect(unasked.report.notices).toContainEqual({
      code: 'calibration_input_unused',
      params: { count: 15 },
    });
    const asked = await runOn('together', 'out_asked', { calibration_from_input: true });
    expect(asked.report.inputs.used).toBe(8);
    expect(codes(asked.report.notices)).toContain('calibration_summary');
    for (const { rms } of await unevennessOf('out_asked')) expect(rms).toBeLessThan(3);
  });
});

// Frames added to a mosaic: the mosaic of all, from what was kept; refused where it would be something else.
import { appendFile, cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { compareOnSky } from './compare-on-sky.js';
import { makeSmallSession, readPlane, run, type RunOptions } from './support.js';

const shared = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(shared(), ...parts);
const mosaic = (dir: string) => path.join(dir, 'zemosaic_science.fits');

/** The mosaic of the first frames, with what adding to it needs. */
const begun = () => at('begun');

function add(
  input: string,
  output: string,
  extra: Partial<Record<ConfigKey, string | boolean>> = {},
  options: RunOptions = {},
) {
  const config = { input_dir: input, output_dir: output, runtime_temp_dir: at('tmp'), incremental: true };
  return run({ ...config, ...extra }, options);
}

/** One frame of each panel in turn. */
let names: string[];
const FIRST = 6;
const CROPPED = { global_wcs_autocrop_enabled: true, global_wcs_autocrop_shape: 'inner' } as const;
const RADIAL = { apply_radial_weight: true, radial_feather_fraction: '0.7' } as const;

async function put(folder: string, frames: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of frames) {
    await cp(at('session', name), path.join(folder, path.basename(name)), { preserveTimestamps: true });
  }
}

/** A copy of the first mosaic, to add to. */
async function copy(name: string): Promise<string> {
  await cp(begun(), at(name), { recursive: true, preserveTimestamps: true });
  return at(name);
}

beforeAll(async () => {
  const truth = await makeSmallSession(at('session'), {
    panels: [2, 1],
    subs: 5,
    size: [192, 192],
    extras: false,
  });
  const ofPanel = (p: number) => truth.frames.flatMap(({ file, panel }) => (panel === p ? [file] : []));
  const right = ofPanel(1);
  names = ofPanel(0).flatMap((file, i) => [file, right[i]]);
  await put(at('lights'), names.slice(0, FIRST));
  await add(at('lights'), begun());
  const config = { input_dir: at('session'), output_dir: at('whole'), runtime_temp_dir: at('tmp') };
  await run(config);
}, 240_000);

describe('a mosaic that frames are added to', () => {
  it('stays as it is where there are none', async () => {
    const before = await readFile(mosaic(begun()));
    const { report } = await add(at('lights'), begun());
    expect(report.inputs).toMatchObject({ used: FIRST, total: FIRST });
    expect(report.notices.map(({ code }) => code)).toContain('pipeline_incremental_nothing');
    expect(before.equals(await readFile(mosaic(begun())))).toBe(true);
  }, 240_000);

  it('is not added to with other settings, which are named', async () => {
    await expect(add(at('lights'), begun(), { stacking_kappa_low: '2.5' })).rejects.toMatchObject({
      code: 'pipeline_incremental_settings',
      params: { keys: 'stacking_kappa_low' },
    });
  }, 240_000);

  it('knows a frame whose file has changed, and one that was only touched', async () => {
    const file = path.join(at('lights'), path.basename(names[2]));
    const { atime, mtime } = await stat(file);
    await utimes(file, atime, new Date(mtime.getTime() + 5000));
    const bytes = await readFile(file);
    try {
      const { report } = await add(at('lights'), begun());
      expect(report.notices.map(({ code }) => code)).toContain('pipeline_incremental_nothing');
      const changed = Buffer.from(bytes);
      changed[changed.length - 2880] ^= 1;
      await writeFile(file, changed);
      await expect(add(at('lights'), begun())).rejects.toMatchObject({
        code: 'pipeline_incremental_frame',
        params: { path: file },
      });
    } finally {
      await writeFile(file, bytes);
      await utimes(file, atime, mtime);
    }
  }, 240_000);

  it('is not taken for another image, where its frames are gone', async () => {
    const output = await copy('replaced');
    await appendFile(mosaic(output), Buffer.alloc(2880));
    await put(at('new'), names.slice(FIRST));
    await expect(add(at('new'), output)).rejects.toMatchObject({
      code: 'pipeline_incremental_mosaic',
      params: { missing: FIRST },
    });
  }, 240_000);

  it.each([
    ['from a folder of their own, without the files of the others', 'new', ['adds', 'stays']],
    ['in the same folder, cells of few frames anew', 'lights', ['anew', 'stays']],
  ])(
    'agrees with a run over all frames: %s',
    async (_, folder, kinds) => {
      const output = await copy(`grown_${folder}`);
      await put(at(folder), names.slice(FIRST));
      const { report } = await add(at(folder), output);
      expect(report.inputs).toMatchObject({ used: 10, total: 10 });
      const told = report.notices.find(({ code }) => code === 'pipeline_incremental_adding')!;
      expect(told.params).toMatchObject({ held: FIRST, added: 10 - FIRST });
      for (const kind of ['adds', 'anew']) {
        expect((told.params[kind] as number) > 0).toBe(kinds.includes(kind));
      }
      const { squares, typical, high } = await compareOnSky(mosaic(output), mosaic(at('whole')));
      expect(squares).toBeGreaterThan(900);
      // of means over 64 pixels, in units of the noise of one
      expect(typical).toBeLessThan(0.5);
      expect(high).toBeLessThan(2);
    },
    240_000,
  );

  it.each([
    [
      'cropped, cleaned and of half the scale as it grows',
      [
        { global_wcs_scale_factor: '0.5' },
        { global_wcs_scale_factor: '0.5', ...CROPPED },
        {
          global_wcs_scale_factor: '0.5',
          ...CROPPED,
          altaz_cleanup_enabled: true,
          altaz_unknown_policy: 'on',
        },
      ],
      150,
    ],
    ['of weights that fall', [RADIAL, RADIAL, RADIAL], 900],
  ] as const)(
    'in three steps, the files of the earlier ones gone, agrees with one at once: %s',
    async (name, settings, least) => {
      const output = at('steps', name);
      const wasm = { backend: () => createWasmBackend() };
      for (const [step, [first, last]] of [
        [0, 4],
        [4, 7],
        [7, 10],
      ].entries()) {
        const input = at('steps', `${name} ${step}`);
        await put(input, names.slice(first, last));
        const { report } = await add(input, output, settings[step], wasm);
        expect(report.inputs.used).toBe(last);
        const kept = (await readdir(path.join(output, 'zemosaic_incremental'))).filter((f) => /^sum/.test(f));
        expect(kept).toHaveLength(1);
      }
      // without the sum, what is lacking is named, and nothing is added to what was made of it
      const without = at('steps', `${name} without`);
      await cp(output, without, { recursive: true, preserveTimestamps: true });
      const [sum] = (await readdir(path.join(without, 'zemosaic_incremental'))).filter((f) => /^sum/.test(f));
      const sumPath = path.join(without, 'zemosaic_incremental', sum);
      await rm(sumPath);
      const more = add(at('steps', `${name} 2`), without, settings[2], wasm);
      await expect(more).rejects.toMatchObject({
        code: 'pipeline_incremental_mosaic',
        params: { path: sumPath, missing: 7 },
      });
      const whole = {
        input_dir: at('session'),
        output_dir: at('steps', `${name} whole`),
        runtime_temp_dir: at('tmp'),
      };
      await run({ ...whole, ...settings[2] }, wasm);
      const { squares, typical, high } = await compareOnSky(mosaic(output), mosaic(whole.output_dir));
      expect(squares).toBeGreaterThan(least);
      expect(typical).toBeLessThan(0.5);
      // the first mean, of two frames a panel, has let pass what a stack of all rejects
      expect(high).toBeLessThan(5);
      const sigma = async (dir: string) => {
        const { data } = await readPlane(mosaic(dir), 1, 'UNCERTAINTY');
        return data.filter((v) => v > 0).sort()[data.filter((v) => v > 0).length >> 1];
      };
      expect((await sigma(output)) / (await sigma(whole.output_dir))).toBeCloseTo(1, 1);
    },
    240_000,
  );
});

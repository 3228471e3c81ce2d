// What is fixed in frames and not on the sky: copies of one exposure, hot pixels without stars, the defects of a sensor. None of it makes a mosaic or stays in one.
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import type { ConfigKey } from '../../src/config/table.js';
import type { SessionTruth } from '../../src/demo/session-truth.js';
import { medianOf } from '../../src/photometry/mesh-repair.js';
import { openFits } from '../../src/fits/open-fits.js';
import { rewriteLights } from '../helpers/damaged-session.js';
import { seededNormal, seededRandom } from '../helpers/kernel-runs.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(folder(), ...parts);
const [NX, NY] = [160, 160];
/** Plane of each site of the demo camera. */
const GRBG = [1, 0, 2, 1];

const runOn = (lights: string, out: string, extra: Partial<Record<ConfigKey, string | boolean>> = {}) =>
  run(
    { input_dir: at(lights), output_dir: at(out), runtime_temp_dir: at('tmp'), ...extra },
    { backend: () => createWasmBackend() },
  );

let truth: SessionTruth;
let names: string[];

beforeAll(async () => {
  const options = { panels: [1, 1], subs: 18, size: [NX, NY], extras: false } as const;
  truth = await makeSmallSession(at('lights'), options);
  names = (await readdir(at('lights'))).filter((name) => name.endsWith('.fit')).sort();
}, 120_000);

it('copies of an exposure under other names count once, and are named', async () => {
  await mkdir(at('copies'));
  for (const name of names.slice(0, 3)) await cp(at('lights', name), at('copies', name));
  for (const k of [1, 2, 3]) await cp(at('lights', names[0]), at('copies', `z_copy_${k}.fit`));
  const { report } = await runOn('copies', 'out_copies');
  expect(report.inputs).toMatchObject({ used: 3, total: 6 });
  for (const { path: file, reason } of report.inputs.rejected) {
    expect(path.basename(file)).toMatch(/^z_copy_/);
    expect(reason).toEqual({ code: 'frames_reject_twin', params: { other: names[0] } });
  }
  const { data } = await readPlane(at('out_copies', 'zemosaic_science.fits'), 0, 'COVERAGE');
  expect(Math.max(...data)).toBe(3);
}, 120_000);

it('hot pixels that line up perfectly are no stars: frames without any are refused, one by one', async () => {
  const random = seededRandom(5);
  const hot = Array.from({ length: 60 }, () => [Math.floor(NX * NY * random()), 4000 + 20_000 * random()]);
  await rewriteLights(at('lights'), at('pattern'), (raw, _nx, _ny, index) => {
    const normal = seededNormal(50 + index);
    const flat = raw.map(() => 1000 + 12 * normal());
    for (const [pixel, light] of hot) flat[pixel] += light;
    return flat;
  });
  const solving = { force_resolve_existing_wcs: true };
  await expect(runOn('pattern', 'out_pattern', solving)).rejects.toMatchObject({
    code: 'pipeline_no_usable_frames',
  });
  const { default: report } = (await import(at('out_pattern', 'run-report.json'), {
    with: { type: 'json' },
  })) as { default: { inputs: { rejected: { reason: { code: string } }[] } } };
  expect(report.inputs.rejected).toHaveLength(names.length);
  for (const { reason } of report.inputs.rejected) expect(reason.code).toMatch(/^solve_/);
}, 120_000);

describe('the defects of a sensor', () => {
  /** Pairs of warm pixels of one colour, which the cosmetic step by noise alone takes for stars. */
  const defects = Array.from({ length: 24 }, (_, k) => [
    20 + 20 * (k % 6) + (k % 2),
    22 + 30 * Math.floor(k / 6) + (k % 2),
  ]);
  /** Light of a defect, in noises of the frame. */
  const WARM = 6;

  /** Typical light above the clean mosaic, in a defect's own colour, where those of all frames have fallen. */
  async function left(out: string): Promise<number> {
    const science = at(out, 'zemosaic_science.fits');
    const fits = await openFits(science);
    const wcs = parseWcs(fits.hdus[0].header);
    await fits.close();
    const planesOf = (dir: string) =>
      Promise.all([0, 1, 2].map((plane) => readPlane(at(dir, 'zemosaic_science.fits'), plane)));
    const [spoilt, clean] = [await planesOf(out), await planesOf('out_clean')];
    expect([spoilt[0].nx, spoilt[0].ny]).toEqual([clean[0].nx, clean[0].ny]);
    const steps: number[] = [];
    for (const frame of truth.frames) {
      const own = makeTanWcs(frame.wcs);
      for (const [x, y] of defects) {
        const [px, py] = wcs.skyToPixel(...own.pixelToSky(x + 1, y + 1)!)!;
        const k = (Math.round(py) - 1) * clean[0].nx + Math.round(px) - 1;
        const plane = GRBG[2 * (y & 1) + (x & 1)];
        const step = spoilt[plane].data[k] - clean[plane].data[k];
        if (Number.isFinite(step)) steps.push(step);
      }
    }
    expect(steps.length).toBeGreaterThan(0.8 * truth.frames.length * defects.length);
    return medianOf(steps);
  }

  it('are learnt by a run from dithered lights, counted, and gone from its mosaic', async () => {
    await rewriteLights(at('lights'), at('defects'), (raw) => {
      const warm = raw.slice();
      // of samples of one colour beside each other
      const noise = (1.4826 / Math.SQRT2) * medianOf(raw.subarray(2).map((v, k) => Math.abs(v - raw[k])));
      for (const [x, y] of defects) for (const dx of [0, 2]) warm[y * NX + x + dx] += WARM * noise;
      return warm;
    });
    const rejection = { stacking_rejection_algorithm: 'none' };
    await runOn('lights', 'out_clean', { ...rejection, learn_bad_pixels: false });
    await runOn('defects', 'out_kept', { ...rejection, learn_bad_pixels: false });
    const { report } = await runOn('defects', 'out_learnt', rejection);
    const notice = report.notices.find(({ code }) => code === 'calibration_defects_learnt')!;
    const counted = Number(notice.params.count);
    expect(counted).toBeGreaterThan(0.9 * 2 * defects.length);
    expect(counted).toBeLessThan(1.5 * 2 * defects.length);
    const [kept, learnt] = [await left('out_kept'), await left('out_learnt')];
    expect(kept).toBeGreaterThan(2);
    expect(Math.abs(learnt)).toBeLessThan(0.15 * kept);
  }, 240_000);
});

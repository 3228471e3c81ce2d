// Every mode gives the mosaic that mosaic-first gives, but for what rejection sees of it.
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import type { SessionTruth } from '../../src/demo/session-truth.js';
import type { RunEvent } from '../../src/report/events.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, readPlane, run } from './support.js';

const shared = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(shared(), ...parts);
type Argv = Partial<Record<ConfigKey, string | boolean>>;

let truth: SessionTruth;

async function made(output: string, extra: Argv = {}) {
  const { report } = await run({
    input_dir: at('session'),
    output_dir: at(output),
    runtime_temp_dir: at('tmp'),
    ...extra,
  });
  const groups = report.notices.find(({ code }) => code === 'pipeline_groups')?.params;
  return { groups, science: path.join(at(output), 'zemosaic_science.fits'), aesthetic: report.aesthetic };
}

/** How a mosaic differs from that of mosaic-first, pixel by pixel, in units of its noise. */
async function difference(science: string) {
  const whole = path.join(at('whole'), 'zemosaic_science.fits');
  const maps = await Promise.all(
    [science, whole].flatMap((file) => [
      readPlane(file, 1),
      readPlane(file, 1, 'UNCERTAINTY'),
      readPlane(file, 0, 'COVERAGE'),
    ]),
  );
  const [mean, sigma, count, wholeMean, wholeSigma, wholeCount] = maps.map(({ data }) => data);
  const sizes: number[] = [];
  let [noise, counts, blanks] = [0, 0, 0];
  for (let k = 0; k < mean.length; k++) {
    if (Number.isNaN(mean[k]) !== Number.isNaN(wholeMean[k])) blanks++;
    if (Number.isNaN(mean[k]) || Number.isNaN(wholeMean[k])) continue;
    sizes.push(Math.abs(mean[k] - wholeMean[k]) / wholeSigma[k]);
    noise += sigma[k] / wholeSigma[k];
    counts += count[k] / wholeCount[k];
  }
  const pixels = sizes.length;
  sizes.sort((a, b) => a - b);
  const [typical, far] = [0.68, 0.99].map((share) => sizes[Math.floor(share * pixels)]);
  return { typical, far, noise: noise / pixels, counts: counts / pixels, blanks };
}

beforeAll(async () => {
  truth = await makeSmallSession(at('session'), { panels: [2, 1], subs: 6, size: [128, 128], extras: false });
  await made('whole');
}, 240_000);

describe.each<[string, Argv, Record<string, unknown>]>([
  [
    'classic, a stack of each panel',
    { assembly_mode: 'classic' },
    { mode: 'classic', groups: 2, least: 6, most: 6 },
  ],
  [
    'classic, in batches that overlap',
    { assembly_mode: 'classic', max_raw_per_master_tile: '3', batch_overlap_pct: '50' },
    { mode: 'classic', groups: 4, least: 3, most: 4 },
  ],
  [
    'SDS',
    { sds_mode_default: true, sds_target_batch_size: '5' },
    { mode: 'sds', groups: 2, least: 5, most: 7 },
  ],
])('%s', (name, argv, groups) => {
  it('is mosaic-first within the noise, and counts every frame once', async () => {
    const result = await made(name.replaceAll(/\W/g, '_'), argv);
    expect(result.groups).toMatchObject(groups);
    const { typical, far, noise, counts, blanks } = await difference(result.science);
    // but for few pixels, which rejection of fewer frames decides otherwise
    expect(typical).toBeLessThan(0.1);
    expect(far).toBeLessThan(2);
    expect(Math.abs(noise - 1)).toBeLessThan(0.02);
    // twice counted, the frames of two batches would make a sixth; shares of frames are rounded to counts
    expect(Math.abs(counts - 1)).toBeLessThan(0.08);
    expect(blanks).toBe(0);
  }, 240_000);
});

it('weights that fall towards the edges make a noisier mosaic of the same sky, and none where their floor is 1', async () => {
  const radial = { apply_radial_weight: true };
  const level = await difference((await made('level', { ...radial, min_radial_weight_floor: '1' })).science);
  expect(level.far).toBeLessThan(1e-3);
  expect(Math.abs(level.noise - 1)).toBeLessThan(1e-4);
  const falling = await difference((await made('falling', radial)).science);
  // half as far from the middle as the frame is wide, a weight is 0.14: between frames that lie apart the mean is another
  expect(falling.typical).toBeGreaterThan(0.02);
  expect(falling.typical).toBeLessThan(0.5);
  expect(falling.noise).toBeGreaterThan(1.005);
  expect(falling.noise).toBeLessThan(1.3);
  expect(falling.blanks).toBe(0);
}, 240_000);

it('stacks of alt-azimuth panels go over into each other where borders are cleaned, and stay what they are elsewhere', async () => {
  const altaz = { assembly_mode: 'classic', altaz_cleanup_enabled: true, altaz_unknown_policy: 'on' };
  const files = [await made('hard', { ...altaz, altaz_margin_percent: '0' }), await made('faded', altaz)];
  const [hard, faded] = await Promise.all(
    files.map(async ({ science }) => ({
      mean: (await readPlane(science, 1)).data,
      sigma: (await readPlane(science, 1, 'UNCERTAINTY')).data,
    })),
  );
  let [same, other, quieter] = [0, 0, 0];
  hard.mean.forEach((value, k) => {
    if (Object.is(value, faded.mean[k])) same++;
    else other++;
    // leaving out by weight what is good can only make it noisier; less light has fewer photons
    if (faded.mean[k] >= value && faded.sigma[k] < 0.9999 * hard.sigma[k]) quieter++;
  });
  expect(other).toBeGreaterThan(100);
  expect(same).toBeGreaterThan(2 * other);
  expect(quieter).toBe(0);
}, 240_000);

it('stacks are blended for the eye where that is asked for: the same sky, and no file of them is left', async () => {
  const { science, aesthetic } = await made('blended', {
    assembly_mode: 'classic',
    export_aesthetic_fits: true,
    aesthetic_multiband_enabled: true,
    aesthetic_multiband_width_px: '30',
    patchwork_suppressor_enabled: false,
    final_mosaic_dbe_enabled: false,
    final_mosaic_rgb_equalize_enabled: false,
    final_mosaic_black_point_equalize_enabled: false,
    aesthetic_hole_fill_enabled: false,
  });
  expect(aesthetic?.blend).toEqual({ stacks: 2, width_px: 32 });
  const [plain, blended, sigma] = await Promise.all([
    readPlane(science, 1),
    readPlane(science.replace('_science', '_aesthetic'), 1),
    readPlane(science, 1, 'UNCERTAINTY'),
  ]);
  let [same, known, blanks, far] = [0, 0, 0, 0];
  plain.data.forEach((v, k) => {
    const difference = Math.abs(v - blended.data[k]) / sigma.data[k];
    if (Number.isNaN(v) !== Number.isNaN(blended.data[k])) blanks++;
    if (Number.isNaN(v)) return;
    known++;
    if (difference < 0.5) same++;
    if (difference > 8) far++;
  });
  expect(blanks).toBe(0);
  expect(same).toBeGreaterThan(0.6 * known);
  expect(same).toBeLessThan(0.999 * known);
  expect(far).toBeLessThan(0.002 * known);
  expect((await filesBelow(at('blended'))).filter((file) => /tile|\.dat/.test(file))).toEqual([]);
}, 240_000);

it('grid: a stack plan in the folder tells the groups', async () => {
  await cp(at('session'), at('planned'), { recursive: true });
  const rows = truth.frames.map(({ file, panel }) => `${path.basename(file)},${panel}`);
  await writeFile(
    at('planned', 'stack_plan.csv'),
    ['filename,batch_id', ...rows.slice(1), 'gone.fit,0'].join('\n'),
  );
  const result = await made('grid', { input_dir: at('planned') });
  expect(result.groups).toMatchObject({ mode: 'grid', groups: 3, least: 1, most: 6 });
  // a stack of one frame rejects nothing
  const { typical, noise, counts, blanks } = await difference(result.science);
  expect(typical).toBeLessThan(0.1);
  expect(Math.abs(noise - 1)).toBeLessThan(0.02);
  expect(Math.abs(counts - 1)).toBeLessThan(0.08);
  expect(blanks).toBe(0);
}, 240_000);

it('grid is refused where there is no plan', async () => {
  await expect(made('none', { assembly_mode: 'grid' })).rejects.toMatchObject({
    code: 'pipeline_stack_plan_missing',
  });
}, 240_000);

it('grid: a plan that cannot be read is refused before any frame is looked at', async () => {
  await cp(at('session'), at('broken'), { recursive: true });
  await writeFile(at('broken', 'stack_plan.csv'), 'exposure,batch_id\n10,1\n');
  const config = { input_dir: at('broken'), output_dir: at('never'), runtime_temp_dir: at('tmp') };
  const phases: string[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type === 'phase-started') phases.push(event.phase);
  };
  await expect(run(config, { onEvent })).rejects.toMatchObject({ code: 'pipeline_stack_plan_columns' });
  expect(phases).not.toContain('ingest');
}, 240_000);

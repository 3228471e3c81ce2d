// Every rule of the configuration through the program of a cell: its kernel, its own numbers, its buffers; and trails where they are asked for.
import { expect, it } from 'vitest';
import type { Handle, Op } from '../../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../../src/cpu-fallback/reference-backend.js';
import type { FramePlace } from '../../../../src/pipeline/integrate/programs/radial-program.js';
import {
  guards,
  stackProgram,
  stackResult,
  type StackSettings,
} from '../../../../src/pipeline/integrate/programs/stack-program.js';
import { stackSettings } from '../../../../src/pipeline/planning/mosaic-plan.js';
import { configOf } from '../../../end-to-end/support.js';
import { cellBlocks, translation } from '../../../helpers/kernel-runs.js';

type Argv = Parameters<typeof configOf>[0];

const settingsOf = (argv: Argv): StackSettings =>
  stackSettings(configOf({ input_dir: '.', output_dir: './out', few_frames_guard: false, ...argv }));

/** The stack of frames `[slots][pixels]` of one plane; a slot to spare comes first where a guard runs. */
async function stackOf(
  frames: readonly Float32Array[],
  width: number,
  settings: StackSettings,
  places?: readonly FramePlace[],
) {
  const backend = createReferenceBackend();
  const [slots, pixels] = [frames.length, frames[0].length];
  const spare = guards(settings) ? 1 : 0;
  const data = new Float32Array((slots + spare) * pixels).fill(BLANK_VALUE);
  frames.forEach((frame, slot) => data.set(frame, (slot + spare) * pixels));
  const cube: Handle = { label: 'cube', element: 'f32', length: data.length };
  const ones = new Float32Array(slots).fill(1);
  const shape = { width, height: pixels / width, planes: 1, slots };
  const ops: Op[] = [
    { op: 'alloc', handle: cube },
    { op: 'upload', handle: cube, data },
    ...stackProgram(cube, shape, { weights: ones, inverseVariances: ones, places }, settings),
  ];
  const { reads } = await backend.submit({ label: 'stack', ops });
  expect(backend.resident().handles).toBe(0);
  return stackResult(reads, settings);
}

/** Ten samples about 1000 whose scatter is 3, and what is planted. */
const samples = (...planted: number[]) =>
  [...[1003, 996, 1001, 999, 1005, 994, 1000, 1002, 998, 1000], ...planted].map((v) => Float32Array.of(v));

it.each<[string, Argv, number[], number, number]>([
  ['none', {}, [1900, 100], 0, 0],
  ['kappa_sigma', { stacking_kappa_high: '2.5' }, [1900], 0, 1],
  ['winsorized_sigma_clip', {}, [1900, 100], 1, 1],
  ['linear_fit_clip', { stacking_kappa_high: '2.5', stacking_kappa_low: '5' }, [1900], 0, 1],
  ['mad_clip', {}, [1900, 1800, 100], 1, 2],
  ['esd', {}, [1900, 1800, 100], 1, 2],
  ['esd', { stacking_esd_outliers: '0.1' }, [1900, 1800, 100], 0, 0],
  ['esd', { stacking_esd_significance: '1e-9' }, [1015], 0, 0],
  ['percentile_clip', {}, [1099, 1101, 801, 799], 1, 1],
  [
    'percentile_clip',
    { stacking_percentile_low: '0.3', stacking_percentile_high: '0.01' },
    [1099, 799],
    0,
    1,
  ],
  ['min_max', {}, [], 1, 1],
  ['min_max', { stacking_min_max_low: '3', stacking_min_max_high: '2' }, [], 3, 2],
])('%s %o of %o', async (rule, argv, planted, low, high) => {
  const settings = settingsOf({ stacking_rejection_algorithm: rule, ...argv });
  const { used, rejected } = await stackOf(samples(...planted), 1, settings);
  expect(rejected).toEqual({ low, high });
  expect(used[0]).toBe(10 + planted.length - low - high);
});

it('takes a faint trail out with its rims where asked for, and nothing where levels do not match', async () => {
  const [width, height] = [48, 20];
  const kappa = { stacking_rejection_algorithm: 'kappa_sigma' };
  const frames = [0, 1, 2, 3, 4].map((f) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const y = Math.floor(i / width);
      // Below 3 sigma each, so that no clip sees it.
      return f === 2 && y === 10 ? 102.8 : 100;
    }),
  );
  const trails = settingsOf({ ...kappa, large_scale_rejection: true, large_scale_growth_px: '2' });
  const found = await stackOf(frames, width, { ...trails, mapsRejected: true });
  expect(found.rejected.high).toBe(5 * width);
  expect(found.rejectedMaps!.high.reduce((a, b) => a + b, 0)).toBe(5 * width);
  expect((await stackOf(frames, width, trails)).rejected).toEqual(found.rejected);
  expect(found.mean.every((v) => v === 100)).toBe(true);
  const without = await stackOf(frames, width, settingsOf(kappa));
  expect(without.mean[10 * width + 20]).toBeCloseTo(100.56, 4);
  expect(settingsOf({ large_scale_rejection: true, stacking_normalize_method: 'none' }).trailReach).toBe(0);
});

it('lets weights fall towards the edges of the frames, of the samples that the rule and the guard leave', async () => {
  // two pixels; the first frame shows them at its middle and at 40 of 50 px from there, the others all at 30
  const [nx, ny] = [61, 81];
  const middle = translation(30, 40);
  const place = (x: number) => ({ nx, ny, map: cellBlocks(2, 1, (i, j) => [middle(x * i, j)[0], 40]) });
  const aside = { nx, ny, map: cellBlocks(2, 1, () => [0, 40]) };
  const places = [place(24), ...Array.from({ length: 11 }, () => aside)];
  const frames = [1010, 1000, 1001, 999, 1000, 1001, 999, 1000, 1001, 999, 1000, 1900].map((v) =>
    Float32Array.of(v, v),
  );
  const half = Math.hypot(nx, ny) / 2;
  const weight = (distance: number) =>
    Math.max(0.1, Math.cos((Math.PI / 2) * Math.min(1, distance / half / 0.9)) ** 3);
  const argv = {
    ...{ apply_radial_weight: true, radial_feather_fraction: '0.9' },
    ...{ radial_shape_power: '3', min_radial_weight_floor: '0.1' },
    ...{ stacking_rejection_algorithm: 'mad_clip', stacking_kappa_high: '20' },
  };
  for (const few_frames_guard of [false, true]) {
    const settings = { ...settingsOf({ ...argv, few_frames_guard }), mapsRejected: true };
    const result = await stackOf(frames, 2, settings, places);
    for (const [pixel, distance] of [0, 24].entries()) {
      const weights = [weight(distance), ...new Array<number>(10).fill(weight(30))];
      const sum = weights.reduce((a, w) => a + w, 0);
      const mean = weights.reduce((a, w, k) => a + w * frames[k][pixel], 0) / sum;
      expect(result.mean[pixel]).toBeCloseTo(mean, 2);
      expect(result.weight[pixel]).toBeCloseTo(sum ** 2 / weights.reduce((a, w) => a + w * w, 0), 3);
      expect([result.used[pixel], result.rejectedMaps!.high[pixel]]).toEqual([11, 1]);
    }
  }
  // a median has no weights
  expect(settingsOf({ ...argv, stacking_final_combine_method: 'median' }).radial).toBeUndefined();
});

it('judges pairs by the seeing of the sharpest and the softest frame', () => {
  const settings = stackSettings(configOf({ input_dir: '.', output_dir: './out' }), {
    guardSlope: 3,
    pairSlope: 7,
  });
  const cube: Handle = { label: 'cube', element: 'f32', length: 12 };
  const shape = { width: 2, height: 2, planes: 1, slots: 2 };
  const ones = Float32Array.of(1, 1);
  const program = stackProgram(cube, shape, { weights: ones, inverseVariances: ones }, settings);
  const slopes = program.flatMap((op) =>
    op.op === 'kernel' && op.stem === 'guard-few' ? [[op.params.slope, op.params.pairSlope]] : [],
  );
  expect(slopes).toEqual([
    [3, 7],
    [3, 7],
  ]);
});

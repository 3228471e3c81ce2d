// Every rule of the configuration through the program of a cell: its kernel, its own numbers, its buffers; and trails where they are asked for.
import { expect, it } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import {
  stackProgram,
  stackResult,
  type StackSettings,
} from '../../../src/pipeline/integrate/stack-program.js';
import { stackSettings } from '../../../src/pipeline/planning/mosaic-plan.js';
import { configOf } from '../../end-to-end/support.js';

type Argv = Parameters<typeof configOf>[0];

const settingsOf = (argv: Argv): StackSettings =>
  stackSettings(configOf({ input_dir: '.', output_dir: './out', few_frames_guard: false, ...argv }));

/** The stack of frames `[slots][pixels]` of one plane; a slot to spare comes first where a guard runs. */
async function stackOf(frames: readonly Float32Array[], width: number, settings: StackSettings) {
  const backend = createReferenceBackend();
  const [slots, pixels] = [frames.length, frames[0].length];
  const spare = settings.trailReach > 0 ? 1 : 0;
  const data = new Float32Array((slots + spare) * pixels).fill(BLANK_VALUE);
  frames.forEach((frame, slot) => data.set(frame, (slot + spare) * pixels));
  const cube: Handle = { label: 'cube', element: 'f32', length: data.length };
  const ones = new Float32Array(slots).fill(1);
  const shape = { width, height: pixels / width, planes: 1, slots };
  const ops: Op[] = [
    { op: 'alloc', handle: cube },
    { op: 'upload', handle: cube, data },
    ...stackProgram(cube, shape, { weights: ones, inverseVariances: ones }, settings),
  ];
  const { reads } = await backend.submit({ label: 'stack', ops });
  expect(backend.resident().handles).toBe(0);
  return stackResult(reads);
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
  const { used, rejectedLow, rejectedHigh } = await stackOf(samples(...planted), 1, settings);
  expect([rejectedLow[0], rejectedHigh[0]]).toEqual([low, high]);
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
  const found = await stackOf(frames, width, trails);
  expect(found.rejectedHigh.reduce((a, b) => a + b, 0)).toBe(5 * width);
  expect(found.mean.every((v) => v === 100)).toBe(true);
  const without = await stackOf(frames, width, settingsOf(kappa));
  expect(without.mean[10 * width + 20]).toBeCloseTo(100.56, 4);
  expect(settingsOf({ large_scale_rejection: true, stacking_normalize_method: 'none' }).trailReach).toBe(0);
});

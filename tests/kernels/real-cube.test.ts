// Ten real, aligned frames stacked by other programs (numpy 1.24, astropy 5.2.1), against the stacks of every backend.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { forEachBackend } from '../helpers/backends.js';
import { describeWithShared, sharedDir } from '../helpers/shared-data.js';
import { stackOf, type StackStem } from './checks/stack.js';

const [SLOTS, SIDE] = [10, 160];
const PIXELS = SIDE * SIDE;

async function planesOf(name: string, hdu = 0, planes = 1): Promise<Float32Array> {
  const file = path.join(sharedDir ?? '', 'data/D_reproject/stack_share_m94s1', `${name}.fits.gz`);
  const fits = await openFits(memorySource(file, gunzipSync(readFileSync(file))));
  const all = new Float32Array(planes * PIXELS);
  for (let plane = 0; plane < planes; plane++) {
    const window = { x0: 0, y0: 0, width: SIDE, height: SIDE, plane };
    all.set(await readWindow(fits, fits.hdus[hdu], window), plane * PIXELS);
  }
  return all;
}

/** astropy divides by n, the stacks here by n - 1: the same limit for the first look at ten samples, a wider one afterwards. */
const kappa = (k: number) => ({ kappaLow: k * Math.sqrt(0.9), kappaHigh: k * Math.sqrt(0.9) });

/**
 * Pixels, of 25600, that keep other samples. 903 is what n - 1 in numpy makes of two sigma again and again. The oracle of the MAD was made with five rounds,
 * of which astropy did one: it gives what is clipped to the function `mad_std` as NaN.
 */
const CASES: readonly [oracle: string, stem: StackStem, settings: Record<string, number>, others: number][] =
  [
    ['stack_mean', 'stack-mean', {}, 0],
    ['stack_median', 'stack-median', {}, 0],
    ['stack_minmax1_mean', 'stack-min-max', { dropLow: 1, dropHigh: 1 }, 0],
    ['stack_sigclip3_median_std_it5', 'stack-kappa-sigma', { ...kappa(3), maxIterations: 5 }, 0],
    ['stack_sigclip2_median_std_conv', 'stack-kappa-sigma', { ...kappa(2), maxIterations: 50 }, 903],
    ['stack_sigclip3_median_madstd_it5', 'stack-mad', { kappaLow: 3, kappaHigh: 3, maxIterations: 1 }, 0],
  ];

describeWithShared('stacks of ten real frames', () => {
  let cube: Float32Array;
  beforeAll(async () => {
    cube = await planesOf('cube', 0, SLOTS);
  });

  forEachBackend((backend) => {
    it.each(CASES)('%s: %s', async (oracle, stem, settings, others) => {
      const theirs = await planesOf(oracle);
      const shape = { pixels: PIXELS, planes: 1 };
      const ours = await stackOf(backend(), stem, cube, new Float32Array(SLOTS).fill(1), shape, settings);
      let found = 0;
      for (let i = 0; i < PIXELS; i++) if (!(Math.abs(ours.mean[i] - theirs[i]) <= 2e-4)) found++;
      expect(found).toBe(others);
    });
  });
});

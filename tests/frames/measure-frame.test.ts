import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { openFits } from '../../src/fits/open-fits.js';
import { scanFile } from '../../src/frames/frame-record.js';
import { measureFrame, type MeasureOptions } from '../../src/frames/measure-frame.js';
import { seededNormal } from '../helpers/kernel-runs.js';
import { describeWithShared, sharedDir } from '../helpers/shared-data.js';
import { fitsBytes, type Cards } from './fits-bytes.js';

async function measure(bytes: Uint8Array, options?: MeasureOptions) {
  const source = () => memorySource('a.fits', bytes);
  const found = await scanFile(
    { path: 'a.fits', relative: 'a.fits', bytes: bytes.length, modifiedMs: 0 },
    source(),
  );
  if (found.kind !== 'light') throw new Error(found.reason.code);
  const file = await openFits(source());
  return measureFrame(file, found.record, options);
}

function noisy(axes: readonly number[], cards: Cards, value: (index: number) => number) {
  const normal = seededNormal(1);
  return measure(fitsBytes(axes, cards, (i) => Math.round(value(i) + 10 * normal())));
}

describe('measureFrame', () => {
  it('measures a CFA frame in physical units', async () => {
    const levels = [1000, 1200, 900, 1000];
    const cards = { BZERO: 32768, BSCALE: 1, BAYERPAT: 'GRBG' };
    const result = await noisy(
      [200, 150],
      cards,
      (i) => levels[(Math.floor(i / 200) & 1) * 2 + (i & 1)] - 32768,
    );
    if ('reason' in result) throw new Error(result.reason.code);
    const { background, saturatedFraction, validFraction } = result.measure;
    expect(background.level.map((v) => Math.round(v / 2) * 2)).toEqual([1200, 1000, 900]);
    for (const noise of background.noise) expect(Math.abs(noise - 10)).toBeLessThan(0.5);
    expect([saturatedFraction, validFraction]).toEqual([0, 1]);
    // plain data: goes between threads
    expect(structuredClone(result)).toEqual(result);
  });

  it('measures each plane of an RGB cube, and scaled integers in their unit', async () => {
    const result = await noisy(
      [128, 128, 3],
      { BSCALE: 0.5, BZERO: 10 },
      (i) => 100 * (1 + Math.floor(i / 128 ** 2)),
    );
    if ('reason' in result) throw new Error(result.reason.code);
    result.measure.background.level.forEach((v, c) =>
      expect(Math.abs(v - (10 + 50 * (1 + c)))).toBeLessThan(0.3),
    );
    for (const noise of result.measure.background.noise) expect(Math.abs(noise - 5)).toBeLessThan(0.25);
  });

  it('measures a frame by bands as it does one read whole, whose samples it hands on', async () => {
    const normal = seededNormal(2);
    const bytes = fitsBytes([128, 150, 3], {}, () => Math.round(500 + 10 * normal()));
    const whole = await measure(bytes);
    const banded = await measure(bytes, { wholeUpToBytes: 1000 });
    if ('reason' in whole || 'reason' in banded) throw new Error('refused');
    expect(banded.measure).toEqual(whole.measure);
    expect(banded.pixels).toBeUndefined();
    expect(whole.pixels?.map(({ length }) => length)).toEqual([128 * 150, 128 * 150, 128 * 150]);
  });

  it.each([{ wholeUpToBytes: undefined }, { wholeUpToBytes: 1000 }])(
    'takes floats beyond all levels for none, as it does those that are no numbers: %o',
    async (options) => {
      const withHoles = (hole: number) => {
        const normal = seededNormal(4);
        const sample = (i: number) => (i % 50 < 3 ? hole : 500 + 10 * normal());
        return measure(fitsBytes([128, 150], { BITPIX: -32 }, sample), options);
      };
      const expected = await withHoles(NaN);
      expect('measure' in expected && expected.measure.validFraction).toBeCloseTo(0.94, 3);
      for (const hole of [3e38, -3e38, 1.01e15]) expect(await withHoles(hole)).toEqual(expected);
    },
  );

  it('counts saturated samples also where the camera stops a step short of the type', async () => {
    const result = await noisy(
      [128, 128],
      { BZERO: 32768, BSCALE: 1 },
      (i) => (i % 100 === 0 ? 65500 : 1000) - 32768,
    );
    expect('measure' in result && result.measure.saturatedFraction).toBeCloseTo(0.01, 3);
  });

  it.each<[string, Cards, (i: number) => number]>([
    ['frames_reject_constant', {}, () => 7],
    ['frames_reject_empty', { BLANK: -1 }, (i) => (i === 5 ? 3 : -1)],
    ['frames_reject_saturated', {}, (i) => (i % 4 === 0 ? 100 + (i % 7) : 32767)],
    ['frames_reject_no_noise', {}, (i) => (i === 5 ? 100 : 0)],
  ])('refuses a frame without a picture: %s', async (code, cards, value) => {
    expect(await measure(fitsBytes([128, 128], cards, value))).toMatchObject({ reason: { code } });
  });

  it.each<[string, Cards, number, number | undefined]>([
    ['unsigned', { BZERO: 32768 }, 120, 30],
    ['of a colour sensor', { BAYERPAT: 'GRBG' }, 119.5, 30],
    // black rows of a sensor, or half of one by chance
    ['of a colour sensor, to a whole row', { BAYERPAT: 'GRBG' }, 120, undefined],
    ['of a colour sensor, nearly to a whole row', { BAYERPAT: 'GRBG' }, 119.95, undefined],
    ['whose zeros are blanks', { BZERO: 32768, BLANK: 0 }, 120, undefined],
    // a registered frame has a border of zeros
    ['signed, of one plane', {}, 119.5, undefined],
  ])('tells a copy that was never finished, %s', async (_, cards, filled, rows) => {
    const normal = seededNormal(3);
    const value = () => Math.round(1000 + 10 * normal()) - (cards.BZERO === undefined ? 0 : 32768);
    const result = await measure(fitsBytes([200, 150], cards, (i) => (i < 200 * filled ? value() : 0)));
    const reason = rows && { code: 'frames_reject_cut_off', params: { rows } };
    expect('reason' in result ? result.reason : undefined).toEqual(reason);
  });
});

describeWithShared('measureFrame on real data', () => {
  it('agrees with SEP on the image of its own test', async () => {
    const bytes = await readFile(path.join(sharedDir!, 'data/A_sets/sep_detection/image.fits'));
    const result = await measure(bytes);
    if ('reason' in result) throw new Error(result.reason.code);
    // SEP 1.x, cells of 64: globalback 6852.05, globalrms 65.46
    expect(Math.abs(result.measure.background.level[0] - 6852.05)).toBeLessThan(5);
    expect(Math.abs(result.measure.background.noise[0] - 65.46)).toBeLessThan(2);
  });

  it('finds the sky of a Seestar frame', async () => {
    const name = 'Light_NGC_7023_10.0s_IRCUT_20240730-224436.fit.gz';
    const bytes = gunzipSync(await readFile(path.join(sharedDir!, 'data/A_sets/seestar_ngc7023', name)));
    const result = await measure(bytes);
    if ('reason' in result) throw new Error(result.reason.code);
    const { level, noise } = result.measure.background;
    // data/README.md: sky level 761 ADU over all colours
    expect((level[0] + 2 * level[1] + level[2]) / 4).toBeGreaterThan(740);
    expect((level[0] + 2 * level[1] + level[2]) / 4).toBeLessThan(785);
    expect(noise.every((v) => v > 55 && v < 85)).toBe(true);
  });
});

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { scanFile } from '../../src/frames/frame-record.js';
import { listFiles } from '../../src/frames/list-files.js';
import { describeWithShared, sharedDir } from '../helpers/shared-data.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { fitsBytes, tanCards, writeFits, type Cards } from './fits-bytes.js';

const folder = temporaryFolder();

function scan(axes: readonly number[], cards: Cards = {}) {
  const file = { path: '/x/a.fits', relative: 'a.fits', bytes: 1, modifiedMs: 0 };
  return scanFile(file, memorySource('a.fits', fitsBytes(axes, cards)));
}

describe('scanFile', () => {
  it('records what the header of a Seestar frame says', async () => {
    const found = await scan([64, 96], {
      BZERO: 32768,
      BSCALE: 1,
      BAYERPAT: 'GRBG',
      EXPTIME: 10,
      GAIN: 80,
      FILTER: 'IRCUT',
      FOCALLEN: 250,
      XPIXSZ: 2.9,
      'CCD-TEMP': 25.5,
      ...tanCards(315.4, 68.1, 2.39, 64, 96),
    });
    if (found.kind !== 'light') throw new Error(found.reason.code);
    expect(found.record).toMatchObject({
      width: 64,
      height: 96,
      planes: 1,
      sensor: { kind: 'cfa', pattern: 'GRBG' },
      saturation: 65535,
      exposureS: 10,
      gain: 80,
      filter: 'IRCUT',
      cameraTemperatureC: 25.5,
      readableByWindows: true,
    });
    expect(found.record.wcs!.centre.raDeg).toBeCloseTo(315.4, 9);
    expect(found.record.wcs!.centre.decDeg).toBeCloseTo(68.1, 9);
    expect(found.record.pixelScaleArcsec).toBeCloseTo(2.39, 6);
    expect(found.record.wcs!.corners).toHaveLength(4);
    // plain data: survives a trip through JSON
    expect(JSON.parse(JSON.stringify(found.record)).wcs.centre).toEqual(found.record.wcs!.centre);
  });

  it('takes the scale from optics when there is no WCS, and says that there is none', async () => {
    const found = await scan([64, 64], { FOCALLEN: 250, XPIXSZ: 2.9 });
    expect(found).toMatchObject({ kind: 'light', record: { wcsProblem: { code: 'frames_reject_no_wcs' } } });
    expect(found.kind === 'light' && found.record.pixelScaleArcsec).toBeCloseTo(2.3927, 4);
  });

  it.each<[string, number[], Cards, string]>([
    ['a scale of 0', [64, 64], { ...tanCards(10, 10, 2, 64, 64), CD1_1: 0, CD2_2: 0 }, 'wcs_matrix_singular'],
    ['a scale of half a degree', [64, 64], tanCards(10, 10, 1800, 64, 64), 'frames_reject_wcs_scale'],
    ['a scale of a milliarcsecond', [64, 64], tanCards(10, 10, 0.001, 64, 64), 'frames_reject_wcs_scale'],
    [
      'a projection that does not exist',
      [64, 64],
      { ...tanCards(10, 10, 2, 64, 64), CTYPE1: 'RA---XYZ', CTYPE2: 'DEC--XYZ' },
      'wcs_projection_unknown',
    ],
    [
      'galactic axes',
      [64, 64],
      { ...tanCards(10, 10, 2, 64, 64), CTYPE1: 'GLON-TAN', CTYPE2: 'GLAT-TAN' },
      'frames_reject_wcs_frame',
    ],
    [
      'a reference pixel far outside',
      [64, 64],
      { ...tanCards(10, 10, 150, 64, 64), CRPIX1: 1e5 },
      'frames_reject_wcs_distorted',
    ],
  ])('does not believe a WCS with %s', async (_, axes, cards, code) => {
    const found = await scan(axes, cards);
    if (found.kind !== 'light') throw new Error(found.reason.code);
    expect(found.record.wcs).toBeUndefined();
    expect(found.record.wcsProblem!.code).toBe(code);
  });

  it.each<[number[], Cards, string]>([
    [[], {}, 'frames_reject_no_image'],
    [[100], {}, 'frames_reject_no_image'],
    [[20, 64], {}, 'frames_reject_too_small'],
    [[3, 64, 64], {}, 'frames_reject_interleaved'],
    [[64, 64, 7], {}, 'frames_reject_planes'],
    [[64, 64, 3, 2], {}, 'frames_reject_axes'],
    [[64, 64], { IMAGETYP: 'Dark' }, 'frames_reject_calibration'],
  ])('refuses axes %o with %o: %s', async (axes, cards, code) => {
    expect(await scan(axes, cards)).toMatchObject({ reason: { code } });
  });

  it.each<[string, Cards, object]>([
    [
      'a step between samples',
      { BSCALE: 1e12 },
      { key: 'BSCALE', value: '1000000000000', greatest: '3.3e+16' },
    ],
    ['a negative one', { BSCALE: -4e10 }, { key: 'BSCALE', greatest: '1.3e+15' }],
    ['a zero', { BZERO: -2e15 }, { key: 'BZERO', value: '-2000000000000000', greatest: '2.0e+15' }],
  ])('refuses %s that makes levels beyond all limits, of lights and of darks', async (_, cards, params) => {
    const reason = { code: 'frames_reject_scaling', params: { ...params, limit: '1e15' } };
    expect(await scan([64, 64], cards)).toMatchObject({ kind: 'unusable', reason });
    expect(await scan([64, 64], { ...cards, IMAGETYP: 'Dark' })).toMatchObject({
      kind: 'calibration',
      reason,
    });
  });

  it('takes what is within them', async () => {
    expect(await scan([64, 64], { BSCALE: 3e10, BZERO: 1e13 })).toMatchObject({
      kind: 'light',
      record: { bscale: 3e10 },
    });
  });

  it('takes a cube of three planes as RGB and drops axes of length 1', async () => {
    expect(await scan([64, 48, 3])).toMatchObject({
      record: { sensor: { kind: 'rgb' }, planes: 3, width: 64, height: 48 },
    });
    expect(await scan([64, 48, 1, 1])).toMatchObject({
      record: { sensor: { kind: 'mono' }, planes: 1, height: 48 },
    });
  });

  it('reads the headers of a gzip file without its end, and refuses what is no FITS with the reason', async () => {
    const gz = path.join(folder(), 'big.fits.gz');
    await writeFits(
      gz,
      fitsBytes([1200, 1200], { EXPTIME: 5 }, (i) => (i * 7919) % 30011),
    );
    expect(await scanFile({ path: gz, relative: 'big.fits.gz', bytes: 1, modifiedMs: 0 })).toMatchObject({
      kind: 'light',
      record: { width: 1200, exposureS: 5, readableByWindows: false },
    });
    const bad = path.join(folder(), 'bad.fits');
    await writeFits(bad, Buffer.from('not a FITS file'.padEnd(4000)));
    expect(await scanFile({ path: bad, relative: 'bad.fits', bytes: 1, modifiedMs: 0 })).toMatchObject({
      kind: 'unusable',
      reason: { code: 'fits_not_fits' },
    });
    const broken = path.join(folder(), 'broken.fits.gz');
    await writeFile(broken, Buffer.from([0x1f, 0x8b, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(
      await scanFile({ path: broken, relative: 'broken.fits.gz', bytes: 1, modifiedMs: 0 }),
    ).toMatchObject({
      kind: 'unusable',
      reason: { code: 'fits_decompress_failed', params: { format: 'gzip' } },
    });
    const cut = path.join(folder(), 'cut.fits');
    await writeFits(cut, fitsBytes([200, 200]).subarray(0, 5760));
    expect(await scanFile({ path: cut, relative: 'cut.fits', bytes: 1, modifiedMs: 0 })).toMatchObject({
      kind: 'unusable',
      reason: { code: 'fits_data_truncated' },
    });
  });
});

describeWithShared('scanFile on real frames', () => {
  it('classifies all of A_sets', async () => {
    const { files, passedOver } = await listFiles(path.join(sharedDir!, 'data/A_sets'));
    expect(passedOver).toEqual([]);
    const found = await Promise.all(files.map((file) => scanFile(file)));
    const named = (set: string) =>
      found.filter((f) => (f.kind === 'light' ? f.record : f.file).relative.startsWith(set));
    const records = (set: string) => named(set).flatMap((f) => (f.kind === 'light' ? f.record : []));
    expect(records('seestar_ngc7023').map((r) => r.wcs !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(records('seestar_m94')).toHaveLength(5);
    expect(records('seestar_m94').every((r) => r.sensor.kind === 'cfa' && r.sensor.pattern === 'GRBG')).toBe(
      true,
    );
    expect(records('m17').map((r) => r.wcs!.pixelScaleArcsec.toFixed(4))).toEqual(Array(4).fill('1.0000'));
    const micro = records('microobs');
    expect(micro).toHaveLength(8);
    expect(micro[0]).toMatchObject({
      dateObs: '2017-12-20T01:33:43.317Z',
      pixelScaleArcsec: 5.21,
      cameraTemperatureC: -2.15,
      object: 'HATP-32',
    });
    expect(micro[0].pointing!.raDeg).toBeCloseTo(31.312099, 6);
    // the WCS files of truth/ hold headers alone
    expect(named('microobs').filter((f) => f.kind === 'unusable')).toHaveLength(8);
  });
});

import { describe, expect, it } from 'vitest';
import { classify } from '../../src/frames/classify.js';
import { header, type Cards } from './fits-bytes.js';

describe('classify', () => {
  it.each<[Cards, string]>([
    [{ IMAGETYP: 'Dark Frame' }, 'dark'],
    [{ IMAGETYP: 'DARK' }, 'dark'],
    [{ IMAGETYP: 'Master Dark' }, 'dark'],
    [{ IMAGETYP: 'Flat Field' }, 'flat'],
    [{ IMAGETYP: 'Sky Flat' }, 'flat'],
    [{ IMAGETYP: 'FLAT' }, 'flat'],
    [{ IMAGETYP: 'Bias Frame' }, 'bias'],
    [{ IMAGETYP: 'zero' }, 'bias'],
    [{ FRAME: 'Flat Dark' }, 'dark_flat'],
    [{ IMAGETYP: 'DarkFlat' }, 'dark_flat'],
    [{ OBSTYPE: 'bias' }, 'bias'],
    [{ PICTTYPE: 2 }, 'dark'],
  ])('%o is a calibration frame: %s', (cards, calibration) => {
    expect(classify(header(cards), 'x.fits')).toMatchObject({
      kind: 'calibration',
      calibration,
      reason: { code: 'frames_reject_calibration', params: { kind: calibration } },
    });
  });

  it.each<[Cards, string]>([
    [{}, 'x.fits'],
    [{ IMAGETYP: 'Light Frame', SWCREATE: 'MaxIm DL Essentials 2.04' }, 'x.fits'],
    [{ IMAGETYP: 'Light', STACKCNT: 1, TOTALEXP: 10, EXPTIME: 10 }, 'Light_M 31_10.0s_IRCUT_1.fit'],
    [{ FRAME: 'FK5' }, 'x.fits'],
    [{ FRAME: 'Light' }, 'x.fits'],
    [{ NUMFRMS: 274, TYPE: 'sci' }, 'aK_asky.fits'],
    [{ PROGRAM: 'Siril 1.2.0' }, 'converted_00001.fit'],
    [{ OBJECT: 'Dark Nebula B33' }, 'x.fits'],
    [{ PICTTYPE: 1 }, 'x.fits'],
  ])('%o %s is a light frame', (cards, name) => {
    expect(classify(header(cards), name)).toMatchObject({ kind: 'light' });
  });

  it.each<[Cards, string, string]>([
    [{ STACKCNT: 30 }, 'x.fit', 'frames_reject_stacked_count'],
    [{ NCOMBINE: 12 }, 'x.fit', 'frames_reject_stacked_count'],
    [{ EXPTIME: 10, TOTALEXP: 300 }, 'x.fit', 'frames_reject_stacked_count'],
    [{ SOFTWARE: 'ZeMosaic 0.1.0' }, 'x.fit', 'frames_reject_stacked_software'],
    [{ CREATOR: 'DeepSkyStacker 5.1' }, 'x.fit', 'frames_reject_stacked_software'],
    [{}, 'Stacked_30_M 31_10.0s_IRCUT_20241012.fit', 'frames_reject_stacked_name'],
    [{}, 'DSO_Stacked_92_NGC 7023_20.0s.fit', 'frames_reject_stacked_name'],
    [{}, 'stacked-16_M 42_15s60.fits', 'frames_reject_stacked_name'],
  ])('%o %s is a stack (%s)', (cards, name, code) => {
    expect(classify(header(cards), name)).toMatchObject({ kind: 'stacked', reason: { code } });
  });
});

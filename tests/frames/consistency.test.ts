import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { consistentSet } from '../../src/frames/consistency.js';
import { scanFile, type FrameRecord } from '../../src/frames/frame-record.js';
import { fitsBytes, tanCards, type Cards } from './fits-bytes.js';

const SCALE = 30;
/** Field of a frame of 64 x 64 pixels of 30 arc seconds: 0.53 degrees, 0.75 across the diagonal. */
const FIELD = (64 * SCALE) / 3600;

let count = 0;
async function frame(
  raDeg: number,
  decDeg: number,
  cards: Cards = {},
  scale = SCALE,
  size = 64,
): Promise<FrameRecord> {
  const name = `${count++}.fits`;
  const bytes = fitsBytes([size, size], { ...tanCards(raDeg, decDeg, scale, size, size), ...cards });
  const found = await scanFile(
    { path: name, relative: name, bytes: 1, modifiedMs: 0 },
    memorySource(name, bytes),
  );
  if (found.kind !== 'light') throw new Error(found.reason.code);
  return found.record;
}

function frames(n: number, raDeg: number, decDeg: number, cards: Cards = {}): Promise<FrameRecord[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => frame(raDeg + 0.01 * i, decDeg, cards)));
}

function verdict(records: FrameRecord[]) {
  const { kept, refused } = consistentSet(records);
  expect(kept.length + refused.length).toBe(records.length);
  return {
    kept: kept.length,
    refused: refused.map(({ record, reason }) => [records.indexOf(record), reason.code]),
  };
}

describe('consistentSet: properties', () => {
  it('keeps the commonest filter, compared without case; a frame without the card goes along', async () => {
    const records = [
      ...(await frames(1, 10, 10, { FILTER: 'LP' })),
      ...(await frames(2, 10, 10, { FILTER: 'IRCUT' })),
      ...(await frames(1, 10, 10, { FILTER: 'ircut' })),
      ...(await frames(1, 10, 10)),
    ];
    expect(verdict(records)).toEqual({ kept: 4, refused: [[0, 'frames_reject_filter']] });
    expect(consistentSet(records).refused[0].reason.params).toEqual({
      value: 'LP',
      majority: 'IRCUT',
      count: 3,
      tie: 'no',
    });
  });

  it('says so where as many have the one as the other', async () => {
    const records = [
      ...(await frames(2, 10, 10, { FILTER: 'LP' })),
      ...(await frames(2, 10, 10, { FILTER: 'IRCUT' })),
    ];
    expect(consistentSet(records).refused.map(({ reason }) => reason.params)).toEqual(
      new Array(2).fill({ value: 'IRCUT', majority: 'LP', count: 2, tie: 'yes' }),
    );
  });

  it('does not mix mono with colour', async () => {
    const records = [...(await frames(3, 10, 10, { BAYERPAT: 'RGGB' })), ...(await frames(2, 10, 10))];
    expect(verdict(records)).toEqual({
      kept: 3,
      refused: [
        [3, 'frames_reject_channels'],
        [4, 'frames_reject_channels'],
      ],
    });
  });

  it('keeps other sizes of one scale, refuses another scale, lets an unknown one pass', async () => {
    const unknown: FrameRecord = { ...(await frame(10, 10)), pixelScaleArcsec: undefined, wcs: undefined };
    const records = [
      await frame(10, 10, {}, 50),
      ...(await frames(2, 10, 10)),
      await frame(10, 10, {}, SCALE, 128),
      await frame(10, 10, {}, 1.3 * SCALE),
      unknown,
    ];
    expect(verdict(records)).toEqual({ kept: 5, refused: [[0, 'frames_reject_scale']] });
  });
});

describe('consistentSet: positions', () => {
  it('drops a stray WCS, and says where it would be', async () => {
    const records = [...(await frames(8, 10, 10)), await frame(190, -40)];
    expect(verdict(records)).toEqual({ kept: 8, refused: [[8, 'frames_reject_wcs_outlier']] });
    const { params } = consistentSet(records).refused[0].reason;
    expect(params).toMatchObject({ raDeg: 190, decDeg: -40 });
    expect(params.distanceDeg).toBeGreaterThan(140);
  });

  it('keeps a mosaic of touching panels, across RA 0 too, with one panel missing', async () => {
    const step = FIELD * 0.9;
    const records = [];
    for (const i of [0, 1, 2, 5, 6]) records.push(await frame((359.5 + i * step) % 360, 0));
    expect(verdict(records)).toEqual({ kept: 5, refused: [] });
  });

  it('keeps two honest islands far apart', async () => {
    const records = [...(await frames(20, 10, 10)), ...(await frames(3, 80, 30))];
    expect(verdict(records)).toEqual({ kept: 23, refused: [] });
  });

  it('refuses an island whose headers point at the main group: one wrong solution in many frames', async () => {
    const records = [...(await frames(20, 10, 10)), ...(await frames(4, 80, 30, { RA: 10.05, DEC: 10.1 }))];
    expect(verdict(records).refused).toEqual([20, 21, 22, 23].map((i) => [i, 'frames_reject_wcs_outlier']));
  });

  it('judges nothing when there is no bulk', async () => {
    expect(verdict([await frame(10, 10), await frame(60, -20)])).toEqual({ kept: 2, refused: [] });
    expect(verdict([])).toEqual({ kept: 0, refused: [] });
  });
});

describe('consistentSet: frames that stand already', () => {
  const refusedOf = (records: FrameRecord[], settled: FrameRecord[]) =>
    consistentSet(records, settled).refused.map(({ record, reason }) => [
      records.indexOf(record),
      reason.code,
    ]);

  it('decide channels, filter and scale, however many others come', async () => {
    const settled = await frames(2, 10, 10, { FILTER: 'LP', BAYERPAT: 'RGGB' });
    const others = [
      ...(await frames(4, 10, 10, { FILTER: 'Ha', BAYERPAT: 'RGGB' })),
      ...(await frames(3, 10, 10, { FILTER: 'LP' })),
      await frame(10, 10, { FILTER: 'lp', BAYERPAT: 'RGGB' }),
      await frame(10, 10, { BAYERPAT: 'RGGB' }, 2 * SCALE),
    ];
    expect(refusedOf(others, settled)).toEqual([
      [4, 'frames_reject_channels'],
      [5, 'frames_reject_channels'],
      [6, 'frames_reject_channels'],
      [0, 'frames_reject_filter'],
      [1, 'frames_reject_filter'],
      [2, 'frames_reject_filter'],
      [3, 'frames_reject_filter'],
      [8, 'frames_reject_scale'],
    ]);
  });

  it('that know no filter leave the choice to the others', async () => {
    const settled = await frames(3, 10, 10);
    const others = [...(await frames(2, 10, 10, { FILTER: 'Ha' })), await frame(10, 10, { FILTER: 'LP' })];
    expect(refusedOf(others, settled)).toEqual([[2, 'frames_reject_filter']]);
  });

  it('are the place to be, with fewer than five in all, and if more lie elsewhere', async () => {
    const settled = await frames(2, 10, 10);
    expect(refusedOf([await frame(40, 10)], settled)).toEqual([[0, 'frames_reject_wcs_outlier']]);
    expect(refusedOf([await frame(10.4, 10)], settled)).toEqual([]);
    // what the header's pointing contradicts is no island
    const wrong = await frames(6, 40, 10, { RA: 10, DEC: 10 });
    expect(refusedOf(wrong, settled).map(([, code]) => code)).toEqual(
      wrong.map(() => 'frames_reject_wcs_outlier'),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { consistentSet } from '../../src/frames/consistency.js';
import { scanFile, type FrameRecord } from '../../src/frames/frame-record.js';
import { fieldChoice } from '../../src/frames/sky-fields.js';
import { fitsBytes, tanCards } from './fits-bytes.js';

/** Frames of 64 x 64 pixels of 3 arc seconds, 0.053 degrees, side by side. */
const SCALE = 3;

let count = 0;
async function frame(raDeg: number, decDeg: number): Promise<FrameRecord> {
  const name = `${count++}.fits`;
  const bytes = fitsBytes([64, 64], tanCards(raDeg, decDeg, SCALE, 64, 64));
  const file = { path: name, relative: name, bytes: 1, modifiedMs: 0 };
  const found = await scanFile(file, memorySource(name, bytes));
  if (found.kind !== 'light') throw new Error(found.reason.code);
  return found.record;
}

const field = (n: number, raDeg: number, decDeg: number) =>
  Promise.all(Array.from({ length: n }, (_, i) => frame((raDeg + 0.01 * i) % 360, decDeg)));

function keptOf(records: readonly FrameRecord[], choice = 'auto', settled: readonly FrameRecord[] = []) {
  const { kept } = consistentSet(records, settled, fieldChoice(choice));
  return kept.map((record) => records.indexOf(record));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('fields far apart', () => {
  it('makes that of the most frames where a canvas of all would be large and nearly blank, and says so', async () => {
    const records = [
      ...(await field(5, 290, 30)),
      ...(await field(7, 310, 44)),
      ...(await field(3, 300, -20)),
    ];
    const { kept, refused, apart } = consistentSet(records);
    expect(kept.map((record) => records.indexOf(record))).toEqual(numbers(5, 12));
    expect(refused.map(({ reason }) => reason)).toEqual([
      ...numbers(0, 5).map(() => ({ code: 'frames_reject_other_field', params: { field: '290.02,30.00' } })),
      ...numbers(0, 3).map(() => ({ code: 'frames_reject_other_field', params: { field: '300.01,-20.00' } })),
    ]);
    expect(apart?.made.at).toBe('310.03,44.00');
    expect(apart?.others.map(({ at, frames }) => [at, frames.length])).toEqual([
      ['290.02,30.00', 5],
      ['300.01,-20.00', 3],
    ]);
    // some 17 x 64 degrees of 1200 pixels
    expect(apart!.megapixels).toBeGreaterThan(1300);
    expect(apart!.blankPercent).toBe(99);
  });

  it('also of few frames, where nothing tells an outlier: one wrong WCS makes no monstrous canvas', async () => {
    expect(keptOf([...(await field(1, 290, 30)), ...(await field(2, 310, 44))])).toEqual([1, 2]);
    expect(keptOf([...(await field(1, 290, 30)), ...(await field(1, 310, 44))])).toEqual([0]);
  });

  it('what has stayed stays when it is judged again', async () => {
    const records = [...(await field(4, 290, 30)), ...(await field(6, 310, 44))];
    const { kept } = consistentSet(records);
    expect(consistentSet(kept)).toEqual({ kept, refused: [] });
  });

  it('leaves together what a canvas of moderate size holds, across RA 0 too', async () => {
    expect(keptOf([...(await field(4, 359.5, 30)), ...(await field(4, 2, 31))])).toHaveLength(8);
  });

  it('judges by the middle of all and the gaps on the sphere: two sides of a pole lie close together', async () => {
    expect(keptOf([...(await field(4, 10, 89.9)), ...(await field(4, 190, 89.9))])).toHaveLength(8);
  });

  it('all: nothing is left out', async () => {
    expect(keptOf([...(await field(4, 290, 30)), ...(await field(6, 310, 44))], 'all')).toHaveLength(10);
  });

  it('a place: the field there, be it the smallest, and nothing where there is none', async () => {
    const records = [...(await field(1, 290, 30)), ...(await field(6, 310, 44))];
    expect(keptOf(records, '290.1,30.1')).toEqual([0]);
    expect(keptOf(records, '310.02,44.00')).toEqual(numbers(1, 7));
    expect(keptOf(records, '291,30')).toEqual([]);
    expect(consistentSet(records, [], fieldChoice('290,30')).apart).toBeUndefined();
  });

  it('the field of a mosaic that is added to, be it the smaller one', async () => {
    const records = [...(await field(3, 290, 30)), ...(await field(6, 310, 44))];
    const settled = await field(1, 290.02, 30);
    expect(keptOf(records, 'auto', settled)).toEqual([0, 1, 2]);
    expect(keptOf(records, '310,44', settled)).toEqual([0, 1, 2]);
  });
});

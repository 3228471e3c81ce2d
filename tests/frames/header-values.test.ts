import { describe, expect, it } from 'vitest';
import { angleDeg, headerPointing, observationTime } from '../../src/frames/header-values.js';
import { header, type Cards } from './fits-bytes.js';

describe('header values', () => {
  it.each<[Cards, string | undefined]>([
    [{ 'DATE-OBS': '2025-03-27T01:20:32.955368' }, '2025-03-27T01:20:32.955Z'],
    [{ 'DATE-OBS': '2017-12-19T18:33:43.317-0700' }, '2017-12-20T01:33:43.317Z'],
    [{ 'DATE-OBS': '2024-01-01T01:00:00+02:00' }, '2023-12-31T23:00:00.000Z'],
    [{ 'DATE-OBS': '2013-05-05T04:09' }, '2013-05-05T04:09:00.000Z'],
    [{ 'DATE-OBS': '2013-05-05', 'TIME-OBS': '04:09:39.5' }, '2013-05-05T04:09:39.500Z'],
    [{ 'DATE-OBS': '2013-05-05' }, '2013-05-05T00:00:00.000Z'],
    [{ 'DATE-OBS': 'yesterday', 'MJD-OBS': 58107.5 }, '2017-12-20T12:00:00.000Z'],
    [{ 'DATE-OBS': 'yesterday' }, undefined],
    [{}, undefined],
  ])('%o is observed at %s', (cards, expected) => {
    expect(observationTime(header(cards))).toBe(expected);
  });

  it('reads angles in degrees, in hours and in quotes', () => {
    expect(angleDeg('20 59 32.1', true)).toBeCloseTo(314.88375, 9);
    expect(angleDeg('-00:30:00', false)).toBeCloseTo(-0.5, 12);
    expect(angleDeg('12.5', false)).toBe(12.5);
    expect(angleDeg('unknown', false)).toBeUndefined();
    expect(angleDeg(true, false)).toBeUndefined();
    expect(headerPointing(header({ OBJCTRA: '01 00 00', OBJCTDEC: '+45 00 00' }))).toEqual({
      raDeg: 15,
      decDeg: 45,
    });
    expect(headerPointing(header({ RA: 400, DEC: 0 }))).toBeUndefined();
    expect(headerPointing(header({ RA: -10, DEC: 91 }))).toBeUndefined();
  });
});

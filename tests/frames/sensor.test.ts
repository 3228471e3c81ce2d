import { describe, expect, it } from 'vitest';
import { sensorOf } from '../../src/frames/sensor.js';
import { header, type Cards } from './fits-bytes.js';

function pattern(cards: Cards, height = 1920): string {
  const found = sensorOf(header(cards), 1, height);
  if ('reason' in found) return found.reason.code;
  return found.sensor.kind === 'cfa' ? found.sensor.pattern : found.sensor.kind;
}

describe('sensorOf', () => {
  it.each<[Cards, number, string]>([
    [{ BAYERPAT: 'GRBG' }, 1920, 'GRBG'],
    [{ BAYERPAT: 'rggb ' }, 1920, 'RGGB'],
    [{ COLORTYP: 'BGGR' }, 1920, 'BGGR'],
    [{ COLORTYP: 'OSC', BAYERPAT: 'GBRG' }, 1920, 'GBRG'],
    [{ CFAIMAGE: 'YES', BAYERPAT: 'RGGB' }, 1920, 'RGGB'],
    // top-down, and no card, mean that the file begins with the top row
    [{ BAYERPAT: 'RGGB', ROWORDER: 'TOP-DOWN' }, 1920, 'RGGB'],
    // bottom-up: rows of the tile change places when the height is even
    [{ BAYERPAT: 'RGGB', ROWORDER: 'BOTTOM-UP' }, 1920, 'GBRG'],
    [{ BAYERPAT: 'GRBG', ROWORDER: 'BOTTOM-UP' }, 1920, 'BGGR'],
    [{ BAYERPAT: 'RGGB', ROWORDER: 'BOTTOM-UP' }, 1921, 'RGGB'],
    [{ BAYERPAT: 'RGGB', XBAYROFF: 1 }, 1920, 'GRBG'],
    [{ BAYERPAT: 'RGGB', YBAYROFF: 1 }, 1920, 'GBRG'],
    [{ BAYERPAT: 'RGGB', XBAYROFF: 1, YBAYROFF: 1 }, 1920, 'BGGR'],
    [{ BAYERPAT: 'RGGB', XBAYROFF: 2, YBAYROFF: -1 }, 1920, 'GBRG'],
    [{ BAYERPAT: 'RGGB', YBAYROFF: 1, ROWORDER: 'BOTTOM-UP' }, 1920, 'RGGB'],
    [{ INSTRUME: 'Seestar S50' }, 1920, 'GRBG'],
    [{ INSTRUME: 'ZWO ASI294MM Pro' }, 1920, 'mono'],
    [{ BAYERPAT: 'NONE' }, 1920, 'mono'],
    [{}, 1920, 'mono'],
    [{ BAYERPAT: 'GGRGGBGGBGGRBRGRBGGGBGGRGGRGGBRBGBRG' }, 1920, 'frames_reject_cfa_unknown'],
  ])('%o at height %i is %s', (cards, height, expected) => {
    expect(pattern(cards, height)).toBe(expected);
  });

  it('gives the colour of each site', () => {
    expect(sensorOf(header({ BAYERPAT: 'GRBG' }), 1, 100)).toEqual({
      sensor: { kind: 'cfa', pattern: 'GRBG', sites: [1, 0, 2, 1] },
    });
  });

  it('takes three planes as RGB, whatever pattern card was left in, and refuses two', () => {
    expect(sensorOf(header({ BAYERPAT: 'RGGB' }), 3, 100)).toEqual({ sensor: { kind: 'rgb' } });
    expect(sensorOf(header({}), 2, 100)).toMatchObject({ reason: { code: 'frames_reject_planes' } });
  });
});

// Lines that frames show again are told from those that come together by chance where there are very many.
import { expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { repeatedLines } from '../../../src/pipeline/planning/repeated-lines.js';

const SCALE = 7e-4;
const wcsAt = (row: number) =>
  makeTanWcs({ crval: [10, 20], crpix: [400, row], cd: [-SCALE, 0, 0, SCALE], shape: [800, 800] });

const line = (f: number, offset: number, wcs = wcsAt(400)) => ({
  strip: { nx: 0, ny: 1, offset, from: -400, to: 0, halfWidth: 4, snr: 50 },
  f,
  wcs,
  scaleArcsec: 3600 * SCALE,
});

/** Lines of as many frames, 30 px apart. */
const others = (count: number) => Array.from({ length: count }, (_, f) => line(f, 30 * f));

it.each([
  ['two among few', 10, 1, true],
  ['two among very many', 260, 1, false],
  ['three among very many', 260, 2, true],
])('%s', (_, count, twins, repeats) => {
  const onSensor = Array.from({ length: twins }, (_, k) => line(count + k, 60, wcsAt(1000 + 100 * k)));
  const onSky = Array.from({ length: twins }, (_, k) =>
    line(2 * count + k, 60 + 5 + 100 * k, wcsAt(400 + 100 * k)),
  );
  for (const again of [onSensor, onSky]) {
    const found = repeatedLines([...others(count), ...again]);
    expect([found[1], found[2], found[3]]).toEqual([false, repeats, false]);
  }
});

// Tiles judged by the stars of their neighbours.
import { describe, expect, it } from 'vitest';
import type { StarList } from '../../src/astrometry/stars/star-list.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { tileAgreement, wcsDistancePx } from '../../src/pipeline/tiles/placed-wrongly.js';
import { seededRandom } from '../helpers/kernel-runs.js';

const SIZE = 400;
const STEP = 4 / 3600;

/** A plane whose pixel (1, 1) is `x`, `y` pixels from that of the grid. */
const wcsAt = (x: number, y: number) =>
  makeTanWcs({ crval: [80, 10], crpix: [200 - x, 200 - y], cd: [-STEP, 0, 0, STEP], shape: [SIZE, SIZE] });
const grid = { wcs: wcsAt(0, 0) };

const random = seededRandom(3);
const sky = Array.from({ length: 400 }, () => [1200 * random() - 300, 1200 * random() - 300] as const);

/** A tile at (x, y) whose header says that it lies `lie` pixels beside. */
function tile(x: number, y: number, lie = 0) {
  const seen = sky.flatMap(([sx, sy]) =>
    sx > x && sy > y && sx < x + SIZE && sy < y + SIZE ? [[sx - x, sy - y]] : [],
  );
  const stars = {
    count: seen.length,
    x: Float64Array.from(seen, ([sx]) => sx),
    y: Float64Array.from(seen, ([, sy]) => sy),
    saturated: new Uint8Array(seen.length),
  } as Partial<StarList> as StarList;
  const covers = (px: number, py: number) => px >= 0 && py >= 0 && px < SIZE && py < SIZE;
  return { wcs: wcsAt(x + lie, y), stars, covers };
}

describe('tiles that overlap', () => {
  it('agree where their WCS are right', () => {
    expect(tileAgreement(grid, [tile(0, 0), tile(200, 0), tile(200, 200)])).toEqual({
      wrong: [],
      undecided: [],
    });
  });

  it('name the one that none agrees with', () => {
    expect(tileAgreement(grid, [tile(0, 0), tile(200, 0, 30), tile(100, 200)])).toEqual({
      wrong: [1],
      undecided: [],
    });
  });

  it('leave it open where there are only two', () => {
    expect(tileAgreement(grid, [tile(0, 0), tile(200, 0, 30)])).toEqual({ wrong: [], undecided: [[0, 1]] });
  });

  it('say nothing where they share no sky', () => {
    expect(tileAgreement(grid, [tile(-300, 0), tile(395, 0, 30)])).toEqual({ wrong: [], undecided: [] });
  });
});

it('two WCS are as far apart as they put the middle and the corners', () => {
  expect(wcsDistancePx(wcsAt(0, 0), wcsAt(3, 4), SIZE, SIZE)).toBeCloseTo(5, 3);
});

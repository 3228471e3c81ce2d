// Whether the WCS in headers is believed: what the stars say of each, and what many wrong ones say of those that no star speaks for.
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import type { SolveResult } from '../../src/astrometry/solver/solve-types.js';
import type { StarList } from '../../src/astrometry/stars/star-list.js';
import { unitVector } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import type { FrameRecord } from '../../src/frames/frame-record.js';
import { HeaderChecks } from '../../src/pipeline/phases/header-checks.js';

const SIZE = 600;
const STEP = 6 / 3600;
const record = { width: SIZE, height: SIZE } as FrameRecord;

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

/** What a header says that is off by `dx` pixels. */
const wcsAt = (dx = 0) =>
  makeTanWcs({
    crval: [301.2, 36.4],
    crpix: [300.5 + dx, 300.5],
    cd: [-STEP, 0, 0, STEP],
    shape: [SIZE, SIZE],
  });

/** The catalogue's stars in the frame, or as many others. */
function stars(known: boolean): StarList {
  const cone = catalogue.cone(unitVector(301.2, 36.4), 0.012);
  const at = new Float64Array(3);
  const seen: [number, number, number][] = [];
  for (let i = 0; i < cone.count; i++) {
    if (!wcsAt().unitToPixel(cone.x[i], cone.y[i], cone.z[i], at)) continue;
    const [x, y] = known ? at : [(7919 * i) % SIZE, (104729 * i) % SIZE];
    if (x > 1 && y > 1 && x < SIZE && y < SIZE) seen.push([cone.vt[i], x, y]);
  }
  seen.sort((a, b) => a[0] - b[0]);
  return {
    count: seen.length,
    x: Float64Array.from(seen, ([, x]) => x),
    y: Float64Array.from(seen, ([, , y]) => y),
    fwhm: new Float32Array(seen.length).fill(3),
    snr: new Float32Array(seen.length).fill(30),
  } as Partial<StarList> as StarList;
}

const found = { solved: true, wcs: wcsAt(), matched: 40, rmsPx: 0.1 } as unknown as SolveResult;
const notFound = {
  solved: false,
  reason: { code: 'solve_reject_no_match', params: {} },
} as unknown as SolveResult;

function checks(answer: SolveResult) {
  let searches = 0;
  const headers = new HeaderChecks(() => {
    searches++;
    return Promise.resolve(answer);
  });
  return { headers, searches: () => searches };
}

describe('the WCS of a header', () => {
  it('stands without a search where the stars are within some pixels of it', async () => {
    const { headers, searches } = checks(found);
    for (const off of [0, 3, -4])
      expect(await headers.judge(record, wcsAt(off), stars(true))).toEqual({ kind: 'stands' });
    expect(searches()).toBe(0);
    expect(headers.distances).toEqual([]);
  });

  it('is wrong where they are found elsewhere', async () => {
    const { headers } = checks(found);
    expect(await headers.judge(record, wcsAt(8), stars(true))).toMatchObject({
      kind: 'wrong',
      solution: found,
    });
    expect(await headers.judge(record, wcsAt(300), stars(true))).toMatchObject({ kind: 'wrong' });
    expect(headers.distances[0]).toBeCloseTo(8, 3);
    expect(headers.doubtsUnknown).toBe(true);
  });

  it('is taken at its word where they are not found, after some searches in vain without one', async () => {
    const { headers, searches } = checks(notFound);
    for (let i = 0; i < 20; i++)
      expect(await headers.judge(record, wcsAt(), stars(false))).toEqual({ kind: 'unknown' });
    expect(searches()).toBe(6);
    expect(headers.doubtsUnknown).toBe(false);
  });

  it('is wrong where the frame is found degrees away by a vote of its stars, and the next one is looked for as far off', async () => {
    const places: (number | undefined)[] = [];
    const headers = new HeaderChecks((_, __, near) => {
      places.push(near?.decDeg);
      const isThere = near && Math.hypot((near.raDeg - 301.2) * 0.8, near.decDeg - 36.4) < 0.1;
      return Promise.resolve(isThere ? found : notFound);
    });
    const far = makeTanWcs({ ...wcsAt().describe(), crval: [307.2, 33] });
    expect(await headers.judge(record, far, stars(true))).toMatchObject({ kind: 'wrong', solution: found });
    expect(places).toEqual([undefined, expect.closeTo(36.4, 1)]);
    await headers.judge(record, far, stars(true));
    expect(places.slice(2)).toEqual([expect.closeTo(36.4, 1)]);
  });

  it('is not doubted for one in many that is wrong', async () => {
    const { headers } = checks(found);
    await headers.judge(record, wcsAt(50), stars(true));
    const seen = stars(true);
    for (let i = 0; i < 9; i++) await headers.judge(record, wcsAt(), seen);
    expect(headers.doubtsUnknown).toBe(true);
    await headers.judge(record, wcsAt(), seen);
    expect(headers.doubtsUnknown).toBe(false);
  });

  it('is searched for in vain a dozen times once stars of the session have been recognised', async () => {
    const { headers, searches } = checks(notFound);
    await headers.judge(record, wcsAt(), stars(true));
    for (let i = 0; i < 20; i++) await headers.judge(record, wcsAt(), stars(false));
    expect(searches()).toBe(12);
  });

  it('stands where the stars are found within its word’s error, though the catalogue’s test could not tell', async () => {
    const { headers, searches } = checks(found);
    expect(await headers.judge(record, wcsAt(2), stars(false))).toEqual({ kind: 'stands' });
    expect(searches()).toBe(1);
    expect(headers.distances).toEqual([]);
  });

  it('is not asked after with too few stars, nor where the catalogue has too few', async () => {
    const { headers, searches } = checks(found);
    const few = { ...stars(true), count: 3 };
    expect(await headers.judge(record, wcsAt(300), few)).toEqual({ kind: 'unknown' });
    const tiny = { width: 30, height: 30 } as FrameRecord;
    const dark = makeTanWcs({
      crval: [301.2, 36.4],
      crpix: [15.5, 15.5],
      cd: [-1e-5, 0, 0, 1e-5],
      shape: [30, 30],
    });
    expect(await headers.judge(tiny, dark, stars(false))).toEqual({ kind: 'unknown' });
    expect(searches()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { blockSpans } from '../../../src/pipeline/planning/grid/block-spans.js';
import { coverageGains } from '../../../src/pipeline/planning/coverage-renorm.js';
import type { OutputGrid } from '../../../src/pipeline/planning/grid/output-grid.js';

const grid: OutputGrid = {
  nx: 1280,
  ny: 640,
  wcs: makeTanWcs({ crval: [0, 0], crpix: [1, 1], cd: [-1e-3, 0, 0, 1e-3] }),
  centre: [0, 0],
  scaleArcsec: 3.6,
  rotationDeg: 0,
};

const LIMITS = [0.85, 1.18] as const;

const rectangle = (x0: number, x1: number, y0 = 2, y1 = 637) =>
  blockSpans(Float64Array.of(x0, y0, x1, y0, x1, y1, x0, y1), grid.nx, grid.ny);

describe('coverage renormalisation', () => {
  it('leaves frames of even coverage alone', () => {
    expect(
      coverageGains(
        grid,
        Array.from({ length: 6 }, () => rectangle(2, 1277)),
        50,
        LIMITS,
      ),
    ).toEqual(new Array(6).fill(expect.closeTo(1, 9)));
  });

  it('raises frames over a thin strip beside deep coverage, lowers none, and keeps to the limits', () => {
    const deep = Array.from({ length: 12 }, () => rectangle(2, 600));
    const thin = [rectangle(590, 700), rectangle(590, 700)];
    const gains = coverageGains(grid, [...deep, ...thin], 50, LIMITS);
    expect(gains[12]).toBeGreaterThan(1.05);
    expect(gains[12]).toBe(gains[13]);
    for (const gain of gains) {
      expect(gain).toBeGreaterThanOrEqual(0.85);
      expect(gain).toBeLessThanOrEqual(1.18);
    }
    expect(gains[0]).toBeCloseTo(1, 1);
    const narrow = coverageGains(grid, [...deep, ...thin], 50, [0.99, 1.01]);
    expect(narrow[12]).toBe(1.01);
    // a blur within a block sees no surroundings
    expect(coverageGains(grid, [...deep, ...thin], 5, LIMITS)[12]).toBeLessThan(1.01);
  });

  it('says nothing of a frame alone: its coverage is below two', () => {
    expect(coverageGains(grid, [rectangle(2, 600)], 50, LIMITS)).toEqual([1]);
  });
});

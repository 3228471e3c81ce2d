import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import type { FrameRecord } from '../../../../src/frames/frame-record.js';
import { blockSpans } from '../../../../src/pipeline/planning/grid/block-spans.js';
import { frameMapError, MAP_ERROR_LIMIT } from '../../../../src/pipeline/planning/grid/map-check.js';
import { outlineOnGrid, planOutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';

/** Error of a frame with a cubic SIP term of this size. */
function errorOf(cubic: number): number {
  const s = 2.4 / 3600;
  const wcs = makeTanWcs({
    crval: [40, 30],
    crpix: [540.5, 960.5],
    cd: [-s, 0, 0, s],
    ...(cubic !== 0 && { sip: { a: [[0], [0], [0], [cubic]], b: [[0, 0, 0, cubic]] } }),
  });
  const frame = { wcs, nx: 1080, ny: 1920 };
  const grid = planOutputGrid([frame], {
    scaleMode: 'median',
    orientation: 'north_up',
    paddingPercent: 0,
    resolution: null,
    maxMegapixels: 100,
  });
  const spans = blockSpans(outlineOnGrid(frame, grid), grid.nx, grid.ny);
  const record = { width: 1080, height: 1920 } as FrameRecord;
  return frameMapError(grid, { record, wcs }, spans);
}

describe('check of pixel maps', () => {
  it('finds nothing to say of a plain TAN frame, nor of a telescope with 0.3 % distortion at its corners', () => {
    expect(errorOf(0)).toBe(0);
    expect(errorOf(2.5e-9)).toBeLessThan(MAP_ERROR_LIMIT);
  });

  it('sees a distortion that bends faster than a block', () => {
    expect(errorOf(5e-7)).toBeGreaterThan(MAP_ERROR_LIMIT);
  });
});

import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { geometryCards } from '../../../../src/output/cards/geometry-cards.js';
import { largestStep } from '../../../../src/pipeline/planning/grid/grid-step.js';
import { planOutputGrid, type GridFrame } from '../../../../src/pipeline/planning/grid/output-grid.js';

const frame = (dec: number, turnDeg = 0): GridFrame => {
  const [s, t] = [10 / 3600, (turnDeg * Math.PI) / 180];
  const cd = [-s * Math.cos(t), s * Math.sin(t), s * Math.sin(t), s * Math.cos(t)] as const;
  return { nx: 300, ny: 200, wcs: makeTanWcs({ crval: [40, dec], crpix: [150.5, 100.5], cd }) };
};
const gridOf = (frames: readonly GridFrame[], projection: 'tan' | 'cea' | 'zea', scaleFactor = 1) =>
  planOutputGrid(frames, {
    scaleMode: 'median',
    orientation: 'north_up',
    paddingPercent: 0,
    resolution: null,
    maxMegapixels: 1000,
    projection,
    scaleFactor,
    mayBin: false,
  });

describe('step of a warp', () => {
  it('is one at the own scale, and as long as asked for beyond, however the frame is turned', () => {
    for (const turn of [0, 30, 200]) {
      const frames = [frame(60, turn)];
      expect(largestStep(gridOf(frames, 'tan'), frames[0])).toBeCloseTo(1, 3);
      expect(largestStep(gridOf(frames, 'tan', 0.4), frames[0])).toBeCloseTo(2.5, 2);
    }
  });

  it('of an equal-area map about the equator grows towards the pole by 1 / cos(Dec)', () => {
    const frames = [frame(60, 30)];
    const step = largestStep(gridOf(frames, 'cea'), frames[0]);
    // the northern corner lies up to 0.5 degrees further north
    expect(step).toBeGreaterThan(1 / Math.cos((60 * Math.PI) / 180));
    expect(step).toBeLessThan(1.03 / Math.cos((60.5 * Math.PI) / 180));
  });
});

describe('area of a pixel', () => {
  it('gives the flux of stars everywhere only where the map keeps areas', () => {
    const comment = (projection: 'tan' | 'zea') => {
      const { wcs } = gridOf([frame(60)], projection);
      return geometryCards({ wcs, pixelArea: 1, window: { x0: 0, y0: 0 }, binning: 1 })[0].comment;
    };
    expect(comment('zea')).toContain('ADU of stars');
    expect(comment('tan')).toContain('reference point');
  });
});

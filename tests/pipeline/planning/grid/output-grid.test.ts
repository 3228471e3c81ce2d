import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import {
  CanvasError,
  outlineOnGrid,
  planOutputGrid,
} from '../../../../src/pipeline/planning/grid/output-grid.js';

const OPTIONS = {
  scaleMode: 'median',
  orientation: 'north_up',
  paddingPercent: 0,
  resolution: null,
  maxMegapixels: 100,
} as const;

function frame(ra: number, dec: number, rotationDeg = 0, scaleArcsec = 2.4, nx = 1080, ny = 1920) {
  const s = scaleArcsec / 3600;
  const [sin, cos] = [Math.sin((rotationDeg * Math.PI) / 180), Math.cos((rotationDeg * Math.PI) / 180)];
  const wcs = makeTanWcs({
    crval: [ra, dec],
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-s * cos, s * sin, s * sin, s * cos],
  });
  return { wcs, nx, ny };
}

describe('output grid', () => {
  it('of one north-up frame is the frame', () => {
    const grid = planOutputGrid([frame(200, 30)], OPTIONS);
    expect([grid.nx, grid.ny]).toEqual([1080, 1920]);
    expect(grid.scaleArcsec).toBeCloseTo(2.4, 9);
    expect(grid.centre[0]).toBeCloseTo(200, 6);
    expect(grid.centre[1]).toBeCloseTo(30, 6);
  });

  it.each([
    ['across RA 0', [frame(359.8, 10), frame(0.2, 10)]],
    ['over the north pole', [frame(10, 89.7), frame(190, 89.7), frame(100, 89.9, 30)]],
    ['of rotated panels', [frame(120, -45, 17), frame(120.9, -45.3, 121), frame(119.6, -44.2, -80)]],
  ])('holds every footprint %s', (_, frames) => {
    const grid = planOutputGrid(frames, OPTIONS);
    for (const f of frames) {
      const polygon = outlineOnGrid(f, grid);
      for (let i = 0; i < polygon.length; i += 2) {
        expect(polygon[i]).toBeGreaterThan(-0.75);
        expect(polygon[i]).toBeLessThan(grid.nx - 0.25);
        expect(polygon[i + 1]).toBeGreaterThan(-0.75);
        expect(polygon[i + 1]).toBeLessThan(grid.ny - 0.25);
      }
    }
  });

  it('wastes nothing: a footprint touches each side', () => {
    const frames = [frame(120, -45, 17), frame(120.9, -45.3, 121), frame(119.6, -44.2, -80)];
    const grid = planOutputGrid(frames, OPTIONS);
    const all = frames.flatMap((f) => [...outlineOnGrid(f, grid)]);
    const x = all.filter((_, i) => i % 2 === 0);
    const y = all.filter((_, i) => i % 2 === 1);
    expect(Math.min(...x)).toBeLessThan(1);
    expect(Math.max(...x)).toBeGreaterThan(grid.nx - 2.5);
    expect(Math.min(...y)).toBeLessThan(1);
    expect(Math.max(...y)).toBeGreaterThan(grid.ny - 2.5);
  });

  it('at high declination is as wide as the sky is, not as its right ascensions', () => {
    const grid = planOutputGrid([frame(0, 80), frame(4, 80)], OPTIONS);
    expect(grid.nx).toBeLessThan(2.2 * 1080);
  });

  it('turned to the median orientation has no empty corners', () => {
    const rotated = [frame(50, 20, 28), frame(50, 20, 30), frame(50, 20, 32 + 90)];
    const grid = planOutputGrid([rotated[1]], { ...OPTIONS, orientation: 'median_pc' });
    expect(Math.abs(grid.nx - 1080)).toBeLessThanOrEqual(2);
    expect(Math.abs(grid.ny - 1920)).toBeLessThanOrEqual(2);
    const three = planOutputGrid(rotated, { ...OPTIONS, orientation: 'median_pc' });
    expect(three.rotationDeg).toBeCloseTo(30, 0);
  });

  it('has north up and east left, with a pixel scale that is the median of the frames', () => {
    const grid = planOutputGrid(
      [frame(50, 20, 10, 2.3), frame(50, 20, 20, 2.4), frame(50, 20, 5, 9)],
      OPTIONS,
    );
    expect(grid.scaleArcsec).toBeCloseTo(2.4, 6);
    const [x, y] = [grid.nx / 2, grid.ny / 2];
    const here = grid.wcs.pixelToSky(x, y)!;
    expect(grid.wcs.pixelToSky(x, y + 1)![1]).toBeGreaterThan(here[1]);
    expect(grid.wcs.pixelToSky(x + 1, y)![0]).toBeLessThan(here[0]);
  });

  it('has the size asked for, and the scale that follows', () => {
    const grid = planOutputGrid([frame(50, 20)], { ...OPTIONS, resolution: [540, 960] });
    // half as fine as the frame: made at the frame's own scale, of which 2 x 2 pixels are averaged
    expect([grid.nx, grid.ny, grid.binning]).toEqual([1080, 1920, 2]);
    expect(grid.scaleArcsec).toBeCloseTo(2.4, 6);
    const unbinned = planOutputGrid([frame(50, 20)], { ...OPTIONS, resolution: [540, 960], mayBin: false });
    expect([unbinned.nx, unbinned.ny, unbinned.binning]).toEqual([540, 960, undefined]);
    expect(unbinned.scaleArcsec).toBeCloseTo(4.8, 6);
  });

  it.each([
    [{ scaleArcsec: 1.2 }, 2160, undefined, 0.25],
    [{ scaleFactor: 2 }, 2160, undefined, 0.25],
    [{ scaleFactor: 0.4 }, 3 * 432, 3, 6.25],
    // a step of 1.1 pixels leaves nothing out
    [{ scaleFactor: 1 / 1.05 }, 1029, undefined, 1.05 ** 2],
  ])('has the scale asked for: %o', (scale, nx, binning, area) => {
    const grid = planOutputGrid([frame(50, 20)], { ...OPTIONS, ...scale });
    expect(grid.nx).toBe(nx);
    expect(grid.binning).toBe(binning);
    expect(grid.pixelArea).toBeCloseTo(area, 6);
  });

  it('is binned for the finest of the frames', () => {
    const grid = planOutputGrid([frame(50, 20, 0, 2.4), frame(50, 20, 0, 2.4), frame(50, 20, 0, 1.2)], {
      ...OPTIONS,
      scaleArcsec: 4.8,
    });
    expect(grid.binning).toBe(4);
  });

  it.each([
    // the typical frame is coarse, and the one that is three times as fine leaves nothing out either
    [[1, 3, 3], {}, 3],
    [[1, 3.0000001, 2.9999999], { scaleArcsec: 3 }, 3],
    [[2.4, 2.45, 2.35], {}, undefined],
    [[2.4, 2.45, 2.35], { scaleMode: 'max' }, undefined],
    [[1, 1], { scaleArcsec: 2.2000001 }, 2],
  ] as const)('of frames of %j arc seconds a pixel, %o, is binned %s times', (scales, options, binning) => {
    const frames = scales.map((scale) => frame(50, 20, 0, scale, 300, 200));
    expect(planOutputGrid(frames, { ...OPTIONS, ...options }).binning).toBe(binning);
  });

  it('of frames of mixed scales is as fine as the finest need, and not finer', () => {
    const frames = [2.4, 3.5, 3.5].map((scale) => frame(50, 20, 0, scale, 300, 200));
    const grid = planOutputGrid(frames, OPTIONS);
    expect(grid.scaleArcsec).toBeCloseTo(1.1 * 2.4, 6);
    expect(grid.binning).toBeUndefined();
    // values are those of pixels of the typical frame
    expect(grid.pixelArea).toBeCloseTo((2.64 / 3.5) ** 2, 6);
    expect([grid.nx, grid.ny]).toEqual([Math.ceil((300 * 3.5) / 2.64), Math.ceil((200 * 3.5) / 2.64)]);
    // who asks for a scale gets it
    const asked = planOutputGrid(frames, { ...OPTIONS, scaleArcsec: 3.6 });
    expect([asked.scaleArcsec, asked.binning]).toEqual([1.8, 2]);
  });

  it('turned by an angle has that position angle', () => {
    const grid = planOutputGrid([frame(120, 60)], { ...OPTIONS, orientation: 'angle', angleDeg: 40 });
    const [x, y] = [(grid.nx + 1) / 2, (grid.ny + 1) / 2];
    const [here, above] = [grid.wcs.pixelToSky(x, y)!, grid.wcs.pixelToSky(x, y + 50)!];
    const east = (above[0] - here[0]) * Math.cos((60 * Math.PI) / 180);
    expect((Math.atan2(east, above[1] - here[1]) * 180) / Math.PI).toBeCloseTo(40, 1);
  });

  it('of the least area follows a strip of panels, also where the frames themselves are turned otherwise', () => {
    const strip = [0, 1, 2, 3, 4].map((i) => frame(120 + i, 10 + i, 45));
    const area = (orientation: 'north_up' | 'auto' | 'median_pc') => {
      const grid = planOutputGrid(strip, { ...OPTIONS, orientation });
      for (const f of strip) {
        const polygon = outlineOnGrid(f, grid);
        for (let i = 0; i < polygon.length; i += 2) {
          expect(polygon[i]).toBeGreaterThan(-0.75);
          expect(polygon[i]).toBeLessThan(grid.nx - 0.25);
          expect(polygon[i + 1]).toBeGreaterThan(-0.75);
          expect(polygon[i + 1]).toBeLessThan(grid.ny - 0.25);
        }
      }
      return grid.nx * grid.ny;
    };
    expect(area('auto')).toBeLessThan(0.5 * area('north_up'));
    expect(area('auto')).toBeLessThanOrEqual(1.01 * area('median_pc'));
    expect(planOutputGrid([frame(10, 10)], { ...OPTIONS, orientation: 'auto' }).rotationDeg).toBe(0);
  });

  it('refuses a canvas beyond the cap, naming both', () => {
    const far = [frame(50, 0), frame(70, 0)];
    const error = (() => {
      try {
        return planOutputGrid(far, { ...OPTIONS, maxMegapixels: 50 });
      } catch (e) {
        return e;
      }
    })();
    expect(error).toBeInstanceOf(CanvasError);
    expect((error as CanvasError).params).toMatchObject({ limit: 50 });
    expect(Number((error as CanvasError).params.megapixels)).toBeGreaterThan(50);
  });

  describe('projections', () => {
    const wide = [0, 10, 20, 30].map((ra) => frame(350 + ra, 5, 20, 60, 400, 400));
    const overPole = [frame(10, 89.7), frame(190, 89.7)];

    it.each([
      ['tan', [frame(50, 20)]],
      ['zea', wide],
      ['ait', [frame(0, 0, 0, 600, 60, 60), frame(120, 10, 0, 600, 60, 60), frame(240, -10, 0, 600, 60, 60)]],
    ])('auto takes %s by how far the frames reach', (projection, frames) => {
      const grid = planOutputGrid(frames, { ...OPTIONS, projection: 'auto' });
      expect(grid.wcs.describe().projection).toBe(projection.toUpperCase());
    });

    it.each(['tan', 'stg', 'arc', 'zea', 'sin', 'car', 'cea', 'mer', 'sfl', 'mol', 'ait'] as const)(
      '%s holds a mosaic across RA 0, its middle in the middle',
      (projection) => {
        const grid = planOutputGrid(wide, { ...OPTIONS, projection });
        const x: number[] = [];
        for (const f of wide) {
          const polygon = outlineOnGrid(f, grid);
          for (let i = 0; i < polygon.length; i += 2) {
            x.push(polygon[i]);
            expect(polygon[i]).toBeGreaterThan(-0.75);
            expect(polygon[i]).toBeLessThan(grid.nx - 0.25);
            expect(polygon[i + 1]).toBeGreaterThan(-0.75);
            expect(polygon[i + 1]).toBeLessThan(grid.ny - 0.25);
          }
        }
        expect(Math.min(...x)).toBeLessThan(0.02 * grid.nx);
        expect(Math.max(...x)).toBeGreaterThan(0.98 * grid.nx);
        const [ra, dec] = grid.wcs.pixelToSky((grid.nx + 1) / 2, (grid.ny + 1) / 2)!;
        expect(Math.abs(ra - 5)).toBeLessThan(1);
        expect(Math.abs(dec - 5)).toBeLessThan(1);
        expect(grid.centre[0]).toBeCloseTo(ra, 9);
      },
    );

    it('about the equator, rows are parallels', () => {
      const { wcs, nx, ny } = planOutputGrid([frame(80, 40), frame(83, 41)], {
        ...OPTIONS,
        projection: 'car',
      });
      for (const y of [1, ny / 2, ny])
        expect(wcs.pixelToSky(1, y)![1]).toBeCloseTo(wcs.pixelToSky(nx, y)![1], 9);
    });

    it('over a pole: a zenithal map holds it, one about the equator refuses to tear a frame', () => {
      const { wcs, nx, ny } = planOutputGrid(overPole, { ...OPTIONS, projection: 'zea' });
      const pole = wcs.skyToPixel(0, 90)!;
      expect(pole[0] / nx).toBeCloseTo(0.5, 1);
      expect(pole[1] / ny).toBeCloseTo(0.5, 1);
      const torn = () => planOutputGrid([frame(0, 89.9)], { ...OPTIONS, projection: 'car' });
      expect(torn).toThrow(expect.objectContaining({ code: 'pipeline_canvas_torn' }));
    });

    it('refuses a frame across the seam opposite to the middle', () => {
      const round = [0, 60, 120, 180, 240, 300].map((ra) => frame(ra, 0, 0, 600, 60, 60));
      const torn = () =>
        planOutputGrid([...round, frame(330, 0, 0, 600, 240, 60)], { ...OPTIONS, projection: 'ait' });
      // the widest gap, where the seam goes, lies between two frames that are there: all others are whole
      expect(torn).not.toThrow();
      const everywhere = Array.from({ length: 12 }, (_, i) => frame(30 * i, 0, 0, 600, 240, 60));
      expect(() => planOutputGrid(everywhere, { ...OPTIONS, projection: 'ait' })).toThrow(
        expect.objectContaining({ code: 'pipeline_canvas_torn' }),
      );
    });
  });

  it('refuses frames on opposite sides of the sky', () => {
    expect(() => planOutputGrid([frame(0, 0), frame(180, 0)], OPTIONS)).toThrow(CanvasError);
  });
});

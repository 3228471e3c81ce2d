import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { CanvasError, outlineOnGrid, planOutputGrid } from '../../../src/pipeline/planning/output-grid.js';

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
    expect([grid.nx, grid.ny]).toEqual([540, 960]);
    expect(grid.scaleArcsec).toBeCloseTo(4.8, 6);
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

  it('refuses frames on opposite sides of the sky', () => {
    expect(() => planOutputGrid([frame(0, 0), frame(180, 0)], OPTIONS)).toThrow(CanvasError);
  });
});

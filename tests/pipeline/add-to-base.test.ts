// New samples against the mosaic that is there; which cells are done anew; a grid that grows.
import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { BLANK_VALUE } from '../../src/compute/constants.js';
import { addToBase } from '../../src/pipeline/incremental/add-to-base.js';
import { cellTask } from '../../src/pipeline/incremental/cell-increment.js';
import { stackSettings } from '../../src/pipeline/planning/mosaic-plan.js';
import { beyondGrid, extendGrid, offsetOn } from '../../src/pipeline/planning/grid/extend-grid.js';
import { planOutputGrid } from '../../src/pipeline/planning/grid/output-grid.js';
import { configOf } from '../end-to-end/support.js';

const settings = { ...stackSettings(configOf({})), guardSlope: 2 };

/** One row of pixels with mean 100 (the last 140), weight 4, `depth` frames; `values` are samples of variance 1. */
function added(values: readonly number[], depth = 10, at = 0) {
  const rect = { x0: 0, y0: 0, width: 4, height: 1 };
  const cube = new Float32Array(values.length * 4).fill(BLANK_VALUE);
  values.forEach((value, slot) => (cube[slot * 4 + at] = value));
  const ones = new Float32Array(values.length).fill(1);
  const base = {
    rect: { x0: 0, y0: 0, width: 3, height: 1 },
    mean: Float32Array.of(100, 100, 140),
    weight: Float32Array.of(4, 4, 4),
    coverage: new Float32Array(3).fill(depth),
  };
  const result = addToBase(
    { cube, rect, planes: 1, slots: values.length, weights: ones, inverseVariances: ones },
    base,
    settings,
  );
  const [mean, weight, used] = [result.mean[at], result.weight[at], result.used[at]];
  return {
    mean,
    weight,
    used,
    low: result.rejectedMaps!.low[at],
    high: result.rejectedMaps!.high[at],
    result,
  };
}

describe('a sample that is added', () => {
  it('counts by its weight', () => {
    expect(added([101])).toMatchObject({ mean: Math.fround(100.2), weight: 5, used: 11, low: 0, high: 0 });
    expect(added([101]).result.sampled![0]).toBe(1);
  });

  it('counts by what its weight has fallen to, in steps as at once', () => {
    const rect = { x0: 0, y0: 0, width: 1, height: 1 };
    const samples = (values: number[], fallen: number[]) => ({
      ...{ cube: Float32Array.from(values), rect, planes: 1, slots: values.length },
      weights: new Float32Array(values.length).fill(2),
      inverseVariances: new Float32Array(values.length).fill(2),
      radial: fallen.map((r) => Float32Array.of(r)),
    });
    const none = { rect: { ...rect, width: 0 }, mean: new Float32Array(0), weight: new Float32Array(0) };
    const nothing = { ...none, coverage: new Float32Array(0), radial: new Float32Array(0) };
    const once = addToBase(samples([10, 13, 11], [1, 0.25, 0.5]), nothing, settings);
    const first = addToBase(samples([10, 13], [1, 0.25]), nothing, settings);
    const { mean, weight, radialWeight: radial } = first;
    const base = { rect, mean, weight, radial, coverage: Float32Array.from(first.used) };
    const then = addToBase(samples([11], [0.5]), base, settings);
    // sums of w r and w r r: 2 x 1.75, 2 x 1.3125
    expect(once.radialWeight![0]).toBe(3.5);
    expect(once.weight[0]).toBeCloseTo(3.5 ** 2 / 2.625, 5);
    expect(once.mean[0]).toBeCloseTo((10 + 13 * 0.25 + 11 * 0.5) / 1.75, 5);
    for (const part of ['mean', 'weight', 'radialWeight'] as const)
      expect(then[part]![0]).toBeCloseTo(once[part]![0], 5);
  });

  it('is left out beyond kappa of its own noise and the mosaic’s', () => {
    // kappa 3, sigma sqrt(1 + 1/4) = 1.118
    expect(added([103.3])).toMatchObject({ used: 11 });
    expect(added([103.5])).toMatchObject({ mean: 100, used: 10, high: 1 });
    expect(added([96.5])).toMatchObject({ mean: 100, used: 10, low: 1 });
  });

  it('may be off at a star by what seeing does there', () => {
    // the step to the next pixel is 40
    expect(added([160], 10, 1)).toMatchObject({ used: 11, high: 0 });
    expect(added([190], 10, 1)).toMatchObject({ used: 10, high: 1 });
  });

  it('is not judged by one or two frames, nor by the other new ones', () => {
    expect(added([150], 2)).toMatchObject({ used: 3, high: 0 });
    expect(added([150, 100], 2).weight).toBe(6);
  });

  it('stands alone where there was nothing', () => {
    expect(added([55], 10, 3)).toMatchObject({ mean: 55, weight: 1, used: 1 });
    expect(added([], 10, 3)).toMatchObject({ mean: Math.fround(BLANK_VALUE), weight: 0, used: 0 });
  });

  it('leaves what is there where it does not reach', () => {
    expect(added([], 10, 2)).toMatchObject({ mean: 140, weight: 4, used: 10 });
  });
});

describe('a cell', () => {
  const cell = (frames: number) => ({
    rect: { x0: 0, y0: 0, width: 64, height: 64 },
    frames: Uint32Array.from({ length: frames }, (_, f) => f),
  });
  /** `old` frames that the mosaic holds, then new ones. */
  const held = (old: number, readable = true) =>
    Array.from({ length: 40 }, (_, f) => (f < old ? { levels: [], readable } : undefined));

  it('stays where no new frame lies', () => {
    expect(cellTask(cell(5), held(5))).toEqual({ kind: 'stays' });
  });

  it('is done anew from all frames where there were few, and they can be read', () => {
    expect(cellTask(cell(16), held(15))).toEqual({ kind: 'anew', cell: cell(16) });
    expect(cellTask(cell(16), held(15, false)).kind).toBe('adds');
  });

  it('is added to by the new frames alone where there were many', () => {
    const task = cellTask(cell(18), held(16));
    expect(task).toMatchObject({ kind: 'adds' });
    expect('cell' in task && [...task.cell.frames]).toEqual([16, 17]);
  });
});

describe('a grid that grows', () => {
  const step = 4 / 3600;
  const wcsAt = (x: number, y: number, nx: number, ny: number) =>
    makeTanWcs({ crval: [80, 10], crpix: [100 - x, 100 - y], cd: [-step, 0, 0, step], shape: [nx, ny] });
  const base = {
    nx: 200,
    ny: 200,
    wcs: wcsAt(0, 0, 200, 200),
    centre: [80, 10] as const,
    scaleArcsec: 4,
    rotationDeg: 0,
  };
  const frame = (x: number, y: number) => ({ wcs: wcsAt(x, y, 50, 50), nx: 50, ny: 50 });

  it('is the same where it holds all', () => {
    expect(extendGrid(base, [frame(0, 0), frame(150, 150)], 1)).toBe(base);
  });

  it('grows by whole blocks before its first pixel and as needed behind its last', () => {
    const grid = extendGrid(base, [frame(-10, 160)], 1);
    expect([grid.nx, grid.ny]).toEqual([264, 210]);
    expect(offsetOn(grid, base)).toEqual([64, 0]);
    const sky = base.wcs.pixelToSky(1, 1)!;
    const [x, y] = grid.wcs.skyToPixel(...sky)!;
    expect(x).toBeCloseTo(65, 6);
    expect(y).toBeCloseTo(1, 6);
  });

  it('tells the middle of what it has become', () => {
    const grid = extendGrid(base, [frame(-10, 160)], 1);
    const [ra, dec] = grid.wcs.pixelToSky(132.5, 105.5)!;
    expect(grid.centre[0]).toBeCloseTo(ra, 9);
    expect(grid.centre[1]).toBeCloseTo(dec, 9);
    expect(grid.centre).not.toEqual(base.centre);
  });

  it('knows frames that it cannot be made to hold; nearer ones come first', () => {
    // 0.1 Mpx: 264 x 210 are 0.055; with the frame at x = 400 besides 514 x 210 = 0.108
    const frames = [frame(400, 0), frame(-10, 160), frame(20, 20), frame(90_000, 0)];
    expect(Object.fromEntries(beyondGrid(base, frames, 0.1))).toEqual({ 0: 'size', 3: 'size' });
    expect([...beyondGrid(base, frames, 0.12).keys()]).toEqual([3]);
    // what stands is not judged by a limit set later
    expect([...beyondGrid(base, [frame(20, 20)], 0.001)]).toEqual([]);
  });

  it('takes no frame that its projection would tear', () => {
    const degrees = (ra: number, dec: number, s = 1 / 120) => ({
      wcs: makeTanWcs({ crval: [ra, dec], crpix: [500.5, 400.5], cd: [-s, 0, 0, s] }),
      nx: 1000,
      ny: 800,
    });
    const options = { scaleMode: 'median', orientation: 'north_up', paddingPercent: 2 } as const;
    const map = planOutputGrid([degrees(0, 20)], {
      ...options,
      resolution: null,
      maxMegapixels: 1000,
      projection: 'ait',
    });
    const [seam, pole, near] = [degrees(180, 20), degrees(30, 89.5), degrees(20, 30)];
    expect(Object.fromEntries(beyondGrid(map, [seam, pole, near], 1000))).toEqual({
      0: 'projection',
      1: 'projection',
    });
    expect(() => extendGrid(map, [seam], 1000)).toThrow('pipeline_canvas_torn');
    expect(extendGrid(map, [near], 1000).nx).toBeGreaterThan(map.nx);
  });

  it('does not grow beyond what a canvas may be', () => {
    expect(() => extendGrid(base, [frame(900, 0)], 0.1)).toThrow('pipeline_canvas_too_large');
  });
});

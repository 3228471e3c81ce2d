// The host side of tiles: weights, blends, and how far a pixel is from the edge of what a tile holds.
import { describe, expect, it } from 'vitest';
import { BLANK_VALUE } from '../../src/compute/constants.js';
import { coaddTiles } from '../../src/pipeline/integrate/coadd-tiles.js';
import { CoverageMask } from '../../src/pipeline/tiles/coverage-mask.js';

const tile = (value: number, weight: number, blend: number, frames: number) => ({
  values: Float32Array.of(value),
  weight: Float32Array.of(weight),
  blend: Float32Array.of(blend),
  frames: Float32Array.of(frames),
});

describe('a coadd of tiles', () => {
  it('is the inverse-variance mean where nothing fades', () => {
    const result = coaddTiles([tile(10, 1, 1, 3), tile(20, 3, 1, 5)], 1, 1);
    expect([...result.mean, ...result.weight, ...result.used]).toEqual([17.5, 4, 8]);
  });

  it('tells the variance of what a fading tile leaves', () => {
    const { mean, weight } = coaddTiles([tile(10, 1, 1, 1), tile(20, 1, 0.5, 1)], 1, 1);
    expect(mean[0]).toBeCloseTo((10 + 0.5 * 20) / 1.5, 5);
    // var = (1 + 0.25) / 1.5^2
    expect(1 / weight[0]).toBeCloseTo(1.25 / 2.25, 6);
  });

  it('takes one tile as it is however far it has faded, and blanks nothing into it', () => {
    const { mean, weight } = coaddTiles([tile(10, 2, 1e-3, 1), tile(BLANK_VALUE, 2, 1, 1)], 1, 1);
    expect(mean[0]).toBeCloseTo(10, 5);
    expect(weight[0]).toBeCloseTo(2, 5);
    const none = coaddTiles([tile(10, 0, 1, 1)], 1, 1);
    expect([...none.mean, ...none.weight]).toEqual([Math.fround(BLANK_VALUE), 0]);
  });
});

describe('a coverage mask', () => {
  const mask = new CoverageMask(160, 80);
  // right half empty, one dead pixel on the left
  for (let y = 0; y < 80; y++) mask.addRow(y, (x) => x < 80 && !(x === 20 && y === 40));

  it('knows the distance to the border and to where the image ends', () => {
    expect(mask.distanceToEdge(10, 40)).toBeCloseTo(10.5, 1);
    expect(mask.distanceToEdge(40, 40)).toBeGreaterThan(36);
    const toEmpty = mask.distanceToEdge(64, 40);
    expect(Math.abs(toEmpty - 15.5)).toBeLessThan(3);
    expect(mask.distanceToEdge(120, 40)).toBe(0);
  });

  it('does not take a dead pixel for an edge', () => {
    expect(mask.covers(20, 40)).toBe(true);
    expect(mask.covers(100, 40)).toBe(false);
    expect(mask.covers(-1, 40)).toBe(false);
    expect(mask.distanceToEdge(30, 40)).toBeCloseTo(30.5, 1);
  });
});

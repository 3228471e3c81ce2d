import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { BLOCK_SIZE, MAP_STRIDE } from '../../../../src/compute/constants.js';
import { planOutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';
import { pixelMap, pixelMapError } from '../../../../src/pipeline/planning/grid/pixel-map.js';

/** A camera of 1080 x 1920 at 2.4"/px, rotated, with a cubic distortion of 0.3 % at the corner. */
const s = 2.4 / 3600;
const [sin, cos] = [Math.sin(0.6), Math.cos(0.6)];
const frame = {
  nx: 1080,
  ny: 1920,
  wcs: makeTanWcs({
    crval: [83.8, -5.4],
    crpix: [540.5, 960.5],
    cd: [-s * cos, s * sin, s * sin, s * cos],
    sip: {
      a: [[0], [0], [0], [2.5e-9]],
      b: [[0, 0, 0, 2.5e-9]],
    },
  }),
};
const grid = planOutputGrid([frame], {
  scaleMode: 'median',
  orientation: 'north_up',
  paddingPercent: 0,
  resolution: null,
  maxMegapixels: 100,
});

/** The contract's evaluation of a map at pixel (x, y) of its cell, in float64. */
function evaluate(blocks: Float32Array, blocksX: number, x: number, y: number): [number, number] {
  const at = (Math.floor(y / BLOCK_SIZE) * blocksX + Math.floor(x / BLOCK_SIZE)) * MAP_STRIDE;
  const u = ((x % BLOCK_SIZE) - 31.5) / 32;
  const v = ((y % BLOCK_SIZE) - 31.5) / 32;
  const sum = (from: number) => {
    let total = 0;
    for (let j = 0; j < 3; j++) {
      for (let i = 0; i < 3; i++) total += blocks[at + from + 3 * j + i] * u ** i * v ** j;
    }
    return total;
  };
  return [blocks[at] + sum(2), blocks[at + 1] + sum(11)];
}

describe('pixel map', () => {
  const cell = { x0: 512, y0: 640, width: 200, height: 130 };
  const map = pixelMap(grid, frame.wcs, cell);

  it('agrees with the exact positions at every pixel to a thousandth', () => {
    let worst = 0;
    for (let y = 0; y < cell.height; y++) {
      for (let x = 0; x < cell.width; x++) {
        const sky = grid.wcs.pixelToSky(cell.x0 + x + 1, cell.y0 + y + 1)!;
        const exact = frame.wcs.skyToPixel(sky[0], sky[1])!;
        const mapped = evaluate(map.blocks, 4, x, y);
        worst = Math.max(worst, Math.hypot(mapped[0] - exact[0] + 1, mapped[1] - exact[1] + 1));
      }
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it('knows its own error', () => {
    const error = pixelMapError(grid, frame.wcs, cell, map, frame);
    expect(error).toBeLessThan(1e-3);
    const bent = {
      blocks: map.blocks.map((v, i) => (i % MAP_STRIDE === 2 ? v + 0.01 : v)),
      bounds: map.bounds,
    };
    expect(pixelMapError(grid, frame.wcs, cell, bent, frame)).toBeGreaterThan(0.009);
  });

  it('does not depend on the cell that a block is part of', () => {
    const other = pixelMap(grid, frame.wcs, { x0: 448, y0: 640, width: 128, height: 64 });
    const second = other.blocks.slice(MAP_STRIDE, 2 * MAP_STRIDE);
    expect(second).toEqual(map.blocks.slice(0, MAP_STRIDE));
  });

  it('bounds what it maps to', () => {
    for (const [x, y] of [
      [0, 0],
      [199, 0],
      [0, 129],
      [199, 129],
    ]) {
      const [fx, fy] = evaluate(map.blocks, 4, x, y);
      expect(fx).toBeGreaterThanOrEqual(map.bounds.x0);
      expect(fx).toBeLessThanOrEqual(map.bounds.x1);
      expect(fy).toBeGreaterThanOrEqual(map.bounds.y0);
      expect(fy).toBeLessThanOrEqual(map.bounds.y1);
    }
  });

  it('sends the far side of the sky nowhere, in finite numbers', () => {
    const away = makeTanWcs({ crval: [263.8, 5.4], crpix: [540, 960], cd: [-s, 0, 0, s] });
    const none = pixelMap(grid, away, cell);
    expect(none.blocks.every(Number.isFinite)).toBe(true);
    expect(none.blocks[0]).toBeLessThan(-1e5);
    expect(none.bounds.x0).toBe(Infinity);
  });

  it('sends blocks nowhere that have not all of their nodes, and those alone', () => {
    const holed = {
      ...frame.wcs,
      skyToPixelBatch: (ra: Float64Array, dec: Float64Array, x: Float64Array, y: Float64Array) => {
        frame.wcs.skyToPixelBatch(ra, dec, x, y);
        // a node between the first two blocks; rows have nine
        y[9 + 2] = NaN;
      },
    };
    const part = pixelMap(grid, holed, cell);
    expect([...part.blocks.slice(0, 2 * MAP_STRIDE)]).toEqual(
      [0, 1].flatMap(() => [-1e6, -1e6, ...Array<number>(18).fill(0)]),
    );
    expect(part.blocks.slice(2 * MAP_STRIDE)).toEqual(map.blocks.slice(2 * MAP_STRIDE));
  });
});

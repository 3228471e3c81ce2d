import { describe, expect, it } from 'vitest';
import { SkyRows } from '../../../src/astrometry/stars/sky-rows.js';
import { cellCount, sampleGrid, type LevelGrid } from '../../../src/photometry/background/level-grid.js';

function grid(width: number, height: number): LevelGrid {
  const stepPx = 16;
  const [nx, ny] = [cellCount(width, stepPx), cellCount(height, stepPx)];
  const cells = (k: number) => Float32Array.from({ length: nx * ny }, (_, i) => Math.sin(k + i * 7) * 50);
  return { nx, ny, stepPx, width, height, level: [cells(1), cells(2)], noise: [] };
}

describe('SkyRows', () => {
  it.each([
    ['many cells', 90, 75],
    ['one column', 20, 75],
    ['one row', 90, 20],
    ['one cell', 20, 20],
  ])('is the weighted sum of the interpolated channels, %s', (_, width, height) => {
    const g = grid(width, height);
    const rows = new SkyRows(g, [1, 2], 0.5, width - 1);
    for (let y = 0; y < height; y++) {
      rows.at(y + 0.5);
      let next = 0;
      for (let s = 0; s < rows.segments; s++) {
        expect(rows.start[s]).toBe(next);
        next = rows.end[s];
        for (let x = rows.start[s]; x < next; x++) {
          const [a, b] = g.level.map((level) => sampleGrid(g, level, x + 0.5, y + 0.5));
          expect(rows.value[s] + rows.slope[s] * x).toBeCloseTo(a + 2 * b, 6);
        }
      }
      expect(next).toBe(width - 1);
    }
  });
});

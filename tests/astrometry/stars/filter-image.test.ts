// The filtered image of 16-bit samples is that of the same samples as floats, to the bit.
import { describe, expect, it } from 'vitest';
import { detectionImage } from '../../../src/astrometry/stars/detection-image.js';
import { DetectionScratch } from '../../../src/astrometry/stars/detection-scratch.js';
import { filterImage } from '../../../src/astrometry/stars/filter-image.js';
import { FilteredIntegers } from '../../../src/astrometry/stars/filtered-integers.js';
import { FilteredSamples } from '../../../src/astrometry/stars/filtered-samples.js';
import { filterRange, matchedFilter } from '../../../src/astrometry/stars/matched-filter.js';
import type { Samples } from '../../../src/photometry/samples.js';
import { drawFrame } from './draw-frame.js';

const RGGB = [0, 1, 1, 2] as const;
const scratch = new DetectionScratch();

describe('16-bit samples are filtered as the same floats are', () => {
  it.each([
    ['a CFA', RGGB, 2.5, 0],
    ['a CFA with wide stars', RGGB, 6, 0],
    ['signed samples of a CFA', RGGB, 2.5, -32768],
    ['a plane', undefined, 2.5, 0],
    ['signed samples of a plane with wide stars', undefined, 7, -32768],
  ] as const)('%s', (_, cfa, fwhm, zero) => {
    const [width, height] = [203, 131];
    const stars = Array.from({ length: 40 }, (_, k) => ({
      x: 12 + ((k * 37) % 180),
      y: 12 + ((k * 53) % 108),
      flux: [3e4, 2e4, 1e4] as const,
    }));
    const drawn = drawFrame(stars, { width, height, cfa });
    const values = drawn.planes[0].map((v) => Math.min(Math.round(v + 20_000), 65_535) + zero);
    const integers = zero < 0 ? Int16Array.from(values) : Uint16Array.from(values);
    const level = drawn.grid.level.map((l) => l.map((v) => v + 20_000 + zero));
    const frame = (plane: Samples) => ({ ...drawn, planes: [plane], grid: { ...drawn.grid, level } });
    const filter = matchedFilter(fwhm, cfa ? 2 : 1);
    const image = (plane: Samples) => detectionImage(frame(plane));
    const plain = filterImage(image(Float32Array.from(integers)), filter, scratch);
    const quick = filterImage(image(integers), filter, scratch);
    expect(plain).toBeInstanceOf(FilteredSamples);
    expect(quick).toBeInstanceOf(FilteredIntegers);

    const { x0, x1, y0, y1, data, width: across } = plain.coarse;
    expect({ ...quick.coarse, data: [] }).toEqual({ ...plain.coarse, data: [] });
    const inside = (all: Float32Array) =>
      Array.from({ length: y1 - y0 }, (_, j) => [
        ...all.subarray((y0 + j) * across + x0, (y0 + j) * across + x1),
      ]);
    expect(inside(quick.coarse.data)).toEqual(inside(data));

    let listed = 0;
    for (let y = y0 + 1; y < y1 - 1; y++) {
      const counts = [plain, quick].map((f) => f.list(y, x0 + 1, x1 - 1, 30, 45));
      expect(counts[1]).toBe(counts[0]);
      expect([...quick.columns.subarray(0, counts[1])]).toEqual([...plain.columns.subarray(0, counts[0])]);
      listed += counts[0];
    }
    expect(listed).toBeGreaterThan(20);

    const [first, end] = filterRange(filter, width);
    for (const [x, y, size] of [
      [first, first, 5],
      [end - 5, 60, 5],
      [60, 61, 1],
    ])
      expect([...quick.patch(x, y, size).subarray(0, size * size)]).toEqual([
        ...plain.patch(x, y, size).subarray(0, size * size),
      ]);
  });
});

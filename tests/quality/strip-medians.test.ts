import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arraySource } from '../../src/output/sources/plane-source.js';
import { selectMedian } from '../../src/photometry/select-median.js';
import { StripMedians } from '../../src/quality/strip-medians.js';
import { SamplePasses } from '../../src/simd/sample-passes.js';

test('medians of any strips, with ties, infinities and gaps, are those of the plain selection', () => {
  const value = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true }),
    fc.constantFrom(NaN, Infinity, -Infinity, 1e-40, -1e-40, -0),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const room = new SamplePasses();
        const strip = Float32Array.from(
          { length: 4 * Math.ceil(values.length / 4) },
          (_, k) => values[k] ?? NaN,
        );
        // of six strips all but the third are flat: that is the step
        const count = strip.length;
        const ring = room.put(Float32Array.of(0, ...strip));
        const places = room.put(
          Int32Array.from({ length: 6 * count }, (_, k) =>
            Math.floor(k / count) !== 2 ? 0 : Number.isNaN(strip[k % count]) ? -1 : 1 + (k % count),
          ),
        );
        const least = share * values.length;
        const median = room.passes.edgeStep(ring, places, count, least, room.take(4 * count));
        const known = strip.filter((v) => !Number.isNaN(v));
        expect(median + 0).toEqual(known.length > 0 && known.length >= least ? selectMedian(known) + 0 : NaN);
      },
    ),
    { numRuns: 300 },
  );
});

test('a step is that of the edge on each plane, whatever slope the sky has, and none where rows end', async () => {
  const [nx, ny] = [400, 620];
  for (const turn of [0, 0.4, Math.PI / 2, 2.3]) {
    const n = [Math.cos(turn), Math.sin(turn)] as const;
    const point = { x: 200.3, y: 411.6, u: [-n[1], n[0]], n } as const;
    const planes = [5, -3].map((jump) => {
      const plane = new Float32Array(nx * ny);
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++) {
          const out = (x - point.x) * n[0] + (y - point.y) * n[1];
          plane[y * nx + x] = 100 + 0.3 * x - 0.2 * y + (out > 0 ? jump : 0);
        }
      }
      return plane;
    });
    const strips = new StripMedians(new SamplePasses(), arraySource(nx, ny, planes));
    // rows of an edge further up are read first
    await strips.aim({ ...point, y: 150 });
    await strips.aim(point);
    // pixels stand up to half of one beside the strips
    expect(Math.abs(strips.step(0) - 5)).toBeLessThan(0.15);
    expect(Math.abs(strips.step(1) + 3)).toBeLessThan(0.15);
    const cut = new StripMedians(
      new SamplePasses(),
      arraySource(nx, 13, [planes[0].subarray(405 * nx, 418 * nx)]),
    );
    await cut.aim({ ...point, y: 6.6 });
    expect(cut.step(0)).toBe(NaN);
  }
});

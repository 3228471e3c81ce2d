import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectMedian } from '../../src/photometry/select-median.js';
import { BESIDE_PX, HALF_LENGTH_PX, STRIP_TO_PX, StripMedians } from '../../src/quality/strip-medians.js';
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
        const at = room.take(4 * strip.length);
        new Float32Array(room.buffer, at, strip.length).set(strip);
        const least = share * values.length;
        const median = room.passes.stripMedian(at, strip.length, least);
        const known = strip.filter((v) => !Number.isNaN(v));
        expect(median + 0).toEqual(known.length > 0 && known.length >= least ? selectMedian(known) + 0 : NaN);
      },
    ),
    { numRuns: 300 },
  );
});

test('a step is that of the edge, whatever slope the sky has, and its place is found on any row of a band', () => {
  const [nx, ny, y0] = [400, 420, 37];
  const reach = HALF_LENGTH_PX + BESIDE_PX + STRIP_TO_PX;
  const strips = new StripMedians();
  for (const turn of [0, 0.4, Math.PI / 2, 2.3]) {
    const n = [Math.cos(turn), Math.sin(turn)] as const;
    const point = { x: 200.3, y: 211.6, u: [-n[1], n[0]], n } as const;
    const band = new Float32Array(nx * ny);
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const out = (x - point.x) * n[0] + (y - point.y) * n[1];
        band[y * nx + x] = 100 + 0.3 * x - 0.2 * y + (out > 0 ? 5 : 0);
      }
    }
    strips.aim(point, nx, y0, 211 + reach);
    // pixels stand up to half of one beside the strips
    expect(Math.abs(strips.step(band, y0 * nx) - 5)).toBeLessThan(0.15);
    strips.aim(point, nx, 205, 218);
    expect(strips.step(band, 205 * nx)).toBe(NaN);
  }
});

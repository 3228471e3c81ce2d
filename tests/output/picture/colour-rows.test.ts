import { expect, test } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { colourRows } from '../../../src/output/picture/colour-rows.js';
import { screenValues } from '../../../src/output/picture/stretch.js';

const [nx, ny] = [61, 40];
const stretch = { sky: [700, 820, 640], gains: [1.2, 1, 0.8], black: -25, white: 9000, asinhA: 0.003 };

/** Sky, stars up to ten times white in single planes, pixels below black, and blanks in one plane or all. */
function planes(): Float32Array[] {
  const random = randomStream(4);
  return stretch.sky.map((sky) =>
    Float32Array.from({ length: nx * ny }, (_, i) => {
      if (random.uniform() < 0.03) return NaN;
      return sky + 15 * random.normal() + (i % 3 === 0 ? 90_000 * random.uniform() ** 6 : 0);
    }),
  );
}

test.each([
  { step: 1, start: 2 * nx },
  { step: -1, start: 3 * nx - 1 },
])(
  'rows are those of the plain twin to a level of 255, alpha exactly, at steps of $step',
  ({ step, start }) => {
    const image = { planes: planes() };
    const shares = Float32Array.from({ length: nx * ny }, (_, i) => (i % 11) / 10);
    const paint = colourRows(stretch);
    const run = { start, step, length: nx };
    const expected = new Uint8Array(run.length * 4);
    screenValues(image, stretch)(run, expected, 4);
    const shown = paint(image.planes, run, shares).slice();
    const finite = paint(image.planes, run, 'finite').slice();
    const plain = paint(image.planes, run).slice();
    expect([shown.length, plain.length]).toEqual([4 * run.length, 3 * run.length]);
    let largest = 0;
    for (let x = 0; x < run.length; x++) {
      for (let c = 0; c < 3; c++) {
        largest = Math.max(largest, Math.abs(shown[4 * x + c] - expected[4 * x + c]));
        expect(plain[3 * x + c]).toBe(shown[4 * x + c]);
      }
      const isFinite = image.planes.every((plane) => Number.isFinite(plane[start + x * step]));
      expect(finite[4 * x + 3]).toBe(isFinite ? 255 : 0);
      expect(shown[4 * x + 3]).toBe(Math.floor(Math.fround(255 * shares[start + x * step]) + 0.5));
    }
    expect(largest).toBeLessThanOrEqual(1);
    // the curve, its upper end and black are all met
    const values = new Set(expected);
    expect(values.has(0) && values.has(255) && values.size > 40).toBe(true);
  },
);

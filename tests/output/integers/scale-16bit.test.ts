import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { fullRangeScale, SCALE_16_STEPS, toScale16 } from '../../../src/output/integers/scale-16bit.js';

test('one scale spans all planes and clips nothing', async () => {
  const planes = [Float32Array.of(-5, NaN), Float32Array.of(3, 10), Float32Array.of(0, 2000)];
  const scale = await fullRangeScale(arraySource(2, 1, planes));
  expect(scale).toEqual({ black: -5, white: 2000 });
  expect([-5, 2000, NaN, -1e9, 1e9].map((value) => toScale16(value, scale))).toEqual([1, 65535, 0, 1, 65535]);
});

test('values come back within half a step', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: -100_000, max: 100_000 }),
      (share, black) => {
        const scale = { black, white: black + 4321.5 };
        const step = 4321.5 / SCALE_16_STEPS;
        const value = black + share * 4321.5;
        expect(Math.abs(scale.black + (toScale16(value, scale) - 1) * step - value)).toBeLessThanOrEqual(
          step * 0.5001,
        );
      },
    ),
  );
});

test('a flat or empty image has a scale', async () => {
  expect(await fullRangeScale(arraySource(1, 1, [Float32Array.of(7)]))).toEqual({ black: 7, white: 8 });
  expect(await fullRangeScale(arraySource(1, 1, [Float32Array.of(NaN)]))).toEqual({ black: 0, white: 1 });
});

// Codecs on their own: round trips at the edges of the integer types, and the published end of the random sequence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeChecksum } from '../../src/fits/checksum.js';
import { CorruptTile } from '../../src/fits/codecs/codec-error.js';
import { ditherSequence } from '../../src/fits/codecs/dither.js';
import { quantise, rowNoise } from '../../src/fits/codecs/quantise.js';
import { decodeRice } from '../../src/fits/codecs/rice-decode.js';
import { encodeRice } from '../../src/fits/codecs/rice-encode.js';

const RANGES = { 1: [0, 255], 2: [-32768, 32767], 4: [-(2 ** 31), 2 ** 31 - 1] } as const;

describe('RICE_1', () => {
  for (const bytePix of [1, 2, 4] as const) {
    it(`${bytePix} bytes a pixel: what goes in comes out`, () => {
      const [min, max] = RANGES[bytePix];
      const pixel = fc.oneof(
        fc.integer({ min, max }),
        fc.integer({ min: Math.max(min, -3), max: 3 }),
        fc.constantFrom(min, max),
      );
      fc.assert(
        fc.property(
          fc.array(pixel, { minLength: 1, maxLength: 150 }),
          fc.constantFrom(1, 8, 16, 32, 33),
          (values, blockSize) => {
            const pixels = Int32Array.from(values);
            const bytes = encodeRice(pixels, blockSize, bytePix);
            expect(decodeRice(bytes, pixels.length, blockSize, bytePix)).toEqual(pixels);
          },
        ),
        { seed: 20261122, numRuns: 400 },
      );
    });
  }

  it('a stream that ends early is corrupt, wherever it is cut', () => {
    const pixels = Int32Array.from({ length: 200 }, (_, i) => ((i * 7919) % 1000) - 500);
    const bytes = encodeRice(pixels, 32, 2);
    for (let cut = 0; cut < bytes.length - 1; cut++) {
      expect(() => decodeRice(bytes.subarray(0, cut), 200, 32, 2)).toThrow(CorruptTile);
    }
  });
});

describe('dithering', () => {
  it('the random sequence ends where appendix I says', () => {
    expect(ditherSequence().length).toBe(10000);
    expect(ditherSequence()[0]).toBe(Math.fround(16807 / 2147483647));
    expect(ditherSequence()[9999]).toBe(Math.fround(1043618065 / 2147483647));
  });

  it('the noise of a row is its sigma, whatever gradient and NaN it has', () => {
    let seed = 5;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const gauss = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const row = Float32Array.from({ length: 5000 }, (_, i) => 100 + i + 4 * gauss());
    row[77] = NaN;
    expect(rowNoise(row)).toBeGreaterThan(3.5);
    expect(rowNoise(row)).toBeLessThan(4.5);
    expect(rowNoise(new Float32Array(3))).toBe(0);
  });

  it.each([
    ['no noise', new Float32Array(50).fill(3)],
    ['infinity', Float32Array.from({ length: 50 }, (_, i) => (i === 9 ? Infinity : Math.sin(i * 9)))],
    ['nothing but NaN', new Float32Array(50).fill(NaN)],
    [
      'a range of more steps than integers',
      Float32Array.from({ length: 50 }, (_, i) => (i === 9 ? 1e30 : Math.sin(i * 9))),
    ],
  ])('%s is not quantised', (_name, values) => {
    expect(quantise(values, { level: 16, dither: 'subtractive-1', tile: 0, seed: 1 })).toBeUndefined();
  });
});

describe('checksum text', () => {
  it('is 16 letters and digits for every sum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (sum) => {
        expect(encodeChecksum(sum)).toMatch(/^[0-9A-Za-z]{16}$/);
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  it('of a sum of -0 is all zeros (appendix J)', () => {
    expect(encodeChecksum(0xffffffff)).toBe('0000000000000000');
  });
});

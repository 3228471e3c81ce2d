// 16-bit samples come as the integers that they are, or not at all.
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/fits/byte-source.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { readIntegers } from '../../../src/fits/read/read-integers.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import { fitsBytes, type Cards } from '../../frames/fits-bytes.js';

const stored = (i: number) => ((i * 7919) % 65536) - 32768;

async function read(cards: Cards, window = { x0: 0, y0: 0, width: 33, height: 40 }) {
  const file = await openFits(memorySource('a.fits', fitsBytes([33, 40], cards, stored)));
  const integers = await readIntegers(file, file.hdus[0], window);
  return { integers, floats: await readWindow(file, file.hdus[0], window) };
}

describe('readIntegers', () => {
  it.each<[string, Cards, string]>([
    ['signed', {}, 'Int16Array'],
    ['unsigned', { BZERO: 32768, BSCALE: 1 }, 'Uint16Array'],
  ])(
    'gives the %s values of whole images and of windows with an odd number of samples',
    async (_, cards, type) => {
      for (const window of [undefined, { x0: 4, y0: 3, width: 7, height: 5 }]) {
        const { integers, floats } = await read(cards, window);
        expect(integers?.constructor.name).toBe(type);
        expect(Array.from(integers!)).toEqual(Array.from(floats));
      }
    },
  );

  it.each<[string, Cards]>([
    ['scaled values', { BSCALE: 0.5 }],
    ['another zero', { BZERO: 100 }],
    ['blanks', { BLANK: -1 }],
  ])('leaves %s to floats', async (_, cards) => {
    expect((await read(cards)).integers).toBeUndefined();
  });
});

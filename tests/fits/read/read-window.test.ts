// Windows of plain images: every stored type, scaling, blanks, planes, and the bytes that are (not) read.
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/fits/byte-source.js';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { ReadBuffers } from '../../../src/fits/read/read-buffers.js';
import { readRawRows, readWindow, readWindow64 } from '../../../src/fits/read/read-window.js';
import { bigEndian, card, codeOf, countingSource, hduBytes, primary } from '../support.js';

async function physical(bitpix: number, stored: readonly (number | bigint)[], extra: string[] = []) {
  const file = await openFits(
    memorySource('x.fits', primary(bitpix, [1, stored.length], bigEndian(bitpix, stored), extra)),
  );
  const hdu = firstImageHdu(file);
  const window = { x0: 0, y0: 0, width: stored.length, height: 1 };
  return {
    f64: [...(await readWindow64(file, hdu, window))],
    f32: [...(await readWindow(file, hdu, window))],
  };
}

describe('stored types', () => {
  const unsigned = (bzero: string) => [card('BSCALE', 1), card('BZERO', bzero)];
  const cases: [string, number, (number | bigint)[], string[], number[]][] = [
    ['unsigned 8', 8, [0, 1, 255], [], [0, 1, 255]],
    ['signed 8', 8, [0, 128, 255], unsigned('-128'), [-128, 0, 127]],
    ['signed 16', 16, [-32768, -1, 32767], [], [-32768, -1, 32767]],
    ['unsigned 16', 16, [-32768, -1, 32767], unsigned('32768'), [0, 32767, 65535]],
    ['signed 32', 32, [-(2 ** 31), 7, 2 ** 31 - 1], [], [-(2 ** 31), 7, 2 ** 31 - 1]],
    ['unsigned 32', 32, [-(2 ** 31), 0, 2 ** 31 - 1], unsigned('2147483648'), [0, 2 ** 31, 2 ** 32 - 1]],
    ['signed 64', 64, [-(2n ** 53n), -5n, 2n ** 62n], [], [-(2 ** 53), -5, 2 ** 62]],
    ['unsigned 64', 64, [-(2n ** 63n), 1n - 2n ** 63n, 0n], unsigned('9223372036854775808'), [0, 1, 2 ** 63]],
    ['float 32', -32, [0.5, -1e30, NaN], [], [0.5, Math.fround(-1e30), NaN]],
    ['float 64', -64, [0.1, -1e300, NaN], [], [0.1, -1e300, NaN]],
    ['blank', 16, [-32768, 5], [card('BLANK', -32768), card('BSCALE', 0.5), card('BZERO', 10)], [NaN, 12.5]],
    ['blank of a float means nothing', -32, [5], [card('BLANK', 5)], [5]],
  ];
  it.each(cases)('%s', async (_name, bitpix, stored, extra, expected) => {
    const { f64, f32 } = await physical(bitpix, stored, extra);
    expect(f64).toEqual(expected);
    expect(f32).toEqual(expected.map(Math.fround));
  });

  it('scales 16-bit values in float32, so that both outputs agree', async () => {
    const { f64, f32 } = await physical(
      16,
      [3, 1234, -32000],
      [card('BSCALE', '0.045777764213996'), card('BZERO', 1500)],
    );
    expect(f64).toEqual(f32);
    expect(f64[1]).toBe(Math.fround(Math.fround(1234 * Math.fround(0.045777764213996)) + 1500));
  });

  it('scales 32-bit values in float64', async () => {
    const { f64 } = await physical(32, [123456789], [card('BSCALE', 0.1), card('BZERO', 0.7)]);
    expect(f64[0]).toBe(123456789 * 0.1 + 0.7);
  });
});

describe('windows', () => {
  // A cube of 3 planes whose values name their place: plane * 1e6 + y * 1e3 + x.
  const [planes, ny, nx] = [3, 40, 900];
  const values = Array.from({ length: planes * ny * nx }, (_, i) => {
    const x = i % nx;
    return (Math.floor(i / (nx * ny)) * 1e4 + (Math.floor(i / nx) % ny) * 1e2 + (x % 97)) % 30000;
  });
  const bytes = primary(16, [planes, ny, nx], bigEndian(16, values));
  const buffers = new ReadBuffers();
  const at = (plane: number, y: number, x: number) => values[(plane * ny + y) * nx + x];

  it.each([
    [0, 0, 0, 900, 40],
    [2, 899, 39, 1, 1],
    [1, 10, 3, 500, 30],
    [1, 880, 0, 20, 40],
    [2, 5, 7, 0, 0],
  ])('plane %i, x0 %i, y0 %i, %i x %i', async (plane, x0, y0, width, height) => {
    const file = await openFits(memorySource('cube', bytes));
    const hdu = firstImageHdu(file);
    const window = { plane, x0, y0, width, height };
    const pixels = await readWindow(file, hdu, window);
    const raw = await readRawRows(file, hdu, window);
    expect(raw.length).toBe(2 * width * height);
    // memory that has served other windows before
    const used = await readRawRows(file, hdu, { x0: 0, y0: 0, width: 899, height: 39 }, buffers);
    buffers.give(used.fill(0xff));
    const again = await readRawRows(file, hdu, window, buffers);
    expect(Buffer.compare(again, raw)).toBe(0);
    buffers.give(again);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const expected = at(plane, y0 + y, x0 + x);
        if (pixels[y * width + x] !== expected || view.getInt16(2 * (y * width + x)) !== expected) {
          expect.fail(`pixel ${x}, ${y}: ${pixels[y * width + x]}, expected ${expected}`);
        }
      }
    }
  });

  it.each([
    [0, 0, 60, 30],
    [7, 4, 40, 9],
    [59, 0, 1, 30],
    [0, 30, 60, 0],
  ])('of float32, x0 %i, y0 %i, %i x %i', async (x0, y0, width, height) => {
    const floats = Array.from({ length: 30 * 60 }, (_, i) =>
      i % 77 === 0 ? NaN : Math.fround(i * 0.37 - 200),
    );
    const file = await openFits(memorySource('floats', primary(-32, [30, 60], bigEndian(-32, floats))));
    const expected = Float32Array.from(
      { length: width * height },
      (_, i) => floats[(y0 + Math.floor(i / width)) * 60 + x0 + (i % width)],
    );
    expect(await readWindow(file, firstImageHdu(file), { x0, y0, width, height })).toEqual(expected);
  });

  it.each([100, 5000])('%i pixels of each row, in several bands', async (width) => {
    const [nx, ny] = [6000, 1500];
    const stored = new Uint8Array(2 * nx * ny);
    for (let i = 0; i < stored.length; i++) stored[i] = (i * 31) >> 7;
    const file = await openFits(memorySource('large', primary(16, [ny, nx], stored)));
    const window = { x0: 900, y0: 5, width, height: ny - 8 };
    const raw = await readRawRows(file, firstImageHdu(file), window, buffers);
    expect(raw.length).toBe(2 * width * window.height);
    for (let y = 0; y < window.height; y++) {
      const from = 2 * ((window.y0 + y) * nx + window.x0);
      const row = raw.subarray(2 * y * width, 2 * (y + 1) * width);
      if (Buffer.compare(row, stored.subarray(from, from + 2 * width)) !== 0) expect.fail(`row ${y}`);
    }
  });

  it('opening reads the header, a window its rows', async () => {
    const source = countingSource(bytes);
    const file = await openFits(source);
    expect(Math.max(...source.reads.map(({ offset, length }) => offset + length))).toBeLessThanOrEqual(28800);
    source.reads.length = 0;
    await readWindow(file, firstImageHdu(file), { plane: 1, x0: 100, y0: 20, width: 10, height: 2 });
    const asked = source.reads.reduce((sum, { length }) => sum + length, 0);
    expect(asked).toBeLessThanOrEqual(2 * 900 * 2);
    expect(source.reads[0].offset).toBe(2880 + 2 * ((1 * ny + 20) * nx + 100));
  });

  it('a narrow window of a very wide image is read row by row', async () => {
    const wide = primary(16, [4, 40000], new Uint8Array(4 * 40000 * 2));
    const source = countingSource(wide);
    const file = await openFits(source);
    source.reads.length = 0;
    await readWindow(file, firstImageHdu(file), { x0: 5, y0: 0, width: 3, height: 4 });
    expect(source.reads.map(({ length }) => length)).toEqual([6, 6, 6, 6]);
  });

  it.each([
    { x0: -1, y0: 0, width: 1, height: 1 },
    { x0: 0.5, y0: 0, width: 1, height: 1 },
    { x0: 0, y0: 0, width: 901, height: 1 },
    { x0: 0, y0: 40, width: 1, height: 1 },
    { x0: 0, y0: 0, width: 1, height: NaN },
    { plane: 3, x0: 0, y0: 0, width: 1, height: 1 },
  ])('refuses %o', async (window) => {
    const file = await openFits(memorySource('cube', bytes));
    expect(await codeOf(readWindow(file, firstImageHdu(file), window))).toBe('fits_window_outside');
  });
});

describe('finding the image', () => {
  it('passes over an empty primary', async () => {
    const empty = hduBytes([card('SIMPLE', 'T'), card('BITPIX', 8), card('NAXIS', 0)], new Uint8Array(0));
    const extension = hduBytes(
      [
        "XTENSION= 'IMAGE   '",
        card('BITPIX', 16),
        card('NAXIS', 2),
        card('NAXIS1', 2),
        card('NAXIS2', 1),
        card('PCOUNT', 0),
        card('GCOUNT', 1),
        "EXTNAME = 'SCI'",
      ],
      bigEndian(16, [4, 9]),
    );
    const file = await openFits(
      memorySource('mef', Buffer.concat([empty, extension, Buffer.from('rubbish')])),
    );
    expect(file.hdus.map(({ name }) => name)).toEqual(['PRIMARY', 'SCI']);
    const hdu = firstImageHdu(file);
    expect(hdu.index).toBe(1);
    expect([...(await readWindow(file, hdu, { x0: 0, y0: 0, width: 2, height: 1 }))]).toEqual([4, 9]);
    expect(
      await codeOf(
        readWindow(file, { ...file.hdus[1], image: undefined }, { x0: 0, y0: 0, width: 1, height: 1 }),
      ),
    ).toBe('fits_not_an_image');
  });

  it('says so when there is none', async () => {
    const file = await openFits(memorySource('spectrum', primary(16, [5], bigEndian(16, [1, 2, 3, 4, 5]))));
    expect(() => firstImageHdu(file)).toThrow(expect.objectContaining({ code: 'fits_no_image' }));
    // One axis is one row.
    const row = await readWindow(file, file.hdus[0], { x0: 1, y0: 0, width: 3, height: 1 });
    expect([...row]).toEqual([2, 3, 4]);
  });
});

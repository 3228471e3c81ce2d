// Tile-compressed images made by fpack, against what funpack makes of them (fixtures/fits/make_fixtures.py).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { planeGeometry } from '../../src/fits/hdu.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { readRawRows, readWindow, readWindow64 } from '../../src/fits/read/read-window.js';
import { codeOf, countingSource, digestOf } from './support.js';

const root = path.resolve(import.meta.dirname, '../fixtures/fits');
const bytesOf = (name: string) => readFileSync(path.join(root, `${name}.fits.fz`));
const expected = JSON.parse(readFileSync(path.join(root, 'expected.json'), 'utf8')) as Record<
  string,
  { shape: number[]; nan: number; sha256: string }
>;

describe('codecs and dithers', () => {
  for (const [name, { shape, nan, sha256 }] of Object.entries(expected)) {
    it(name, async () => {
      const file = await openFits(memorySource(name, bytesOf(name)));
      const hdu = firstImageHdu(file);
      expect(hdu.kind).toBe('compressed-image');
      expect(hdu.image.shape).toEqual(shape);
      const { nx, ny, planes } = planeGeometry(hdu.image);
      const pixels: Float64Array[] = [];
      for (let plane = 0; plane < planes; plane++) {
        pixels.push(await readWindow64(file, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny }));
      }
      expect(pixels.flatMap((plane) => [...plane]).filter(Number.isNaN).length).toBe(nan);
      expect(digestOf(pixels)).toBe(sha256);
    });
  }

  it('the fixtures cover every codec and dither', async () => {
    const seen = new Set<string>();
    for (const name of Object.keys(expected)) {
      const { tiles } = firstImageHdu(await openFits(memorySource(name, bytesOf(name))));
      seen.add(tiles?.codec ?? '').add(tiles?.dither ?? '');
    }
    for (const each of ['RICE_1', 'GZIP_1', 'GZIP_2', 'HCOMPRESS_1', 'PLIO_1', 'NOCOMPRESS']) {
      expect(seen).toContain(each);
    }
    for (const each of ['none', 'subtractive-1', 'subtractive-2']) expect(seen).toContain(each);
  });
});

describe('windows of compressed images', () => {
  for (const name of [
    'rice_i16_tiles',
    'rice_cube',
    'hcomp_i16',
    'rice_f32_dither2_tiles',
    'rice_i16_whole',
  ]) {
    for (const tileCacheBytes of [0, 1 << 20]) {
      it(`${name}: a window is a cut of the whole (cache ${tileCacheBytes})`, async () => {
        const file = await openFits(memorySource(name, bytesOf(name)), { tileCacheBytes });
        const hdu = firstImageHdu(file);
        const { nx, ny, planes } = planeGeometry(hdu.image);
        for (let plane = 0; plane < planes; plane++) {
          const whole = await readWindow(file, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny });
          for (const [x0, y0, width, height] of [
            [0, 0, 1, 1],
            [nx - 1, ny - 1, 1, 1],
            [7, 5, 31, 22],
            [0, 11, nx, 9],
            [13, 0, 17, ny],
          ]) {
            const cut = await readWindow(file, hdu, { plane, x0, y0, width, height });
            for (let y = 0; y < height; y++) {
              const from = (y0 + y) * nx + x0;
              expect([...cut.subarray(y * width, (y + 1) * width)]).toEqual([
                ...whole.subarray(from, from + width),
              ]);
            }
          }
        }
        expect(file.tileCache.bytes).toBeLessThanOrEqual(tileCacheBytes);
        if (tileCacheBytes > 0) expect(file.tileCache.bytes).toBeGreaterThan(0);
      });
    }
  }

  it('only the tiles of the window are read, and not again from the cache', async () => {
    const source = countingSource(bytesOf('rice_i16'));
    const file = await openFits(source);
    const hdu = firstImageHdu(file);
    source.reads.length = 0;
    const window = { x0: 3, y0: 20, width: 4, height: 2 };
    const first = await readWindow(file, hdu, window);
    // Descriptors of two rows, then their two neighbouring heap arrays.
    expect(source.reads.length).toBe(2);
    expect(source.reads[0].length).toBe(2 * 8);
    expect(source.reads[1].length).toBeLessThan(2 * 53 * 2 + 8);
    source.reads.length = 0;
    expect(await readWindow(file, hdu, window)).toEqual(first);
    expect(source.reads.length).toBe(0);
  });

  it('the cache forgets the oldest tiles and stays within its budget', async () => {
    const file = await openFits(memorySource('cached', bytesOf('rice_i16')), { tileCacheBytes: 1000 });
    const hdu = firstImageHdu(file);
    for (let y0 = 0; y0 < 37; y0++) await readWindow(file, hdu, { x0: 0, y0, width: 53, height: 1 });
    // Four tiles of 53 32-bit pixels.
    expect(file.tileCache.bytes).toBe(848);
  });

  it('raw rows of a compressed image are refused', async () => {
    const file = await openFits(memorySource('raw', bytesOf('rice_i16')));
    const window = { x0: 0, y0: 0, width: 1, height: 1 };
    expect(await codeOf(readRawRows(file, firstImageHdu(file), window))).toBe('fits_raw_needs_plain');
  });
});

describe('the header of a compressed image', () => {
  it('is the image’s own', async () => {
    const file = await openFits(memorySource('header', bytesOf('rice_i16_blank')));
    const { header, image } = firstImageHdu(file);
    expect(header.get('BITPIX')).toBe(16);
    expect(header.get('NAXIS1')).toBe(53);
    expect(header.get('NAXIS2')).toBe(37);
    expect(header.get('BLANK')).toBe(-32768);
    expect(header.cards[0].key).toBe('SIMPLE');
    expect(image).toMatchObject({ bscale: 0.25, bzero: 100, blank: -32768 });
    for (const key of ['ZIMAGE', 'ZCMPTYPE', 'TFIELDS', 'TTYPE1', 'ZTILE1', 'ZNAXIS1', 'ZVAL1']) {
      expect(header.has(key), key).toBe(false);
    }
  });
});

describe('damaged tiles', () => {
  for (const name of [
    'rice_i16',
    'gzip2_i32',
    'hcomp_i16',
    'plio_mask',
    'rice_f32_dither1',
    'nocompress_i16',
  ]) {
    it(`${name}: a descriptor that points beyond the heap is refused`, async () => {
      const bytes = Uint8Array.from(bytesOf(name));
      const { dataOffset } = firstImageHdu(await openFits(memorySource(name, bytes)));
      new DataView(bytes.buffer).setUint32(dataOffset, 0x7fffffff);
      const file = await openFits(memorySource(name, bytes));
      const window = { x0: 0, y0: 0, width: 2, height: 2 };
      await expect(readWindow(file, firstImageHdu(file), window)).rejects.toMatchObject({
        code: 'fits_tile_corrupt',
        params: { tile: 1 },
      });
    });

    it(`${name}: a tile cut short is refused`, async () => {
      const bytes = Uint8Array.from(bytesOf(name));
      const { dataOffset } = firstImageHdu(await openFits(memorySource(name, bytes)));
      new DataView(bytes.buffer).setUint32(dataOffset, 3);
      const file = await openFits(memorySource(name, bytes));
      const window = { x0: 0, y0: 0, width: 53, height: 1 };
      expect(await codeOf(readWindow(file, firstImageHdu(file), window))).toBe('fits_tile_corrupt');
    });
  }
});

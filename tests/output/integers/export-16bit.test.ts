import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import { exportPng16, exportTiff16, exportViewerFits } from '../../../src/output/integers/export-16bit.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { writeTiff16 } from '../../../src/output/integers/tiff-writer.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();
const [nx, ny] = [7, 5];
// Values equal their own numbers on a scale from 1 to 65535.
const scale = { black: 1, white: 65535 };
const planes = [0, 1, 2].map((p) => Float32Array.from({ length: nx * ny }, (_, i) => 100 + 1000 * p + i));
planes[1][0] = NaN; // first FITS pixel
const colour = arraySource(nx, ny, planes);

/** Interleaved samples of the picture, first FITS row at the bottom. */
const expected: number[] = [];
for (let y = ny - 1; y >= 0; y--) {
  for (let x = 0; x < nx; x++)
    for (const plane of planes) expected.push(y === 0 && x === 0 ? 0 : plane[y * nx + x]);
}

interface Tiff {
  readonly big: boolean;
  readonly tags: Map<number, number[]>;
  readonly samples: number[];
}

/** A reader of its own, from the TIFF 6.0 and BigTIFF descriptions. */
function readTiff(bytes: Buffer): Tiff {
  expect(bytes.toString('latin1', 0, 2)).toBe('II');
  const big = bytes.readUInt16LE(2) === 43;
  const long = (at: number) => (big ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
  let at = long(big ? 8 : 4);
  const count = big ? long(at) : bytes.readUInt16LE(at);
  at += big ? 8 : 2;
  const tags = new Map<number, number[]>();
  let previous = 0;
  for (let n = 0; n < count; n++, at += big ? 20 : 12) {
    const id = bytes.readUInt16LE(at);
    expect(id).toBeGreaterThan(previous); // ascending, as the standard demands
    previous = id;
    const size = { 2: 1, 3: 2, 4: 4, 16: 8 }[bytes.readUInt16LE(at + 2)]!;
    const values = long(at + 4);
    const field = at + (big ? 12 : 8);
    const from = size * values > (big ? 8 : 4) ? long(field) : field;
    tags.set(
      id,
      Array.from({ length: values }, (_, i) =>
        size === 8 ? Number(bytes.readBigUInt64LE(from + 8 * i)) : bytes.readUIntLE(from + size * i, size),
      ),
    );
  }
  const samples: number[] = [];
  tags.get(273)!.forEach((offset, strip) => {
    for (let i = 0; i < tags.get(279)![strip]; i += 2) samples.push(bytes.readUInt16LE(offset + i));
  });
  return { big, tags, samples };
}

describe('TIFF', () => {
  test('holds the picture and its scale', async () => {
    const file = path.join(folder(), 'a.tif');
    await exportTiff16(file, colour, { scale });
    const tiff = readTiff(await readFile(file));
    expect(tiff.big).toBe(false);
    expect([256, 257, 262, 277].map((id) => tiff.tags.get(id))).toEqual([[nx], [ny], [2], [3]]);
    expect(tiff.tags.get(258)).toEqual([16, 16, 16]);
    expect(tiff.samples).toEqual(expected);
    const text = String.fromCharCode(...tiff.tags.get(270)!.slice(0, -1));
    expect(JSON.parse(text)).toMatchObject(scale);
  });

  test.each([false, true])('strips join without a gap, BigTIFF %s', async (forceBig) => {
    const file = path.join(folder(), 'a.tif');
    const [width, height] = [2000, 700]; // 2.8 MB: three strips
    function* rows(): Generator<Uint16Array> {
      const row = new Uint16Array(width);
      for (let y = 0; y < height; y++) yield row.map((_, x) => (x * 7 + y * 13) & 0xffff);
    }
    await writeTiff16(file, { width, height, channels: 1, description: 'x', forceBig }, rows());
    const bytes = await readFile(file);
    const tiff = readTiff(bytes);
    expect(tiff.big).toBe(forceBig);
    expect(tiff.tags.get(273)!.length).toBe(3);
    expect(tiff.samples.length).toBe(width * height);
    expect(
      tiff.samples.findIndex((v, i) => v !== (((i % width) * 7 + Math.floor(i / width) * 13) & 0xffff)),
    ).toBe(-1);
    expect(tiff.tags.get(273)!.at(-1)! + tiff.tags.get(279)!.at(-1)!).toBe(bytes.length);
  });
});

test('PNG holds the same picture', async () => {
  const file = path.join(folder(), 'a.png');
  await exportPng16(file, colour, { scale });
  const png = decode(await readFile(file), { checkCrc: true });
  expect([png.width, png.height, png.depth, png.channels]).toEqual([nx, ny, 16, 3]);
  expect([...png.data]).toEqual(expected);
  expect(png.text).toEqual({ black: '1', white: '65535' });
});

test('a WCS with east on the right mirrors the picture', async () => {
  const file = path.join(folder(), 'a.png');
  const wcs = makeTanWcs({ crval: [10, 20], crpix: [4, 3], cd: [0.001, 0, 0, 0.001] });
  await exportPng16(file, arraySource(nx, ny, [planes[0]]), { scale, wcs });
  const png = decode(await readFile(file));
  expect([...png.data.subarray(0, nx)]).toEqual([...planes[0].subarray((ny - 1) * nx)].reverse());
});

test('viewer FITS keeps the order of rows and records the scale', async () => {
  const file = path.join(folder(), 'a_viewer.fits');
  await exportViewerFits(file, colour, [{ key: 'OBJECT', value: 'M 94' }], { scale });
  const fits = await openFits(file);
  const hdu = fits.hdus[0];
  expect(hdu.image).toMatchObject({ bitpix: 16, bzero: 32768, shape: [3, ny, nx] });
  expect(['OBJECT', 'ZMBLACK', 'ZMWHITE'].map((key) => hdu.header.get(key))).toEqual(['M 94', 1, 65535]);
  for (const plane of [0, 1, 2]) {
    const values = await readWindow(fits, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny });
    expect([...values]).toEqual([...planes[plane]].map((value) => (Number.isNaN(value) ? 0 : value)));
  }
  await fits.close();
});

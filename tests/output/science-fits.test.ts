import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { FitsError } from '../../src/fits/fits-error.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { arraySource, type PlaneSource } from '../../src/output/sources/plane-source.js';
import type { Provenance } from '../../src/output/cards/provenance-cards.js';
import { writeScienceFits, type ScienceImage } from '../../src/output/science-fits.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const [nx, ny] = [40, 30];
const plane = (seed: number) =>
  Float32Array.from({ length: nx * ny }, (_, i) => Math.fround(seed + Math.sin(i * seed) * 7));
const mosaic = [1, 2, 3].map(plane);
for (const values of mosaic) values[5] = NaN;
const coverage = Float32Array.from({ length: nx * ny }, (_, i) => i % 4);
const uncertainty = [4, 5, 6].map(plane);
const wcs = makeTanWcs({ crval: [314.2, 44.1], crpix: [20.5, 15.5], cd: [-0.001, 0, 0, 0.001] });
const provenance: Provenance = {
  software: 'ZeMosaic 0.1.0',
  configDigest: 'abc123',
  backend: 'reference',
  versions: { node: '20.19.0' },
  framesUsed: 4,
  framesTotal: 6,
  exposureSeconds: 40,
  stages: [{ name: 'warp', backend: 'reference', detail: 'lanczos3' }],
};
const image: ScienceImage = {
  mosaic: arraySource(nx, ny, mosaic),
  coverage: arraySource(nx, ny, [coverage]),
  uncertainty: arraySource(nx, ny, uncertainty),
  wcs,
  provenance,
};

async function pixels(file: string, hduIndex: number, planeIndex = 0): Promise<Float32Array> {
  const fits = await openFits(file);
  try {
    return await readWindow(fits, fits.hdus[hduIndex], {
      plane: planeIndex,
      x0: 0,
      y0: 0,
      width: nx,
      height: ny,
    });
  } finally {
    await fits.close();
  }
}

test('planes, maps, WCS and provenance come back as they went in', async () => {
  const file = path.join(folder(), 'm_science.fits');
  await writeScienceFits(file, image);
  for (const p of [0, 1, 2]) {
    expect(await pixels(file, 0, p)).toEqual(mosaic[p]);
    expect(await pixels(file, 2, p)).toEqual(uncertainty[p]);
  }
  expect(await pixels(file, 1)).toEqual(coverage);
  const fits = await openFits(file);
  const { header } = fits.hdus[0];
  expect(fits.hdus.map((hdu) => hdu.name)).toEqual(['PRIMARY', 'COVERAGE', 'UNCERTAINTY']);
  expect(fits.hdus[0].image).toMatchObject({ bitpix: -32, shape: [3, ny, nx] });
  expect(
    ['NFRAMES', 'NFRAMTOT', 'EXPTIME', 'BUNIT', 'ZMCONFIG', 'ZMBACKND', 'PLANE2'].map((k) => header.get(k)),
  ).toEqual([4, 6, 40, 'adu', 'abc123', 'reference', 'G']);
  expect(header.lines('HISTORY')).toEqual(['version node 20.19.0', 'stage warp: reference; lanczos3']);
  expect(header.has('CHECKSUM') && header.has('DATASUM')).toBe(true);
  for (const hdu of fits.hdus) {
    const [ra, dec] = parseWcs(hdu.header).pixelToSky(3, 4)!;
    const [ra0, dec0] = wcs.pixelToSky(3, 4)!;
    expect(Math.abs(ra - ra0) + Math.abs(dec - dec0)).toBeLessThan(1e-11);
  }
  await fits.close();
});

test('one plane makes a two-dimensional image, and maps are optional', async () => {
  const file = path.join(folder(), 'm_science.fits');
  await writeScienceFits(file, { mosaic: arraySource(nx, ny, [mosaic[0]]), wcs, provenance });
  const fits = await openFits(file);
  expect(fits.hdus.map((hdu) => hdu.image?.shape)).toEqual([[ny, nx]]);
  await fits.close();
});

test('rejected samples are maps of their own, behind the others', async () => {
  const file = path.join(folder(), 'm_science.fits');
  const rejected = { low: arraySource(nx, ny, mosaic), high: arraySource(nx, ny, uncertainty) };
  await writeScienceFits(file, { ...image, rejected });
  const fits = await openFits(file);
  expect(fits.hdus.slice(3).map((hdu) => hdu.name)).toEqual(['REJECTED_LOW', 'REJECTED_HIGH']);
  await fits.close();
  expect(await pixels(file, 3, 1)).toEqual(mosaic[1]);
  expect(await pixels(file, 4, 1)).toEqual(uncertainty[1]);
});

test('tile compression on request, lossless with GZIP_2', async () => {
  const file = path.join(folder(), 'm_science.fits');
  await writeScienceFits(file, { ...image, compression: { codec: 'GZIP_2' } });
  const fits = await openFits(file);
  expect(fits.hdus.slice(1).map((hdu) => hdu.kind)).toEqual(Array(3).fill('compressed-image'));
  await fits.close();
  expect(await pixels(file, 1, 2)).toEqual(mosaic[2]);
});

test('the same input gives the same bytes', async () => {
  const [a, b] = ['a_science.fits', 'b_science.fits'].map((name) => path.join(folder(), name));
  await writeScienceFits(a, image);
  await writeScienceFits(b, image);
  expect((await readFile(a)).equals(await readFile(b))).toBe(true);
});

test('a source that fails leaves no file behind', async () => {
  const broken: PlaneSource = { nx, ny, planes: 1, readRows: () => Promise.reject(new Error('disk gone')) };
  const file = path.join(folder(), 'm_science.fits');
  await expect(writeScienceFits(file, { ...image, uncertainty: broken })).rejects.toThrow('disk gone');
  expect(await readdir(folder())).toEqual([]);
});

test('a folder that does not exist is told as a FITS error', async () => {
  await expect(writeScienceFits(path.join(folder(), 'no', 'm_science.fits'), image)).rejects.toThrow(
    FitsError,
  );
});

test('asks for values in blocks of a megabyte, unless a row is longer', async () => {
  const heights = new Set<number>();
  const source = (nx: number, ny: number): PlaneSource => ({
    ...{ nx, ny, planes: 1 },
    readRows: (_plane, _y0, rows, out) => {
      heights.add(rows);
      out.fill(1, 0, rows * nx);
      return Promise.resolve();
    },
  });
  const at = path.join(folder(), 'blocks.fits');
  await writeScienceFits(at, { mosaic: source(1000, 600), wcs, provenance });
  expect([...heights]).toEqual([262, 76]);
  heights.clear();
  await writeScienceFits(at, { mosaic: source(300_000, 2), wcs, provenance });
  expect([...heights]).toEqual([1]);
});

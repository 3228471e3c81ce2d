// A HiPS tree of a mosaic with one star: where it lands, that the orders hang together, and what the tree says of itself.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { cellOfUnit, cellPlace, placeToUnit } from '../../../src/astrometry/healpix/cells.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { skyPosition, unitVector } from '../../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { fileMark } from '../../../src/frames/file-mark.js';
import { scanFile } from '../../../src/frames/frame-record.js';
import { hipsProperties, type HipsFacts } from '../../../src/output/hips/properties.js';
import { putTree } from '../../../src/output/hips/put-tree.js';
import { deepestOrder, tilesOf } from '../../../src/output/hips/tile-set.js';
import { writeHips, type HipsResult } from '../../../src/output/hips/write-hips.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { headerFromText } from '../../astrometry/wcs/header-text.js';
import { readPlane } from '../../end-to-end/support.js';
import { temporaryFolderForFile } from '../../helpers/temporary-folder.js';

const folder = temporaryFolderForFile();
const [NX, NY, SCALE] = [700, 500, 8];
const s = SCALE / 3600;
/** North is 30 degrees from up; RA 0 lies in the field. */
const [SIN, COS] = [Math.sin(Math.PI / 6), Math.cos(Math.PI / 6)];
const wcs = makeTanWcs({
  crval: [0.1, 50],
  crpix: [350.5, 250.5],
  cd: [-s * COS, s * SIN, s * SIN, s * COS],
});
const STAR = [359.8, 49.8] as const;
const [X, Y] = wcs.skyToPixel(...STAR)!;
/** 60 columns at the left are blank. */
const plane = (peak: number) =>
  Float32Array.from({ length: NX * NY }, (_, k) => {
    const [x, y] = [(k % NX) + 1, Math.floor(k / NX) + 1];
    return x <= 60 ? NaN : 100 + peak * Math.exp(-((x - X) ** 2 + (y - Y) ** 2) / 8);
  });

let result: HipsResult;
const dir = () => path.join(folder(), 'tree');

beforeAll(async () => {
  await putTree(dir(), path.join(folder(), 'part'), async (at) => {
    result = await writeHips(at, arraySource(NX, NY, [plane(600), plane(900), plane(300)]), wcs, {
      name: 'night one',
      software: 'ZeMosaic 0.0.0-test',
      object: 'M 1',
      scaleArcsec: SCALE,
      withFits: true,
      starBalance: false,
    });
  });
}, 60_000);

const tileOfStar = (order: number) => cellOfUnit(order, ...unitVector(...STAR));
const fileOf = (order: number, number: number, extension: string) =>
  path.join(
    dir(),
    `Norder${order}`,
    `Dir${Math.floor(number / 10_000) * 10_000}`,
    `Npix${number}.${extension}`,
  );

/** 8-bit pixels of a PNG. */
const pixelsOf = async (file: string) => decode(await readFile(file));

/** Mean row and column, in a picture of 512 x 512, of all pixels of the greatest value: the core of a star is white as a whole. */
function brightest(data: ArrayLike<number>, step = 1, first = 0): readonly [number, number] {
  let [most, rows, columns, n] = [-Infinity, 0, 0, 0];
  for (let k = first, pixel = 0; k < data.length; k += step, pixel++) {
    if (data[k] > most) [most, rows, columns, n] = [data[k], 0, 0, 0];
    if (data[k] !== most) continue;
    rows += Math.floor(pixel / 512);
    columns += pixel % 512;
    n++;
  }
  return [rows / n, columns / n];
}

describe('HiPS tree', () => {
  it('goes down to pixels as fine as the mosaic’s', () => {
    expect(result.order).toBe(deepestOrder(SCALE));
    // 58.63 degrees / 2^6 / 512 = 6.4": the first below 8"
    expect(result.order).toBe(6);
    expect(deepestOrder(400)).toBe(3);
  });

  it.each([6, 5, 4, 3])(
    'order %i: the star shines in the pixel of its cell, in PNG and FITS',
    async (order) => {
      const number = tileOfStar(order);
      const nside = 2 ** (order + 9);
      const cell = cellPlace(order + 9, cellOfUnit(order + 9, ...unitVector(...STAR)));
      const [ix, iy] = [cell.ix % 512, cell.iy % 512];
      const png = await pixelsOf(fileOf(order, number, 'png'));
      expect([png.width, png.height, png.channels]).toEqual([512, 512, 4]);
      const shown = brightest(png.data, 4, 1);
      expect(Math.hypot(shown[0] - ix, shown[1] - iy)).toBeLessThan(1.5);

      const fits = await readPlane(fileOf(order, number, 'fits'), 0);
      const [row, column] = brightest(fits.data);
      expect(Math.hypot(511 - row - ix, column - iy)).toBeLessThan(1.5);
      // the FITS tile as a piece of the HPX plane, columns towards north-west, rows towards south-west
      const res = 45 / nside;
      const header = (crpix: readonly [number, number]) =>
        headerFromText(
          [
            'NAXIS   = 2',
            'NAXIS1  = 512',
            'NAXIS2  = 512',
            "CTYPE1  = 'RA---HPX'",
            "CTYPE2  = 'DEC--HPX'",
            'CRVAL1  = 0.0',
            'CRVAL2  = 0.0',
            `CRPIX1  = ${crpix[0]}`,
            `CRPIX2  = ${crpix[1]}`,
            `CD1_1   = ${-res}`,
            `CD1_2   = ${-res}`,
            `CD2_1   = ${res}`,
            `CD2_2   = ${-res}`,
          ].join('\n'),
        );
      const place = cellPlace(order, number);
      const v = new Float64Array(3);
      placeToUnit(place.face, place.ix + 0.5, place.iy + 0.5, 2 ** order, v);
      const centre = parseWcs(header([0, 0])).skyToPixel(...skyPosition([v[0], v[1], v[2]]))!;
      const hpx = parseWcs(header([256.5 - centre[0], 256.5 - centre[1]]));
      const [x, y] = hpx.skyToPixel(...STAR)!;
      expect(Math.hypot(x - 1 - column, y - 1 - row)).toBeLessThan(1.5);
    },
  );

  it('has the light of the mosaic: peak and level', async () => {
    const { data } = await readPlane(fileOf(6, tileOfStar(6), 'fits'), 0);
    const sorted = data.filter((v) => !Number.isNaN(v)).sort();
    expect(sorted.at(-1)).toBeGreaterThan(660);
    expect(sorted.at(-1)).toBeLessThan(705);
    expect(sorted[sorted.length >> 1]).toBeCloseTo(100, 3);
  });

  it('holds every tile that the mosaic touches, its parents, and nothing else; a parent is the mean of its children', async () => {
    let expected = new Set(tilesOf(wcs, NX, NY, 6));
    for (let order = 6; order >= 3; order--) {
      const found: string[] = [];
      const folders = await readdir(path.join(dir(), `Norder${order}`));
      for (const name of folders.filter((entry) => entry.startsWith('Dir')))
        found.push(...(await readdir(path.join(dir(), `Norder${order}`, name))));
      const numbers = found
        .filter((name) => name.endsWith('.png'))
        .map((name) => Number(/\d+/.exec(name)![0]));
      expect(numbers.every((number) => expected.has(number))).toBe(true);
      // a tile that only touches the blank columns is not there
      expect(numbers.length).toBeGreaterThanOrEqual(expected.size - 1);
      expected = new Set([...expected].map((number) => Math.floor(number / 4)));
    }
    const number = tileOfStar(5);
    const { data } = await readPlane(fileOf(5, number, 'fits'), 0);
    for (let quadrant = 0; quadrant < 4; quadrant++) {
      const child = await readPlane(fileOf(6, 4 * number + quadrant, 'fits'), 0).catch(() => undefined);
      if (!child) continue;
      // cell (x, y) stands in FITS row 511 - x, column y
      const at = (of: Float32Array, x: number, y: number) => of[(511 - x) * 512 + y];
      let compared = 0;
      for (let x = 3; x < 256; x += 7) {
        for (let y = 5; y < 256; y += 7) {
          const four = [at(child.data, 2 * x, 2 * y), at(child.data, 2 * x + 1, 2 * y)];
          four.push(at(child.data, 2 * x, 2 * y + 1), at(child.data, 2 * x + 1, 2 * y + 1));
          if (four.some(Number.isNaN)) continue;
          const mean = four.reduce((a, b) => a + b) / 4;
          expect(at(data, x + 256 * (quadrant & 1), y + 256 * (quadrant >> 1))).toBeCloseTo(mean, 3);
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(0);
    }
  });

  it('is transparent where the mosaic is blank, and in Allsky wherever it is not', async () => {
    const inside = (x: number, y: number) => {
      const v = new Float64Array(3);
      wcs.pixelToUnit(x, y, v);
      return cellOfUnit(15, v[0], v[1], v[2]);
    };
    const alphaAt = async (x: number, y: number) => {
      const number = inside(x, y);
      const tile = Math.floor(number / 4 ** 9);
      const { ix, iy } = cellPlace(15, number);
      const png = await pixelsOf(fileOf(6, tile, 'png'));
      return png.data[((ix % 512) * 512 + (iy % 512)) * 4 + 3];
    };
    expect(await alphaAt(64, 250)).toBe(255);
    expect(await alphaAt(56, 250)).toBe(0);
    const allsky = await pixelsOf(path.join(dir(), 'Norder3', 'Allsky.png'));
    expect([allsky.width, allsky.height]).toEqual([1728, 1856]);
    const number = tileOfStar(3);
    const { ix, iy } = cellPlace(15, inside(X, Y));
    const [column, row] = [(number % 27) * 64, Math.floor(number / 27) * 64];
    const at = (row + Math.floor((ix % 4096) / 64)) * 1728 + column + Math.floor((iy % 4096) / 64);
    expect(allsky.data[4 * at + 3]).toBeGreaterThan(0);
    expect(allsky.data.filter((_, k) => k % 4 === 3).filter((alpha) => alpha > 0).length).toBeLessThan(200);
  });

  it('tells what it is, one line a key', async () => {
    const text = await readFile(path.join(dir(), 'properties'), 'utf8');
    const lines = text.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^[a-z_]+ *= \S.*$/);
    const properties = Object.fromEntries(lines.map((line) => line.split(/ *= /, 2)));
    expect(properties).toMatchObject({
      creator_did: 'ivo://UNK.AUTH/P/night_one',
      obs_title: 'M 1 (night one)',
      dataproduct_type: 'image',
      dataproduct_subtype: 'color',
      hips_version: '1.4',
      hips_order: '6',
      hips_order_min: '3',
      hips_tile_width: '512',
      hips_tile_format: 'png fits',
      hips_frame: 'equatorial',
      hips_pixel_bitpix: '-32',
    });
    expect(properties.hips_release_date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
    expect(Number(properties.hips_initial_dec)).toBeCloseTo(50, 6);
    expect(Number(properties.moc_sky_fraction)).toBeCloseTo(tilesOf(wcs, NX, NY, 6).length / 49_152, 9);
  });

  it('tells when it was taken in UTC, whatever the zone of the machine, or not at all', () => {
    const facts: HipsFacts = {
      ...{ name: 'x', software: 'ZeMosaic', order: 3, isColour: false, formats: [], centre: [0, 0] },
      ...{ widthDeg: 1, scaleArcsec: 1, tiles: 1, bytes: 1, cut: [0, 1], range: [0, 1], madeAt: new Date() },
    };
    const zone = process.env.TZ;
    process.env.TZ = 'America/New_York';
    try {
      for (const time of ['2000-01-01T12:00:00', '2000-01-01T12:00:00Z'])
        expect(hipsProperties({ ...facts, dateBegin: time })).toMatch(/^t_min += 51544\.5/m);
      expect(hipsProperties({ ...facts, dateBegin: 'unknown' })).not.toMatch(/t_min/);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it('takes the place of a tree of its own, and of nothing else', async () => {
    const target = path.join(folder(), 'kept');
    const part = path.join(folder(), 'kept.part');
    await putTree(target, part, () => Promise.resolve());
    // without properties it is not known for ours
    await expect(putTree(target, part, () => Promise.resolve())).rejects.toMatchObject({
      code: 'output_tree_not_ours',
    });
    await expect(putTree(dir(), part, () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
    expect(await readdir(dir())).toContain('properties');
    expect(await readdir(folder())).not.toContain('kept.part');
  });

  it('keeps what others have put into the old tree, and the old tree until the new one stands', async () => {
    const [target, part] = [path.join(folder(), 'shown'), path.join(folder(), 'shown.part')];
    const write = (version: string) => async (at: string) => {
      await mkdir(path.join(at, 'Norder3'));
      await writeFile(path.join(at, 'Norder3', version), '');
      await writeFile(path.join(at, 'properties'), 'hips_builder = ZeMosaic\n');
    };
    await putTree(target, part, write('one'));
    await writeFile(path.join(target, 'index.html'), 'page');
    await putTree(target, part, async (at) => {
      expect(await readdir(path.join(target, 'Norder3'))).toEqual(['one']);
      await write('two')(at);
    });
    expect((await readdir(target)).sort()).toEqual(['Norder3', 'index.html', 'properties']);
    expect(await readdir(path.join(target, 'Norder3'))).toEqual(['two']);
    // where the new one cannot be put there, the old one is put back
    await rm(path.join(target, 'index.html'));
    const gone = putTree(target, part, (at) => rm(at, { recursive: true }));
    await expect(gone).rejects.toMatchObject({ code: 'output_write_failed' });
    expect((await readdir(target)).sort()).toEqual(['Norder3', 'properties']);
    expect(await readdir(folder())).not.toContain('shown.part');
  });

  it('signs its FITS tiles, so that they are taken for exposures nowhere', async () => {
    const at = fileOf(6, tileOfStar(6), 'fits');
    const scanned = await scanFile({ ...(await fileMark(at)), relative: path.basename(at) });
    expect(scanned).toMatchObject({ reason: { code: 'frames_reject_stacked_software' } });
  });
});

// Written files: read back here and by other programs, checksummed, whole or absent.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addToSum } from '../../../src/fits/checksum.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import type { FitsFile } from '../../../src/fits/hdu.js';
import { planeGeometry } from '../../../src/fits/hdu.js';
import type { ImageSpec, RowData } from '../../../src/fits/write/image-spec.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import { codeOf } from '../support.js';

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zm-writer-'));
  target = path.join(folder, 'out.fits');
});
afterEach(() => rmSync(folder, { recursive: true }));

const [planes, ny, nx] = [2, 23, 61];
const count = planes * ny * nx;
/** A repeatable sky: a gradient, noise (Lehmer generator), a star, a NaN, a row of zeros, a constant row. */
const sky = (() => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const values = Float32Array.from(
    { length: count },
    (_, i) => 800 + i / 50 + 30 * (random() + random() + random()),
  );
  values[200] = 60000;
  values[300] = NaN;
  values.fill(0, 5 * nx, 6 * nx);
  values.fill(7.5, 8 * nx, 9 * nx);
  return values;
})();
const whole = sky.map((value) => (Number.isNaN(value) ? 0 : Math.round(value)));

async function write(images: readonly { spec: Omit<ImageSpec, 'shape'>; values: RowData }[]): Promise<void> {
  const writer = await createFitsWriter(target);
  for (const { spec, values } of images) {
    await writer.beginImage({ ...spec, shape: [planes, ny, nx] });
    for (let row = 0; row < planes * ny; row += 5) {
      await writer.writeRows(values.subarray(row * nx, Math.min(row + 5, planes * ny) * nx));
    }
    await writer.endImage();
  }
  await writer.commit();
}

async function readAll(file: FitsFile, index: number): Promise<Float32Array> {
  const hdu = file.hdus[index];
  const geometry = planeGeometry(hdu.image!);
  const out = new Float32Array(count);
  for (let plane = 0; plane < geometry.planes; plane++) {
    const window = { plane, x0: 0, y0: 0, width: nx, height: ny };
    out.set(await readWindow(file, hdu, window), plane * nx * ny);
  }
  return out;
}

/** Sums every HDU (its bytes from header to padding): all must be -0 (appendix J). */
async function expectChecksums(): Promise<void> {
  const bytes = readFileSync(target);
  const file = await openFits(target);
  let start = 0;
  for (const hdu of file.hdus) {
    const end = hdu.dataOffset + Math.ceil(hdu.dataBytes / 2880) * 2880;
    expect(addToSum(0, bytes.subarray(start, end))).toBe(0xffffffff);
    start = end;
  }
  expect(start).toBe(bytes.length);
  await file.close();
}

const lossless: [string, Omit<ImageSpec, 'shape'>, RowData, Float32Array][] = [
  ['float32', { bitpix: -32 }, sky, sky],
  [
    'float32 with blanks',
    { bitpix: -32, blankLimit: -1e29 },
    sky.map((v, i) => (i % 7 === 2 ? -1e30 : i % 11 === 3 ? Math.fround(-1e29) : v)),
    sky.map((v, i) => (i % 7 === 2 || i % 11 === 3 ? NaN : v)),
  ],
  ['float64', { bitpix: -64 }, Float64Array.from(sky), sky],
  ['unsigned 16', { bitpix: 16, bzero: 32768 }, Uint16Array.from(whole), whole],
  [
    'int16 from floats',
    { bitpix: 16, bscale: 2 },
    sky,
    sky.map((v) => (Number.isNaN(v) ? 0 : 2 * Math.floor(v / 2 + 0.5))),
  ],
  ['int32 with blank', { bitpix: 32, blank: -99 }, sky, sky.map((v) => Math.floor(v + 0.5))],
  [
    'unsigned 8, clamped',
    { bitpix: 8 },
    sky,
    sky.map((v) => (Number.isNaN(v) ? 0 : Math.min(255, Math.floor(v + 0.5)))),
  ],
  ['RICE unsigned 16', { bitpix: 16, bzero: 32768, compression: { codec: 'RICE_1' } }, whole, whole],
  ['RICE int32', { bitpix: 32, compression: { codec: 'RICE_1' } }, whole, whole],
  [
    'RICE unsigned 8',
    { bitpix: 8, compression: { codec: 'RICE_1' } },
    whole.map((v) => v % 256),
    whole.map((v) => v % 256),
  ],
  ['GZIP_2 unsigned 16', { bitpix: 16, bzero: 32768, compression: { codec: 'GZIP_2' } }, whole, whole],
  ['GZIP_2 float32', { bitpix: -32, compression: { codec: 'GZIP_2' } }, sky, sky],
];

describe('what is written reads back', () => {
  it.each(lossless)('%s', async (_name, spec, values, expected) => {
    await write([{ spec, values }]);
    const file = await openFits(target);
    expect(await readAll(file, file.hdus.length - 1)).toEqual(expected);
    await file.close();
    await expectChecksums();
  });

  it.each(['none', 'subtractive-1', 'subtractive-2'] as const)(
    'quantised floats, dither %s',
    async (dither) => {
      const compression = { codec: 'RICE_1', dither, quantiseLevel: 16, ditherSeed: 9990 } as const;
      await write([{ spec: { bitpix: -32, compression }, values: sky }]);
      const file = await openFits(target);
      const back = await readAll(file, 1);
      // Half a step, sigma / 16 / 2, is the most a pixel moves; sigma is 15.
      let worst = 0;
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (Number.isNaN(sky[i])) expect(back[i]).toBeNaN();
        else {
          worst = Math.max(worst, Math.abs(back[i] - sky[i]));
          sum += back[i] - sky[i];
        }
      }
      expect(worst).toBeGreaterThan(0.1);
      expect(worst).toBeLessThan(1);
      expect(Math.abs(sum / count)).toBeLessThan(0.03);
      // Constant rows have no noise to quantise by: kept as floats.
      expect([...back.subarray(8 * nx, 9 * nx)]).toEqual(Array<number>(nx).fill(7.5));
      await file.close();
      await expectChecksums();
    },
  );

  it('dither 2 keeps zeros exact among noise', async () => {
    const values = sky.map((value, i) => (i % 7 === 0 ? 0 : value));
    await write([{ spec: { bitpix: -32, compression: { codec: 'RICE_1' } }, values }]);
    const file = await openFits(target);
    const back = await readAll(file, 1);
    for (let i = 0; i < count; i += 7) expect(back[i]).toBe(0);
    await file.close();
  });

  it('several HDUs, names and cards; structural cards of a copied header are left out', async () => {
    const cards = [
      { key: 'OBJECT', value: 'M 31' },
      { key: 'NAXIS1', value: 5 },
      { key: 'BZERO', value: 32768 },
      { key: 'ZM FRAMES', value: '12 of 13', comment: 'used' },
      { key: 'HISTORY', comment: 'made by a test' },
    ];
    await write([
      { spec: { bitpix: -32, cards }, values: sky },
      { spec: { bitpix: 16, bzero: 32768, name: 'COVERAGE' }, values: whole },
      { spec: { bitpix: -32, name: 'UNCERT', compression: { codec: 'GZIP_2' } }, values: sky },
    ]);
    const file = await openFits(target);
    expect(file.hdus.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'image PRIMARY',
      'image COVERAGE',
      'compressed-image UNCERT',
    ]);
    const { header } = file.hdus[0];
    expect(header.get('OBJECT')).toBe('M 31');
    expect(header.get('NAXIS1')).toBe(nx);
    expect(header.has('BZERO')).toBe(false);
    expect(header.get('zm frames')).toBe('12 of 13');
    expect(header.lines('HISTORY')).toEqual(['made by a test']);
    expect(await readAll(file, 2)).toEqual(sky);
    await file.close();
    await expectChecksums();
  });

  it.each<[string, Omit<ImageSpec, 'shape'>, number]>([
    ['of floats', { bitpix: -32 }, 9973],
    ['with blanks', { bitpix: -32, blankLimit: -1e30 }, 9973],
    ['wider than what is written at once', { bitpix: -32 }, 300_007],
    ['of integers', { bitpix: 16 }, 9973],
    ['that are compressed', { bitpix: -32, compression: { codec: 'GZIP_2' } }, 9973],
  ])('rows %s that are put where they go out from are those that are handed over', async (_, spec, width) => {
    const [depth, height] = [2, 41];
    const rows = Float32Array.from({ length: depth * height * width }, (_, i) =>
      i % 977 === 0 ? -1e30 : i % 30011,
    );
    const bytesOf = async (fill: boolean) => {
      const writer = await createFitsWriter(target);
      await writer.beginImage({ ...spec, shape: [depth, height, width] });
      for (let plane = 0; plane < depth; plane++) {
        const values = rows.subarray(plane * height * width, (plane + 1) * height * width);
        if (!fill) await writer.writeRows(values);
        else
          await writer.fillRows(height, (from, count, out) => {
            out.set(values.subarray(from * width, (from + count) * width));
            return Promise.resolve();
          });
      }
      await writer.endImage();
      await writer.commit();
      return readFileSync(target);
    };
    const expected = await bytesOf(false);
    expect((await bytesOf(true)).equals(expected)).toBe(true);
  });

  it('the same calls give the same bytes', async () => {
    const images = [{ spec: { bitpix: -32, compression: { codec: 'RICE_1' } } as const, values: sky }];
    await write(images);
    const first = readFileSync(target);
    await write(images);
    expect(readFileSync(target).equals(first)).toBe(true);
  });
});

describe('other programs', () => {
  const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
  const funpack = has('funpack', '-H');
  const astropy = has('/usr/bin/python3', '-c', 'import astropy');

  // One file each: funpack 1.7 (cfitsio 4.2) reads a dithered HDU wrong when a lossless float HDU stands before it.
  it.skipIf(!funpack).each<Omit<ImageSpec, 'shape'>>([
    { bitpix: 16, bzero: 32768, compression: { codec: 'RICE_1' } },
    { bitpix: 8, compression: { codec: 'RICE_1' } },
    { bitpix: 32, compression: { codec: 'RICE_1' } },
    { bitpix: 16, bzero: 32768, compression: { codec: 'GZIP_2' } },
    { bitpix: -32, compression: { codec: 'GZIP_2' } },
    { bitpix: -64, compression: { codec: 'GZIP_2' } },
    { bitpix: -32, compression: { codec: 'RICE_1', dither: 'subtractive-1', ditherSeed: 9999 } },
    { bitpix: -32, compression: { codec: 'RICE_1', dither: 'subtractive-2' } },
    { bitpix: -32, compression: { codec: 'RICE_1', dither: 'none' } },
  ])(`funpack expands $bitpix $compression${funpack ? '' : ' (skipped: no funpack here)'}`, async (spec) => {
    target = path.join(folder, 'out.fits.fz');
    await write([{ spec, values: spec.bitpix > 0 ? whole : sky }]);
    const expanded = path.join(folder, 'expanded.fits');
    execFileSync('funpack', ['-O', expanded, target]);
    const [ours, theirs] = [await openFits(target), await openFits(expanded)];
    const index = theirs.hdus.findIndex(({ image }) => image?.shape.length === 3);
    expect(theirs.hdus[index].kind).toBe('image');
    expect(await readAll(theirs, index)).toEqual(await readAll(ours, 1));
    await ours.close();
    await theirs.close();
  });

  it.skipIf(!astropy)(
    `astropy finds checksums and structure right${astropy ? '' : ' (skipped: no astropy here)'}`,
    async () => {
      await write([
        { spec: { bitpix: -32 }, values: sky },
        { spec: { bitpix: 16, bzero: 32768, name: 'U', compression: { codec: 'RICE_1' } }, values: whole },
      ]);
      const script =
        'import sys,warnings\nwarnings.simplefilter("error")\nfrom astropy.io import fits\n' +
        'with fits.open(sys.argv[1], checksum=True) as f:\n f.verify("exception")\n print([h.data.shape for h in f], int(f[1].data[0,0,0]))';
      const said = execFileSync('/usr/bin/python3', ['-c', script, target], { encoding: 'utf8' });
      expect(said.trim()).toBe(`[(2, 23, 61), (2, 23, 61)] ${whole[0]}`);
    },
  );
});

describe('whole or not at all', () => {
  it('until commit the target is untouched; the temporary lies beside it', async () => {
    writeFileSync(target, 'old');
    const writer = await createFitsWriter(target);
    await writer.beginImage({ bitpix: -32, shape: [1, 4] });
    await writer.writeRows(new Float32Array(4));
    await writer.endImage();
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(readdirSync(folder).sort()).toEqual(['out.fits', path.basename(writer.temporaryPath)]);
    await writer.commit();
    expect(readdirSync(folder)).toEqual(['out.fits']);
    expect(readFileSync(target).length).toBe(5760);
  });

  it('abort removes the temporary and nothing else', async () => {
    writeFileSync(target, 'old');
    const writer = await createFitsWriter(target);
    await writer.beginImage({ bitpix: -32, shape: [1, 4] });
    await writer.abort();
    await writer.abort();
    expect(readdirSync(folder)).toEqual(['out.fits']);
    expect(readFileSync(target, 'utf8')).toBe('old');
  });

  it('the temporary may be named by the caller, but must be new', async () => {
    const temporaryPath = path.join(folder, 'registered.tmp');
    writeFileSync(temporaryPath, 'mine');
    expect(await codeOf(createFitsWriter(target, { temporaryPath }))).toBe('fits_cannot_write');
    expect(readFileSync(temporaryPath, 'utf8')).toBe('mine');
  });

  it('a commit that fails leaves no temporary behind', async () => {
    const writer = await createFitsWriter(folder, { temporaryPath: path.join(folder, 'x.part') });
    await writer.beginImage({ bitpix: 8, shape: [] });
    await writer.endImage();
    expect(await codeOf(writer.commit())).toBe('fits_cannot_write');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a folder that is not there is named with the system’s reason', async () => {
    await expect(createFitsWriter(path.join(folder, 'no/out.fits'))).rejects.toMatchObject({
      code: 'fits_cannot_write',
      params: { reason: 'ENOENT' },
    });
  });
});

describe('misuse', () => {
  it('rows too many, too few, in pieces, or out of turn are refused', async () => {
    const writer = await createFitsWriter(target);
    expect(await codeOf(writer.writeRows(new Float32Array(4)))).toBe('fits_writer_misuse');
    expect(await codeOf(writer.commit())).toBe('fits_writer_misuse');
    await writer.beginImage({ bitpix: -32, shape: [2, 4] });
    expect(await codeOf(writer.beginImage({ bitpix: -32, shape: [2, 4] }))).toBe('fits_writer_misuse');
    expect(await codeOf(writer.writeRows(new Float32Array(3)))).toBe('fits_writer_misuse');
    expect(await codeOf(writer.writeRows(new Float32Array(12)))).toBe('fits_writer_misuse');
    expect(await codeOf(writer.fillRows(3, () => Promise.resolve()))).toBe('fits_writer_misuse');
    await writer.writeRows(new Float32Array(4));
    expect(await codeOf(writer.endImage())).toBe('fits_writer_misuse');
    expect(await codeOf(writer.commit())).toBe('fits_writer_misuse');
    await writer.abort();
  });

  it.each<Partial<ImageSpec>>([
    { bitpix: -32, bzero: 5 },
    { bitpix: 16, bscale: 0 },
    { bitpix: 16, blankLimit: 0 },
    { bitpix: -64, blankLimit: 0 },
    { blankLimit: 0, compression: { codec: 'GZIP_2' } },
    { shape: [2, -1] },
    { shape: [0, 5], compression: { codec: 'GZIP_2' } },
    { bitpix: -64, compression: { codec: 'RICE_1' } },
    { compression: { codec: 'RICE_1', ditherSeed: 0 } },
    { compression: { codec: 'RICE_1', quantiseLevel: 0 } },
  ])('refuses %o', async (change) => {
    const writer = await createFitsWriter(target);
    expect(await codeOf(writer.beginImage({ bitpix: -32, shape: [2, 2], ...change }))).toBe(
      'fits_bad_image_spec',
    );
    await writer.abort();
  });
});

describe('cards that come late', () => {
  const late = (most: number, cards: Promise<{ key: string; value: number }[]>): ImageSpec => ({
    bitpix: -32,
    shape: [planes, ny, nx],
    cards: [{ key: 'FIRST', value: 1 }],
    late: { most, cards },
  });
  const numbered = (n: number) => Array.from({ length: n }, (_, k) => ({ key: `LATE${k}`, value: k }));

  async function writeLate(most: number, cards: Promise<{ key: string; value: number }[]>, end: () => void) {
    const writer = await createFitsWriter(target);
    await writer.beginImage(late(most, cards));
    await writer.writeRows(sky);
    await writer.endImage();
    await writer.beginImage({ bitpix: -32, shape: [planes, ny, nx], name: 'NEXT' });
    await writer.writeRows(sky);
    await writer.endImage();
    end();
    return writer;
  }

  it('stand in the header, whose HDU others follow before they are known: the bytes of cards that are known', async () => {
    let tell: (cards: { key: string; value: number }[]) => void = () => undefined;
    const cards = new Promise<{ key: string; value: number }[]>((resolve) => (tell = resolve));
    const writer = await writeLate(3, cards, () => tell(numbered(3)));
    await writer.whole();
    const growing = readFileSync(writer.temporaryPath);
    await writer.commit();
    const written = readFileSync(target);
    expect(growing.equals(written)).toBe(true);
    await write([
      { spec: { bitpix: -32, cards: [{ key: 'FIRST', value: 1 }, ...numbered(3)] }, values: sky },
      { spec: { bitpix: -32, name: 'NEXT' }, values: sky },
    ]);
    expect(written.equals(readFileSync(target))).toBe(true);
  });

  it('leave blank cards ahead of END where they were to fill a further block', async () => {
    const writer = await writeLate(40, Promise.resolve(numbered(1)), () => undefined);
    await writer.commit();
    const file = await openFits(target);
    expect(file.hdus[0].dataOffset).toBe(2 * 2880);
    expect(await readAll(file, 0)).toEqual(sky);
    expect(await readAll(file, 1)).toEqual(sky);
    const text = readFileSync(target).subarray(0, 5760).toString('latin1');
    expect(text.slice(-80).trimEnd()).toBe('END');
    expect(text).toContain('LATE0');
    // an HDU with its CHECKSUM adds up to -0
    const { dataBytes } = file.hdus[0];
    const hdu = readFileSync(target).subarray(0, 5760 + Math.ceil(dataBytes / 2880) * 2880);
    expect(addToSum(0, hdu)).toBe(0xffffffff);
    await file.close();
  });

  it('fail the file with what has failed them, and nothing is left', async () => {
    const failed = Promise.reject(new Error('not measured'));
    failed.catch(() => undefined);
    const writer = await writeLate(3, failed, () => undefined);
    await expect(writer.commit()).rejects.toThrow('not measured');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are refused where they are more than have room: no pixel is written over', async () => {
    const writer = await writeLate(3, Promise.resolve(numbered(40)), () => undefined);
    expect(await codeOf(writer.commit())).toBe('fits_writer_misuse');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('have no room in a compressed image', async () => {
    const writer = await createFitsWriter(target);
    const spec: ImageSpec = { ...late(1, Promise.resolve([])), compression: { codec: 'GZIP_2' } };
    await expect(writer.beginImage(spec)).rejects.toMatchObject({ code: 'fits_bad_image_spec' });
    await writer.abort();
  });
});

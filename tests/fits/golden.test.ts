// The conformance corpus: every image of every file, value for value, against astropy.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import path from 'node:path';
import { expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { decompressFile } from '../../src/fits/decompress-file.js';
import { planeGeometry, type HduKind } from '../../src/fits/hdu.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { readWindow64 } from '../../src/fits/read/read-window.js';
import { describeWithShared, sharedDir } from '../helpers/shared-data.js';
import { codeOf, digestOf } from './support.js';

interface GoldenHdu {
  index: number;
  type: string;
  name: string;
  ncards: number;
  naxes?: number[];
  bitpix?: number;
  sha256_f64le_physical?: string;
}

const KINDS: Record<string, HduKind> = {
  PrimaryHDU: 'image',
  ImageHDU: 'image',
  CompImageHDU: 'compressed-image',
  BinTableHDU: 'bintable',
  TableHDU: 'ascii-table',
  GroupsHDU: 'random-groups',
};

describeWithShared('the conformance corpus', () => {
  const root = path.join(sharedDir ?? '', 'data/B_fits');
  const golden = (
    sharedDir === undefined ? {} : JSON.parse(readFileSync(path.join(root, 'golden.json'), 'utf8'))
  ) as Record<string, { error?: string; hdus?: GoldenHdu[] }>;

  for (const [name, entry] of Object.entries(golden)) {
    it(name, async () => {
      const temporary = mkdtempSync(path.join(tmpdir(), 'zm-golden-'));
      try {
        let file = path.join(root, name);
        if (/\.(gz|bz2)$/.test(name)) {
          const expanded = path.join(temporary, 'expanded.fits');
          await decompressFile(file, expanded, { maxBytes: 1e8 });
          file = expanded;
        }
        if (entry.error !== undefined) {
          expect(await codeOf(openFits(file))).toBe('fits_not_fits');
          return;
        }
        const fits = await openFits(file);
        expect(fits.hdus.length).toBe(entry.hdus?.length);
        for (const expected of entry.hdus ?? []) {
          const hdu = fits.hdus[expected.index];
          expect(hdu.kind).toBe(KINDS[expected.type]);
          // The placeholder name of a compressed image is not the image's own.
          const placeholder = hdu.kind === 'compressed-image' && expected.name === 'COMPRESSED_IMAGE';
          expect(hdu.name).toBe(placeholder ? '' : expected.name);
          expect(hdu.problem).toBeUndefined();
          if (hdu.kind !== 'compressed-image') expect(hdu.header.cards.length).toBe(expected.ncards);
          if (expected.naxes) {
            expect([...(hdu.image?.shape ?? [])].reverse()).toEqual(expected.naxes);
            expect(hdu.image?.bitpix).toBe(expected.bitpix);
          }
          if (expected.sha256_f64le_physical === undefined || !hdu.image) continue;
          const { nx, ny, planes } = planeGeometry(hdu.image);
          const pixels: Float64Array[] = [];
          for (let plane = 0; plane < planes; plane++) {
            pixels.push(await readWindow64(fits, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny }));
          }
          expect(digestOf(pixels)).toBe(expected.sha256_f64le_physical);
        }
        await fits.close();
      } finally {
        rmSync(temporary, { recursive: true });
      }
    });
  }
});

describeWithShared('frames of real instruments', () => {
  const sets = path.join(sharedDir ?? '', 'data/A_sets');
  const open = (name: string) => {
    const bytes = gunzipSync(readFileSync(path.join(sets, name)));
    return openFits(memorySource(name, bytes));
  };

  it('MicroObservatory: values off their columns', async () => {
    const { header } = firstImageHdu(await open('microobs_hatp32/HATP-32171220013343.FITS.gz'));
    expect(header.getNumber('EQUINOX')).toBe(2000);
    expect(header.getNumber('EXPTIME')).toBe(60);
    expect(header.getNumber('TELALT')).toBe(62.592);
    expect(header.getString('DATE-OBS')).toBe('2017-12-19T18:33:43.317-0700');
    expect(header.getString('OBJECT')).toBe('HATP-32');
    expect(header.lines('COMMENT')[0]).toContain('taken automatically');
  });

  it('Seestar: unsigned 16-bit, no value below 0', async () => {
    const file = await open('seestar_ngc7023/Light_NGC_7023_20.0s_IRCUT_20250630-023420.fit.gz');
    const hdu = firstImageHdu(file);
    expect(hdu.image).toMatchObject({ bitpix: 16, shape: [1920, 1080], bzero: 32768 });
    const pixels = await readWindow64(file, hdu, { x0: 0, y0: 900, width: 1080, height: 64 });
    expect(pixels.every((value) => Number.isInteger(value) && value >= 0 && value <= 65535)).toBe(true);
    // The sky of these frames is near 110 ADU (README of the set).
    expect(pixels.slice().sort()[pixels.length >> 1]).toBeGreaterThan(50);
    expect(pixels.slice().sort()[pixels.length >> 1]).toBeLessThan(400);
  });
});

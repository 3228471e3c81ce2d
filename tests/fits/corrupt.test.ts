// Damaged copies of real files: each ends in a clear code, none in a crash or a large allocation.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import path from 'node:path';
import { expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { planeGeometry } from '../../src/fits/hdu.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { describeWithShared, sharedDir } from '../helpers/shared-data.js';
import { codeOf } from './support.js';

const EXPECTED: Record<string, string> = {
  'bitpix_12.fits': 'fits_bad_keyword',
  'empty.fits': 'fits_empty_file',
  'gziptile_corrupt.fits': 'fits_tile_corrupt',
  'naxis1_huge.fits': 'fits_data_truncated',
  'naxis_999.fits': 'fits_missing_keyword',
  'nul_padded_header.fits': 'fulfilled',
  'rice_heap_truncated.fits': 'fits_data_truncated',
  'seestar_zero_filled_tail.fit.gz': 'fulfilled',
  'trunc_data_60pct.fits': 'fits_data_truncated',
};

describeWithShared('damaged files', () => {
  const root = path.join(sharedDir ?? '', 'data/B_fits/derived_corrupt');
  const load = (name: string) => {
    const bytes = readFileSync(path.join(root, name));
    return memorySource(name, name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  };
  const readAll = async (name: string) => {
    const file = await openFits(load(name));
    const hdu = firstImageHdu(file);
    const { nx, ny } = planeGeometry(hdu.image);
    return readWindow(file, hdu, { x0: 0, y0: 0, width: nx, height: ny });
  };

  it('every file of the set is judged', () => {
    const listed = Object.keys(JSON.parse(readFileSync(path.join(root, 'expect.json'), 'utf8')) as object);
    expect(listed.sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  for (const [name, code] of Object.entries(EXPECTED)) {
    it(`${name}: ${code}`, async () => {
      expect(await codeOf(readAll(name))).toBe(code);
    });
  }

  it('a refusal of cut-off data names the bytes expected and present', async () => {
    await expect(readAll('trunc_data_60pct.fits')).rejects.toMatchObject({
      params: { hdu: 0, expectedBytes: 360000, presentBytes: 216000 },
    });
  });
});

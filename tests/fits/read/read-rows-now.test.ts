// Small windows read at once: the bytes that the thread pool's way gives, and the same complaints.
import { appendFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFits, outlineOf } from '../../../src/fits/open-fits.js';
import { ReadBuffers } from '../../../src/fits/read/read-buffers.js';
import { bytesMoved, readRowsNow } from '../../../src/fits/read/read-rows-now.js';
import { readRawRows } from '../../../src/fits/read/read-window.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { bigEndian, primary } from '../support.js';

const folder = temporaryFolder();

/** A file of `ny` rows of `nx` pixels, all different, and what is known of it. */
async function fileOf(name: string, nx: number, ny: number) {
  const at = path.join(folder(), name);
  const values = Array.from({ length: nx * ny }, (_, k) => (k % 60_000) - 30_000);
  await writeFile(at, primary(16, [ny, nx], bigEndian(16, values)));
  const file = await openFits(at);
  return { at, file, outline: outlineOf(file) };
}

describe('rows read at once', () => {
  it.each([
    ['part of the rows', 40, { x0: 3, y0: 2, width: 17, height: 5 }],
    ['whole rows', 40, { x0: 0, y0: 1, width: 40, height: 6 }],
    ['one pixel', 40, { x0: 39, y0: 7, width: 1, height: 1 }],
    ['rows too far apart to read what lies between', 40_000, { x0: 30_000, y0: 2, width: 21, height: 3 }],
  ])('are those of the file: %s', async (name, nx, window) => {
    const { at, file, outline } = await fileOf(`${nx} ${name}.fits`, nx, 8);
    const expected = await readRawRows(file, file.hdus[0], window);
    await file.close();
    const rows = readRowsNow(at, outline, outline.hdus[0], window, new ReadBuffers(), new ReadBuffers());
    expect(Buffer.compare(rows!, expected)).toBe(0);
    const moved = bytesMoved(outline.hdus[0], window);
    expect(moved).toBeGreaterThanOrEqual(expected.length);
    expect(moved).toBeLessThanOrEqual(16 * nx);
  });

  it('are refused where the file has become another, is gone, or does not have them', async () => {
    const { at, file, outline } = await fileOf('changed.fits', 12, 8);
    await file.close();
    const read = (height: number) =>
      readRowsNow(
        at,
        outline,
        outline.hdus[0],
        { x0: 0, y0: 0, width: 4, height },
        new ReadBuffers(),
        new ReadBuffers(),
      );
    expect(() => read(9)).toThrow(expect.objectContaining({ code: 'fits_window_outside' }));
    await appendFile(at, new Uint8Array(2880));
    expect(read(2)).toBeUndefined();
    await rm(at);
    const gone = { code: 'fits_cannot_open', params: { file: at, reason: 'ENOENT' } };
    expect(() => read(2)).toThrow(expect.objectContaining(gone));
  });
});

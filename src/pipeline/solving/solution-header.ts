// A solution saved as a FITS header without data, which other programs read.
import path from 'node:path';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import { ensureDir } from '../../cleanup/ensure-dir.js';
import { createFitsWriter } from '../../fits/write/create-fits-writer.js';
import type { FrameRecord } from '../../frames/frame-record.js';

/**
 * Path in `folder` of what `file` leads to, its own ending replaced by `suffix`: of files of one name the later ones get a number.
 * `taken` holds the names of this command.
 */
export function outputBeside(folder: string, file: string, suffix: string, taken: Set<string>): string {
  const stem = path.basename(file).replace(/(\.fits?|\.fts)?(\.(gz|bz2|fz))?$/i, '');
  let name = `${stem}${suffix}`;
  for (let copy = 2; taken.has(name); copy++) name = `${stem}-${copy}${suffix}`;
  taken.add(name);
  return path.join(folder, name);
}

/** Writes `<name>.wcs.fits` into `folder`, which is made where it is missing. @throws DirectoryError; FitsError fits_cannot_write. */
export async function writeSolutionHeader(
  folder: string,
  file: string,
  { width, height }: Pick<FrameRecord, 'width' | 'height'>,
  wcs: CelestialWcs,
  taken: Set<string>,
): Promise<void> {
  await ensureDir(folder, '--wcs-out');
  const writer = await createFitsWriter(outputBeside(folder, file, '.wcs.fits', taken));
  try {
    await writer.beginImage({
      bitpix: 8,
      shape: [],
      cards: [
        { key: 'IMAGEW', value: width, comment: '[pix] width of the image' },
        { key: 'IMAGEH', value: height, comment: '[pix] height of the image' },
        ...wcsCards(wcs),
      ],
    });
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

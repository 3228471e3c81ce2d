// `inspect`: what the program sees in one file.
import path from 'node:path';
import { parseWcs } from '../astrometry/wcs/parse-wcs.js';
import type { FitsFile, FitsHdu } from '../fits/hdu.js';
import { fileMark } from '../frames/file-mark.js';
import { scanFile } from '../frames/frame-record.js';
import { openHeaders } from '../frames/open-headers.js';
import { CodedError } from '../errors.js';
import type { FileSummary } from '../report/summaries.js';
import { orientationDeg } from './planning/grid/grid-orientation.js';

/** @throws FitsError when the file is no FITS file or cannot be read. */
export async function inspectFile(file: string): Promise<FileSummary> {
  const { fits, wholeFileCompression } = await openHeaders(file);
  try {
    const mark = await fileMark(file);
    const scanned = await scanFile({ ...mark, relative: path.basename(file) });
    const main = fits.hdus.find(({ image }) => image && image.shape.length >= 2) ?? fits.hdus[0];
    const wcs = wcsSummary(main);
    return {
      path: file,
      bytes: mark.bytes,
      classification: scanned.kind === 'light' ? { code: 'frames_class_light', params: {} } : scanned.reason,
      images: imagesOf(fits),
      header: main.header.cards.map(({ key, value, comment }) => ({
        keyword: key,
        value: value === undefined ? '' : String(value),
        comment: comment ?? '',
      })),
      ...(wcs.summary && { wcs: wcs.summary }),
      warnings: [
        ...fits.hdus.flatMap(({ problem }) => (problem && !wholeFileCompression ? [problem] : [])),
        ...(wcs.problem ? [wcs.problem] : []),
      ].map(({ code, params }) => ({ code, params })),
    };
  } finally {
    await fits.close();
  }
}

function imagesOf(fits: FitsFile): FileSummary['images'] {
  return fits.hdus.flatMap(({ index, image, tiles }) =>
    image ? [{ hdu: index, shape: image.shape, bitpix: image.bitpix, compression: tiles?.codec }] : [],
  );
}

function wcsSummary({ header, image }: FitsHdu): { summary?: FileSummary['wcs']; problem?: CodedError } {
  if (!image || image.shape.length < 2 || !header.has('CTYPE1')) return {};
  try {
    const wcs = parseWcs(header);
    const [ny, nx] = image.shape.slice(-2);
    const [x, y] = [(nx + 1) / 2, (ny + 1) / 2];
    const centre = wcs.pixelToSky(x, y);
    if (!centre) return {};
    return {
      summary: {
        projection: wcs.describe().projection,
        centerRaDeg: centre[0],
        centerDecDeg: centre[1],
        pixelScaleArcsec: wcs.pixelScaleArcsec(x, y),
        rotationDeg: orientationDeg(wcs, nx, ny),
      },
    };
  } catch (error) {
    if (error instanceof CodedError) return { problem: error };
    throw error;
  }
}

// Reads the distortion tables that a header names from the extensions of its own file (WCSDVARR, D2IMARR).
import type { FitsFile, FitsHdu } from '../../fits/hdu.js';
import { readWindow64 } from '../../fits/read/read-window.js';
import type { LookupTable, LookupTables } from './distortion/lookup-table.js';
import { numberOf, recordOf, textOf, type HeaderReader } from './header-reader.js';
import { WcsError } from './wcs-error.js';

/** HST's largest are 4096 x 1 and 65 x 33; a lying header must not cost memory. */
const MAX_VALUES = 1 << 26;

/**
 * Tables of `CPDISj = 'Lookup'` (extension WCSDVARR) and `D2IMDISj = 'Lookup'` (D2IMARR), found by the EXTVER that
 * DPj or D2IMj records; undefined when the header names none.
 * @throws WcsError wcs_lookup_missing when the extension is not in the file, wcs_lookup_invalid when it is no table.
 */
export async function loadLookupTables(
  file: FitsFile,
  header: HeaderReader,
): Promise<LookupTables | undefined> {
  const load = async (kind: string, record: string, extname: string) =>
    Promise.all([1, 2].map((axis) => loadTable(file, header, `${kind}${axis}`, `${record}${axis}`, extname)));
  const [cp1, cp2] = await load('CPDIS', 'DP', 'WCSDVARR');
  const [d1, d2] = await load('D2IMDIS', 'D2IM', 'D2IMARR');
  if (!cp1 && !cp2 && !d1 && !d2) return undefined;
  return { cpdis: [cp1, cp2], d2im: [d1, d2] };
}

async function loadTable(
  file: FitsFile,
  header: HeaderReader,
  key: string,
  record: string,
  extname: string,
): Promise<LookupTable | undefined> {
  if (textOf(header, key)?.toLowerCase() !== 'lookup') return undefined;
  const extver = recordOf(header, record, 'EXTVER') ?? 1;
  const hdu = file.hdus.find((h) => h.name === extname && (numberOf(h.header, 'EXTVER') ?? 1) === extver);
  if (hdu === undefined) throw new WcsError('wcs_lookup_missing', { key });
  const [nx, ny] = [numberOf(hdu.header, 'NAXIS1') ?? 0, numberOf(hdu.header, 'NAXIS2') ?? 1];
  if (hdu.image === undefined || !(nx >= 1 && ny >= 1 && nx * ny <= MAX_VALUES)) {
    throw new WcsError('wcs_lookup_invalid', { key, width: nx, height: ny, values: 0 });
  }
  const data = await readWindow64(file, hdu, { x0: 0, y0: 0, width: nx, height: ny });
  return {
    data,
    naxis: [nx, ny],
    crpix: pair(hdu, 'CRPIX', 0),
    crval: pair(hdu, 'CRVAL', 0),
    cdelt: pair(hdu, 'CDELT', 1),
  };
}

function pair(hdu: FitsHdu, name: string, otherwise: number): [number, number] {
  return [numberOf(hdu.header, `${name}1`) ?? otherwise, numberOf(hdu.header, `${name}2`) ?? otherwise];
}

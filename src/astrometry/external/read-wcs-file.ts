// The header without data that astrometry.net's programs write when they have found a place; without one they have not.
import { memorySource } from '../../fits/byte-source.js';
import { FitsError } from '../../fits/fits-error.js';
import { openFits } from '../../fits/open-fits.js';
import { asIcrs } from '../wcs/as-icrs.js';
import { parseWcs } from '../wcs/parse-wcs.js';
import { WcsError } from '../wcs/wcs-error.js';
import type { Proposal } from './external-solver.js';
import { open } from 'node:fs/promises';

/** Headers have a few kilobytes. */
const MAX_BYTES = 1 << 20;

/** The WCS of the file at `at`; `solver` is named in failures. */
export async function readWcsFile(at: string, solver: string): Promise<Proposal> {
  let bytes: Uint8Array;
  try {
    const file = await open(at, 'r');
    try {
      const buffer = Buffer.alloc(MAX_BYTES);
      bytes = buffer.subarray(0, (await file.read(buffer, 0, MAX_BYTES, 0)).bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return { failure: { code: 'solve_reject_external_unsolved', params: { solver, detail: 'none' } } };
  }
  return readWcsBytes(bytes, solver);
}

/** The WCS of a FITS header in memory. */
export async function readWcsBytes(bytes: Uint8Array, solver: string): Promise<Proposal> {
  try {
    const fits = await openFits(memorySource('wcs', bytes));
    try {
      return { wcs: asIcrs(parseWcs(fits.hdus[0].header)) };
    } finally {
      await fits.close();
    }
  } catch (error) {
    if (!(error instanceof FitsError) && !(error instanceof WcsError)) throw error;
    return { failure: { code: 'solve_reject_external_rubbish', params: { solver } } };
  }
}

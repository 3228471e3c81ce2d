// The SIP keywords A_p_q, B_p_q, AP_p_q, BP_p_q of a header (Shupe et al. 2005).
import type { SipCoefficients } from './celestial-wcs.js';
import { numberOf, type HeaderReader } from './header-reader.js';
import { WcsError } from './wcs-error.js';

/** The standard allows orders 2 to 9; 0 and 1 are written by solvers for "none". */
const MAX_ORDER = 9;

/**
 * Reads the polynomials; undefined when the header has no A_ORDER and no B_ORDER.
 * @throws WcsError wcs_sip_incomplete when one of a pair is missing, wcs_value_out_of_range for an impossible order.
 */
export function readSip(header: HeaderReader): SipCoefficients | undefined {
  const a = readPolynomial(header, 'A');
  const b = readPolynomial(header, 'B');
  if (a === undefined && b === undefined) return undefined;
  if (a === undefined || b === undefined) {
    throw new WcsError('wcs_sip_incomplete', { key: a === undefined ? 'A_ORDER' : 'B_ORDER' });
  }
  const ap = readPolynomial(header, 'AP');
  const bp = readPolynomial(header, 'BP');
  // The inverse is only a start value here: half of one is not worth a refusal.
  return ap && bp ? { a, b, ap, bp } : { a, b };
}

function readPolynomial(header: HeaderReader, name: string): number[][] | undefined {
  const key = `${name}_ORDER`;
  const order = numberOf(header, key);
  if (order === undefined) return undefined;
  if (!Number.isInteger(order) || order < 0 || order > MAX_ORDER) {
    throw new WcsError('wcs_value_out_of_range', { key, value: order, min: 0, max: MAX_ORDER });
  }
  return Array.from({ length: order + 1 }, (_, p) =>
    Array.from({ length: order + 1 - p }, (_unused, q) => numberOf(header, `${name}_${p}_${q}`) ?? 0),
  );
}

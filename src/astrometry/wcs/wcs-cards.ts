// The FITS cards of a WCS, for headers of outputs and for the global WCS plan.
import type { CelestialWcs } from './celestial-wcs.js';
import type { Coefficients2d } from './distortion/polynomial-2d.js';
import { WcsError } from './wcs-error.js';

/** One header card; comments are the English of FITS headers everywhere, not messages. */
export interface WcsCard {
  readonly key: string;
  readonly value: string | number;
  readonly comment: string;
}

/**
 * Cards that `parseWcs` reads back to the same transform: two axes, CD matrix, parameters, SIP.
 * @throws WcsError wcs_not_writable for lookup tables and DSS plates, which cards alone do not hold.
 */
export function wcsCards(wcs: CelestialWcs): WcsCard[] {
  const d = wcs.describe();
  const unwritable = d.distortions.find((kind) => kind === 'lookup' || kind === 'dss');
  if (unwritable !== undefined) throw new WcsError('wcs_not_writable', { distortion: unwritable });
  const [lon, lat] = d.latitudeFirst ? [2, 1] : [1, 2];
  const tpv = d.distortions.includes('tpv');
  const suffix = d.sip ? '-SIP' : '';
  const ctype = d.ctype.map((text) => (tpv ? text.slice(0, 5) + 'TPV' : text + suffix));
  const cards: WcsCard[] = [{ key: 'WCSAXES', value: 2, comment: 'number of WCS axes' }];
  const add = (key: string, value: string | number, comment: string): void => {
    cards.push({ key, value, comment });
  };
  const byAxis = (name: string, atLon: string | number, atLat: string | number, comment: string): void => {
    add(`${name}1`, lon === 1 ? atLon : atLat, comment);
    add(`${name}2`, lon === 1 ? atLat : atLon, comment);
  };
  byAxis('CTYPE', ctype[0], ctype[1], 'coordinate type and projection');
  byAxis('CUNIT', 'deg', 'deg', 'unit of CRVAL and CD');
  byAxis('CRVAL', d.crval[0], d.crval[1], '[deg] coordinate of the reference pixel');
  add('CRPIX1', d.crpix[0], '[pix] reference pixel, axis 1');
  add('CRPIX2', d.crpix[1], '[pix] reference pixel, axis 2');
  for (const row of [1, 2]) {
    const at = row === lon ? 0 : 2;
    add(`CD${row}_1`, d.cd[at], '[deg/pix] transformation matrix');
    add(`CD${row}_2`, d.cd[at + 1], '[deg/pix] transformation matrix');
  }
  add('LONPOLE', d.lonpoleDeg, '[deg] native longitude of the celestial pole');
  add('LATPOLE', d.latpoleDeg, '[deg] native latitude of the celestial pole');
  for (const p of d.parameters) {
    add(`PV${p.axis === 'longitude' ? lon : lat}_${p.m}`, p.value, 'projection parameter');
  }
  if (d.radesys !== '') add('RADESYS', d.radesys, 'celestial reference system');
  if (d.equinox !== undefined) add('EQUINOX', d.equinox, '[yr] equinox of the coordinates');
  if (d.sip) {
    polynomialCards(add, 'A', d.sip.a, 'SIP forward, axis 1');
    polynomialCards(add, 'B', d.sip.b, 'SIP forward, axis 2');
    if (d.sip.ap) polynomialCards(add, 'AP', d.sip.ap, 'SIP inverse, axis 1');
    if (d.sip.bp) polynomialCards(add, 'BP', d.sip.bp, 'SIP inverse, axis 2');
  }
  return cards;
}

function polynomialCards(
  add: (key: string, value: number, comment: string) => void,
  name: string,
  c: Coefficients2d,
  comment: string,
): void {
  add(`${name}_ORDER`, c.length - 1, `${comment}: order`);
  c.forEach((row, p) =>
    row.forEach((value, q) => {
      if (value !== 0) add(`${name}_${p}_${q}`, value, comment);
    }),
  );
}

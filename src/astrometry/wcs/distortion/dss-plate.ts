// Plate solutions of the Digitized Sky Survey: polynomials of plate coordinates (mm) give standard coordinates
// (arcsec) about the plate centre (Lasker et al. 1990, AJ 99, 2019; keywords AMDXm, AMDYm, PLTRAH, ...).
import { numberOf, type HeaderReader } from '../header-reader.js';
import { WcsError } from '../wcs-error.js';
import type { Distortion } from './distortion.js';
import { newtonInverse, type NewtonTarget } from './newton.js';
import { PolynomialPair } from './polynomial-2d.js';

/** The plate as a linear WCS about the plate centre plus a distortion of pixel coordinates. */
export interface DssPlate {
  readonly crval: readonly [number, number];
  readonly crpix: readonly [number, number];
  readonly cd: readonly [number, number, number, number];
  readonly distortion: Distortion;
}

/**
 * Reads a plate solution; undefined when the header has none.
 * @throws WcsError wcs_value_not_number when it is begun and a needed card is missing.
 */
export function readDssPlate(header: HeaderReader): DssPlate | undefined {
  if (header.get('AMDX1') === undefined || header.get('PLTRAH') === undefined) return undefined;
  const need = (key: string): number => {
    const value = numberOf(header, key);
    if (value === undefined) throw new WcsError('wcs_value_not_number', { key, value: '' });
    return value;
  };
  const sign = String(header.get('PLTDECSN') ?? '+').trim() === '-' ? -1 : 1;
  const crval: [number, number] = [
    15 * (need('PLTRAH') + need('PLTRAM') / 60 + need('PLTRAS') / 3600),
    sign * (need('PLTDECD') + need('PLTDECM') / 60 + need('PLTDECS') / 3600),
  ];
  const xStep = need('XPIXELSZ');
  const yStep = need('YPIXELSZ');
  // Plate pixels count from the corner: the centre of image pixel 1 is CNPIX + 0.5.
  const crpix: [number, number] = [
    need('PPO3') / xStep - need('CNPIX1') + 0.5,
    need('PPO6') / yStep - need('CNPIX2') + 0.5,
  ];
  const coefficient = (axis: 'X' | 'Y') => (m: number) => numberOf(header, `AMD${axis}${m}`) ?? 0;
  return {
    crval,
    crpix,
    // The distortion below delivers standard coordinates in arcsec as an offset from CRPIX.
    cd: [1 / 3600, 0, 0, 1 / 3600],
    distortion: new PlateDistortion(
      new PolynomialPair(plateTerms(coefficient('X'), false), plateTerms(coefficient('Y'), true)),
      crpix,
      [-xStep / 1000, yStep / 1000],
    ),
  };
}

/** The 13 terms as powers; for eta (`swapped`) x and y change places. */
function plateTerms(a: (m: number) => number, swapped: boolean): number[][] {
  const c = Array.from({ length: 6 }, () => new Array<number>(6).fill(0));
  const add = (p: number, q: number, value: number): void => {
    if (swapped) c[q][p] += value;
    else c[p][q] += value;
  };
  add(1, 0, a(1));
  add(0, 1, a(2));
  add(0, 0, a(3));
  add(2, 0, a(4) + a(7));
  add(1, 1, a(5));
  add(0, 2, a(6) + a(7));
  add(3, 0, a(8) + a(12));
  add(2, 1, a(9));
  add(1, 2, a(10) + a(12));
  add(0, 3, a(11));
  // x (x^2 + y^2)^2
  add(5, 0, a(13));
  add(3, 2, 2 * a(13));
  add(1, 4, a(13));
  return c;
}

class PlateDistortion implements Distortion, NewtonTarget {
  fx = 0;
  fy = 0;
  fxx = 0;
  fxy = 0;
  fyx = 0;
  fyy = 0;

  constructor(
    private readonly polynomial: PolynomialPair,
    private readonly crpix: readonly [number, number],
    private readonly mm: readonly [number, number],
  ) {}

  apply(x: number, y: number, out: Float64Array): void {
    const p = this.polynomial;
    p.value((x - this.crpix[0]) * this.mm[0], (y - this.crpix[1]) * this.mm[1]);
    out[0] = this.crpix[0] + p.f;
    out[1] = this.crpix[1] + p.g;
  }

  /** With x turned over, so that the map keeps its orientation (a plate shows east at the left). */
  evaluate(x: number, y: number): void {
    const p = this.polynomial;
    p.evaluate((x - this.crpix[0]) * this.mm[0], (y - this.crpix[1]) * this.mm[1]);
    this.fx = -p.f;
    this.fy = p.g;
    this.fxx = -p.fu * this.mm[0];
    this.fxy = -p.fv * this.mm[1];
    this.fyx = p.gu * this.mm[0];
    this.fyy = p.gv * this.mm[1];
  }

  invert(x: number, y: number, out: Float64Array): boolean {
    const [cx, cy] = this.crpix;
    return newtonInverse(this, cx - x, y - cy, cx, cy, 1e-4, out);
  }
}

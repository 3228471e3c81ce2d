// Projection codes of CTYPE and how each is made of its parameters PVi_m (Paper II, table 13).
import { WcsError } from '../wcs-error.js';
import { cod, coe, cop, coo } from './conic.js';
import { car, cea, cyp, mer } from './cylindrical.js';
import { hpx, xph } from './healpix.js';
import { azp, sin, stg, szp, tan } from './perspective.js';
import { bon, pco } from './polyconic.js';
import type { Projection } from './projection.js';
import { ait, mol, par, sfl } from './pseudo-cylindrical.js';
import { csc, qsc, tsc } from './quad-cube.js';
import { air, arc, zea, zpn } from './zenithal.js';

/** Value of PVi_m of the latitude axis; undefined when the header does not give it. */
export type ParameterReader = (m: number) => number | undefined;

/** Number of coefficients of ZPN, and the end of the range of m for every projection. */
export const MAX_PARAMETERS = 30;

const MAKERS: Readonly<Record<string, (pv: ParameterReader) => Projection>> = {
  AZP: (pv) => azp(pv(1) ?? 0, pv(2) ?? 0),
  SZP: (pv) => szp(pv(1) ?? 0, pv(2) ?? 0, pv(3) ?? 90),
  TAN: () => tan(),
  STG: () => stg(),
  SIN: (pv) => sin(pv(1) ?? 0, pv(2) ?? 0),
  ARC: () => arc(),
  ZPN: (pv) => zpn(Array.from({ length: MAX_PARAMETERS }, (_, m) => pv(m) ?? 0)),
  ZEA: () => zea(),
  AIR: (pv) => air(pv(1) ?? 90),
  CYP: (pv) => cyp(pv(1) ?? 1, pv(2) ?? 1),
  CEA: (pv) => cea(pv(1) ?? 1),
  CAR: () => car(),
  MER: () => mer(),
  SFL: () => sfl(),
  PAR: () => par(),
  MOL: () => mol(),
  AIT: () => ait(),
  COP: (pv) => cop(coneLatitude('COP', pv), pv(2) ?? 0),
  COE: (pv) => coe(coneLatitude('COE', pv), pv(2) ?? 0),
  COD: (pv) => cod(coneLatitude('COD', pv), pv(2) ?? 0),
  COO: (pv) => coo(coneLatitude('COO', pv), pv(2) ?? 0),
  BON: (pv) => bon(pv(1) ?? missing('BON')),
  PCO: () => pco(),
  TSC: () => tsc(),
  CSC: () => csc(),
  QSC: () => qsc(),
  HPX: (pv) => hpx(pv(1) ?? 4, pv(2) ?? 3),
  XPH: () => xph(),
};

/** PV2_1 of the conics has no default. */
function coneLatitude(projection: string, pv: ParameterReader): number {
  return pv(1) ?? missing(projection);
}

function missing(projection: string): never {
  throw new WcsError('wcs_parameter_invalid', { projection, key: 'PV2_1', value: '' });
}

/** The codes that `makeProjection` knows, in the order of the paper. */
export const PROJECTION_CODES: readonly string[] = Object.keys(MAKERS);

/** @throws WcsError wcs_projection_unknown, or wcs_parameter_invalid of the projection. */
export function makeProjection(code: string, pv: ParameterReader): Projection {
  if (!Object.hasOwn(MAKERS, code)) {
    throw new WcsError('wcs_projection_unknown', { projection: code, known: PROJECTION_CODES.join(', ') });
  }
  return MAKERS[code](pv);
}

// A gnomonic WCS from numbers: what the solver finds, and the grids of most mosaics.
import type { CelestialWcs } from './celestial-wcs.js';
import { makePlaneGridWcs, type PlaneGridParameters } from './plane-grid-wcs.js';

/** A tangent-plane WCS with north at LONPOLE 180, ICRS. */
export type TanParameters = Omit<PlaneGridParameters, 'projection'>;

/** @throws WcsError wcs_matrix_singular, wcs_value_not_number, wcs_value_out_of_range (|Dec| > 90). */
export function makeTanWcs(parameters: TanParameters): CelestialWcs {
  return makePlaneGridWcs({ ...parameters, projection: 'TAN' });
}

// Cylindrical projections: CYP, CEA, CAR, MER (Paper II, section 5.2).
import { WcsError } from '../wcs-error.js';
import { angularProjection, safeAsin, type Projection } from './projection.js';

/**
 * Cylindrical perspective; `mu` = PV2_1, `lambda` = PV2_2.
 * @throws WcsError wcs_parameter_invalid for lambda = 0 or mu = -lambda.
 */
export function cyp(mu: number, lambda: number): Projection {
  if (lambda === 0)
    throw new WcsError('wcs_parameter_invalid', { projection: 'CYP', key: 'PV2_2', value: lambda });
  if (mu + lambda === 0)
    throw new WcsError('wcs_parameter_invalid', { projection: 'CYP', key: 'PV2_1', value: mu });
  return angularProjection(
    'CYP',
    0,
    (x, y, out) => {
      const eta = y / (mu + lambda);
      out[0] = x / lambda;
      out[1] = Math.atan(eta) + safeAsin((eta * mu) / Math.sqrt(eta * eta + 1));
      return true;
    },
    (phi, theta, out) => {
      const d = mu + Math.cos(theta);
      // d = 0 goes to infinity; a change of its sign is the far side of the projection point.
      if (!(d * (mu + lambda) > 0) && mu > -1) return false;
      out[0] = lambda * phi;
      out[1] = ((mu + lambda) * Math.sin(theta)) / d;
      return d !== 0;
    },
  );
}

/**
 * Cylindrical equal area; `lambda` = PV2_1.
 * @throws WcsError wcs_parameter_invalid for lambda outside (0, 1].
 */
export function cea(lambda: number): Projection {
  if (!(lambda > 0 && lambda <= 1)) {
    throw new WcsError('wcs_parameter_invalid', { projection: 'CEA', key: 'PV2_1', value: lambda });
  }
  return angularProjection(
    'CEA',
    0,
    (x, y, out) => {
      out[0] = x;
      out[1] = safeAsin(y * lambda);
      return true;
    },
    (phi, theta, out) => {
      out[0] = phi;
      out[1] = Math.sin(theta) / lambda;
      return true;
    },
  );
}

/** Plate carree. */
export function car(): Projection {
  const copy = (a: number, b: number, out: Float64Array): boolean => {
    out[0] = a;
    out[1] = b;
    return true;
  };
  return angularProjection('CAR', 0, copy, copy);
}

/** Mercator; the poles lie at infinity. */
export function mer(): Projection {
  return angularProjection(
    'MER',
    0,
    (x, y, out) => {
      out[0] = x;
      out[1] = Math.atan(Math.sinh(y));
      return true;
    },
    (phi, theta, out) => {
      out[0] = phi;
      out[1] = Math.asinh(Math.tan(theta));
      return Math.cos(theta) > 1e-15;
    },
  );
}

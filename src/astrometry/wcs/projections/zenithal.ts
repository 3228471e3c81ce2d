// Zenithal projections given by a radius R(theta): ARC, ZEA, ZPN, AIR (Paper II, sections 5.1.6 to 5.1.9).
import { DEG_TO_RAD } from '../angles.js';
import { WcsError } from '../wcs-error.js';
import { ROUNDING, type Projection } from './projection.js';
import { bracketedRoot } from './root.js';

/** Zenithal equidistant: R = 90 - theta. */
export function arc(): Projection {
  return zenithal(
    'ARC',
    (r) => (r <= Math.PI + ROUNDING ? r : NaN),
    (zenith) => zenith,
  );
}

/** Zenithal equal-area: R = 2 sin((90 - theta) / 2); by vectors, exact near the pole. */
export function zea(): Projection {
  return {
    code: 'ZEA',
    theta0Deg: 90,
    toNative(x, y, out) {
      const h = (x * x + y * y) / 4;
      if (!(h <= 1 + ROUNDING)) return false;
      const s = h < 1 ? Math.sqrt(1 - h) : 0;
      out[0] = -y * s;
      out[1] = x * s;
      out[2] = 1 - 2 * h;
      return true;
    },
    fromNative(l, m, n, out) {
      // sqrt(2 / (1 + n)), in the form that keeps its digits near the antipode.
      const across = l * l + m * m;
      if (n < 0 && across === 0) {
        out[0] = 0;
        out[1] = -2;
        return true;
      }
      const s = n > 0 ? Math.sqrt(2 / (1 + n)) : Math.sqrt((2 * (1 - n)) / across);
      out[0] = m * s;
      out[1] = -l * s;
      return true;
    },
  };
}

/**
 * Zenithal polynomial: R = sum of P_m (90 - theta)^m in radians, P_m = PV2_m; valid from the pole to where R first
 * stops growing.
 * @throws WcsError wcs_parameter_invalid when no coefficient beyond P_0 is set.
 */
export function zpn(coefficients: readonly number[]): Projection {
  let degree = coefficients.length - 1;
  while (degree > 0 && coefficients[degree] === 0) degree -= 1;
  if (degree < 1) throw new WcsError('wcs_parameter_invalid', { projection: 'ZPN', key: 'PV2_1', value: 0 });
  const radius = (z: number): number => {
    let r = 0;
    for (let m = degree; m >= 0; m -= 1) r = r * z + coefficients[m];
    return r;
  };
  const slope = (z: number): number => {
    let r = 0;
    for (let m = degree; m >= 1; m -= 1) r = r * z + m * coefficients[m];
    return r;
  };
  const limit = firstTurningPoint(slope);
  const smallest = radius(0);
  const largest = radius(limit);
  const slack = ROUNDING * Math.max(1, Math.abs(largest));
  return zenithal(
    'ZPN',
    (r) => {
      if (!(r >= smallest - slack && r <= largest + slack)) return NaN;
      if (degree === 1) return (r - coefficients[0]) / coefficients[1];
      if (r <= smallest) return 0;
      if (r >= largest) return limit;
      return bracketedRoot((z) => radius(z) - r, slope, 0, limit);
    },
    (z) => (z <= limit + ROUNDING ? radius(z) : NaN),
  );
}

/** Zenith distance where the slope first falls to zero (pi when it never does), by steps of one degree, then bisection. */
function firstTurningPoint(slope: (z: number) => number): number {
  if (!(slope(0) > 0)) {
    throw new WcsError('wcs_parameter_invalid', { projection: 'ZPN', key: 'PV2_1', value: slope(0) });
  }
  for (let deg = 1; deg <= 180; deg += 1) {
    if (slope(deg * DEG_TO_RAD) > 0) continue;
    let below = (deg - 1) * DEG_TO_RAD;
    let above = deg * DEG_TO_RAD;
    for (let i = 0; i < 60; i += 1) {
      const middle = (below + above) / 2;
      if (slope(middle) > 0) below = middle;
      else above = middle;
    }
    return below;
  }
  return Math.PI;
}

/**
 * Airy's projection, minimum error within the latitude theta_b = PV2_1 (default 90).
 * @throws WcsError wcs_parameter_invalid for theta_b outside (-90, 90].
 */
export function air(thetaBDeg: number): Projection {
  if (!(thetaBDeg > -90 && thetaBDeg <= 90)) {
    throw new WcsError('wcs_parameter_invalid', { projection: 'AIR', key: 'PV2_1', value: thetaBDeg });
  }
  const xiB = ((90 - thetaBDeg) / 2) * DEG_TO_RAD;
  // ln(cos xi) / tan^2 xi tends to -1/2 at the pole.
  const k = thetaBDeg === 90 ? -0.5 : Math.log(Math.cos(xiB)) / Math.tan(xiB) ** 2;
  const radius = (z: number): number => {
    const xi = z / 2;
    if (xi < 1e-4) return xi * (1 - 2 * k);
    const t = Math.tan(xi);
    // ln cos = -ln(1 + tan^2) / 2 keeps its digits for small angles.
    return Math.log1p(t * t) / t - 2 * k * t;
  };
  const slope = (z: number): number => {
    const t = Math.tan(z / 2);
    const t2 = t * t;
    const first = z < 2e-4 ? 1 : 2 / (1 + t2) - Math.log1p(t2) / t2;
    return ((first - 2 * k) * (1 + t2)) / 2;
  };
  const limit = Math.PI * (1 - 1e-9);
  return zenithal(
    'AIR',
    (r) => {
      if (r === 0) return 0;
      if (!(r <= radius(limit))) return NaN;
      return bracketedRoot((z) => radius(z) - r, slope, 0, limit);
    },
    (z) => (z < limit ? radius(z) : NaN),
  );
}

/** Makes a zenithal projection of R -> zenith distance and back, radians; NaN = outside. */
function zenithal(
  code: string,
  zenithOf: (r: number) => number,
  radiusOf: (zenith: number) => number,
): Projection {
  return {
    code,
    theta0Deg: 90,
    toNative(x, y, out) {
      const r = Math.sqrt(x * x + y * y);
      const zenith = zenithOf(r);
      if (!(zenith >= -ROUNDING && zenith <= Math.PI + ROUNDING)) return false;
      const s = r === 0 ? 0 : Math.sin(zenith) / r;
      out[0] = -y * s;
      out[1] = x * s;
      out[2] = Math.cos(zenith);
      return true;
    },
    fromNative(l, m, n, out) {
      const across = Math.sqrt(l * l + m * m);
      const r = radiusOf(Math.atan2(across, n));
      if (!(r >= -ROUNDING)) return false;
      if (across === 0) {
        out[0] = 0;
        out[1] = -r;
      } else {
        out[0] = (r * m) / across;
        out[1] = (-r * l) / across;
      }
      return true;
    },
  };
}

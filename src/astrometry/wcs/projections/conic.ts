// Conic projections: COP, COE, COD, COO (Paper II, section 5.4); theta_a = PV2_1, eta = PV2_2, degrees.
import { DEG_TO_RAD } from '../angles.js';
import { WcsError } from '../wcs-error.js';
import { angularProjection, safeAsin, type Projection } from './projection.js';

/** What tells the conics apart; angles in radians. Radii carry the sign of theta_a. */
interface Cone {
  readonly constant: number;
  readonly y0: number;
  radius(theta: number): number;
  theta(radius: number): number;
}

/** Perspective conic. */
export function cop(thetaADeg: number, etaDeg: number): Projection {
  return conic('COP', thetaADeg, (thetaA) => {
    const cosEta = Math.cos(etaDeg * DEG_TO_RAD);
    if (cosEta === 0) throw invalid('COP', 'PV2_2', etaDeg);
    const cot = 1 / Math.tan(thetaA);
    return {
      constant: Math.sin(thetaA),
      y0: cosEta * cot,
      radius: (theta) => {
        const d = theta - thetaA;
        return Math.cos(d) > 0 ? cosEta * (cot - Math.tan(d)) : NaN;
      },
      theta: (r) => thetaA + Math.atan(cot - r / cosEta),
    };
  });
}

/** Equal-area conic (Albers). */
export function coe(thetaADeg: number, etaDeg: number): Projection {
  return conic('COE', thetaADeg, (thetaA) => {
    const s1 = Math.sin(thetaA - etaDeg * DEG_TO_RAD);
    const s2 = Math.sin(thetaA + etaDeg * DEG_TO_RAD);
    const gamma = s1 + s2;
    if (gamma === 0) throw invalid('COE', 'PV2_2', etaDeg);
    const radius = (theta: number): number =>
      (2 / gamma) * Math.sqrt(Math.max(0, 1 + s1 * s2 - gamma * Math.sin(theta)));
    return {
      constant: gamma / 2,
      y0: radius(thetaA),
      radius,
      theta: (r) => safeAsin((1 + s1 * s2 - ((r * gamma) / 2) ** 2) / gamma),
    };
  });
}

/** Equidistant conic. */
export function cod(thetaADeg: number, etaDeg: number): Projection {
  return conic('COD', thetaADeg, (thetaA) => {
    const eta = etaDeg * DEG_TO_RAD;
    // sin eta / eta and eta cot eta tend to 1.
    const sinc = eta === 0 ? 1 : Math.sin(eta) / eta;
    const y0 = (eta === 0 ? 1 : eta / Math.tan(eta)) / Math.tan(thetaA);
    return {
      constant: Math.sin(thetaA) * sinc,
      y0,
      radius: (theta) => thetaA - theta + y0,
      theta: (r) => thetaA + y0 - r,
    };
  });
}

/** Orthomorphic conic (Lambert). */
export function coo(thetaADeg: number, etaDeg: number): Projection {
  return conic('COO', thetaADeg, (thetaA) => {
    const eta = etaDeg * DEG_TO_RAD;
    const half = (theta: number): number => Math.tan((Math.PI / 2 - theta) / 2);
    const theta1 = thetaA - eta;
    const theta2 = thetaA + eta;
    const cos1 = Math.cos(theta1);
    const c =
      eta === 0
        ? Math.sin(theta1)
        : Math.log(Math.cos(theta2) / cos1) / Math.log(half(theta2) / half(theta1));
    const psi = cos1 / (c * half(theta1) ** c);
    if (!Number.isFinite(psi) || psi === 0) throw invalid('COO', 'PV2_2', etaDeg);
    const radius = (theta: number): number => {
      const t = half(theta);
      // At one of the poles the radius is infinite.
      return t > 1e-15 || c > 0 ? psi * Math.max(0, t) ** c : NaN;
    };
    return {
      constant: c,
      y0: radius(thetaA),
      radius,
      theta: (r) => Math.PI / 2 - 2 * Math.atan((r / psi) ** (1 / c)),
    };
  });
}

function invalid(projection: string, key: string, value: number): WcsError {
  return new WcsError('wcs_parameter_invalid', { projection, key, value });
}

function conic(code: string, thetaADeg: number, cone: (thetaA: number) => Cone): Projection {
  if (!(Math.abs(thetaADeg) <= 90) || thetaADeg === 0) throw invalid(code, 'PV2_1', thetaADeg);
  const { constant, y0, radius, theta: thetaOf } = cone(thetaADeg * DEG_TO_RAD);
  const sign = Math.sign(thetaADeg);
  return angularProjection(
    code,
    thetaADeg,
    (x, y, out) => {
      const dy = y0 - y;
      const r = sign * Math.sqrt(x * x + dy * dy);
      out[0] = r === 0 ? 0 : Math.atan2(x / r, dy / r) / constant;
      out[1] = thetaOf(r);
      return true;
    },
    (phi, theta, out) => {
      const r = radius(theta);
      // A radius of the other sign is the far sheet of the cone.
      if (!(r * sign >= -1e-13) || r > 1e8 || r < -1e8) return false;
      out[0] = r * Math.sin(constant * phi);
      out[1] = y0 - r * Math.cos(constant * phi);
      return true;
    },
  );
}

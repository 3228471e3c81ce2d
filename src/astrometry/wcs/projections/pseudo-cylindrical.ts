// Sanson-Flamsteed, parabolic, Mollweide and Hammer-Aitoff: SFL, PAR, MOL, AIT (Paper II, section 5.3).
import { ROUNDING, angularProjection, safeAsin, type Projection } from './projection.js';

export function sfl(): Projection {
  return angularProjection(
    'SFL',
    0,
    (x, y, out) => {
      out[0] = stretched(x, Math.cos(y));
      out[1] = y;
      return true;
    },
    (phi, theta, out) => {
      out[0] = phi * Math.cos(theta);
      out[1] = theta;
      return true;
    },
  );
}

export function par(): Projection {
  return angularProjection(
    'PAR',
    0,
    (x, y, out) => {
      const s = y / Math.PI;
      out[0] = stretched(x, 1 - 4 * s * s);
      out[1] = 3 * safeAsin(s);
      return true;
    },
    (phi, theta, out) => {
      const s = Math.sin(theta / 3);
      out[0] = phi * (1 - 4 * s * s);
      out[1] = Math.PI * s;
      return true;
    },
  );
}

export function mol(): Projection {
  return angularProjection(
    'MOL',
    0,
    (x, y, out) => {
      const s = y / Math.SQRT2;
      const gamma = safeAsin(s);
      const c = Math.sqrt(Math.max(0, 1 - s * s));
      out[0] = stretched((x * Math.PI) / (2 * Math.SQRT2), c);
      out[1] = safeAsin((2 * gamma + 2 * s * c) / Math.PI);
      return true;
    },
    (phi, theta, out) => {
      const gamma = mollweideAngle(theta);
      out[0] = ((2 * Math.SQRT2) / Math.PI) * phi * Math.cos(gamma);
      out[1] = Math.SQRT2 * Math.sin(gamma);
      return true;
    },
  );
}

/**
 * gamma of 2 gamma + sin 2 gamma = pi sin theta. Solved for the distance d from the pole, 2 d - sin 2 d = pi (1 -
 * sin |theta|), because near the pole the equation in gamma has no slope left.
 */
function mollweideAngle(theta: number): number {
  const h = Math.sin((Math.PI / 2 - Math.abs(theta)) / 2);
  const target = 2 * Math.PI * h * h;
  // (2 d)^3 / 6 = target is the limit at the pole and a good start everywhere.
  let t = Math.min(Math.PI, Math.cbrt(6 * target));
  for (let i = 0; i < 50 && t > 0; i += 1) {
    // t - sin t without cancellation for small t.
    const value =
      t < 0.05 ? ((t * t * t) / 6) * (1 - (t * t) / 20 + t ** 4 / 840 - t ** 6 / 60480) : t - Math.sin(t);
    const half = Math.sin(t / 2);
    const step = (value - target) / (2 * half * half);
    t -= step;
    if (Math.abs(step) <= 1e-16 * Math.abs(t)) break;
  }
  return Math.sign(theta) * (Math.PI / 2 - t / 2);
}

export function ait(): Projection {
  return angularProjection(
    'AIT',
    0,
    (x, y, out) => {
      const z2 = 1 - (x * x) / 16 - (y * y) / 4;
      if (!(z2 >= 0.5 - ROUNDING)) return false;
      const z = Math.sqrt(z2);
      out[0] = 2 * Math.atan2((z * x) / 2, 2 * z2 - 1);
      out[1] = safeAsin(y * z);
      return true;
    },
    (phi, theta, out) => {
      const cosTheta = Math.cos(theta);
      const gamma = Math.sqrt(2 / (1 + cosTheta * Math.cos(phi / 2)));
      out[0] = 2 * gamma * cosTheta * Math.sin(phi / 2);
      out[1] = gamma * Math.sin(theta);
      return true;
    },
  );
}

/** Longitude x / c on a parallel of relative length c; on a pole of no length only x = 0 is on the map. */
function stretched(x: number, c: number): number {
  if (c > ROUNDING) return x / c;
  return Math.abs(x) <= ROUNDING ? 0 : NaN;
}

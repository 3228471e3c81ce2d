// Perspective zenithal projections: AZP, SZP, TAN, STG, SIN (Paper II, sections 5.1.1 to 5.1.5), by unit vectors:
// near the pole nothing is lost to cancellation, and TAN needs no trigonometry.
import { DEG_TO_RAD } from '../angles.js';
import { WcsError } from '../wcs-error.js';
import { ROUNDING, type Projection } from './projection.js';

/** Without parameters, so that thousands of frames share it. */
const TAN: Projection = {
  code: 'TAN',
  theta0Deg: 90,
  toNative(x, y, out) {
    const s = 1 / Math.sqrt(1 + x * x + y * y);
    out[0] = -y * s;
    out[1] = x * s;
    out[2] = s;
    return true;
  },
  fromNative(l, m, n, out) {
    if (!(n > 0)) return false;
    out[0] = m / n;
    out[1] = -l / n;
    return true;
  },
};

/** Gnomonic. Shows the hemisphere theta > 0. */
export const tan = (): Projection => TAN;

/** Stereographic. Shows everything but the antipode. */
export function stg(): Projection {
  return {
    code: 'STG',
    theta0Deg: 90,
    toNative(x, y, out) {
      const t = (x * x + y * y) / 4;
      const s = 1 / (1 + t);
      out[0] = -y * s;
      out[1] = x * s;
      out[2] = (1 - t) * s;
      return true;
    },
    fromNative(l, m, n, out) {
      if (!(1 + n > 0)) return false;
      const s = 2 / (1 + n);
      out[0] = m * s;
      out[1] = -l * s;
      return true;
    },
  };
}

/** Larger root in [-1, 1] of a n^2 + 2 b n + c = 0, else the smaller one, else NaN: the point nearer to the pole. */
function nearerToPole(a: number, b: number, c: number): number {
  const disc = b * b - a * c;
  if (!(disc >= -ROUNDING)) return NaN;
  const root = Math.sqrt(Math.max(0, disc));
  for (const n of [(-b + root) / a, (-b - root) / a]) {
    if (Math.abs(n) <= 1 + ROUNDING) return Math.max(-1, Math.min(1, n));
  }
  return NaN;
}

/** Slant orthographic; `xi`, `eta` = PV2_1, PV2_2. NCP of AIPS is xi = 0, eta = cot(delta0). */
export function sin(xi: number, eta: number): Projection {
  const a = xi * xi + eta * eta + 1;
  return {
    code: 'SIN',
    theta0Deg: 90,
    toNative(x, y, out) {
      let n: number;
      if (a === 1) {
        const c = 1 - x * x - y * y;
        if (!(c >= -ROUNDING)) return false;
        n = c > 0 ? Math.sqrt(c) : 0;
      } else {
        const dx = x - xi;
        const dy = y - eta;
        n = nearerToPole(a, xi * dx + eta * dy, dx * dx + dy * dy - 1);
        if (!(n >= -1)) return false;
      }
      return normalised(-(y - eta * (1 - n)), x - xi * (1 - n), n, out);
    },
    fromNative(l, m, n, out) {
      // Hidden behind the sphere as seen along the slant direction.
      if (!(n + xi * m - eta * l >= 0)) return false;
      out[0] = m + xi * (1 - n);
      out[1] = -l + eta * (1 - n);
      return true;
    },
  };
}

/** Writes the direction (l, m, n) at unit length. */
function normalised(l: number, m: number, n: number, out: Float64Array): boolean {
  const s = 1 / Math.sqrt(l * l + m * m + n * n);
  out[0] = l * s;
  out[1] = m * s;
  out[2] = n * s;
  return true;
}

/**
 * Tilted zenithal perspective; `mu` = PV2_1 (sphere radii from the centre), `gammaDeg` = PV2_2 (tilt of the plane).
 * @throws WcsError wcs_parameter_invalid for mu = -1 or a plane seen edge-on.
 */
export function azp(mu: number, gammaDeg: number): Projection {
  const cosGamma = Math.cos(gammaDeg * DEG_TO_RAD);
  if (mu === -1) throw new WcsError('wcs_parameter_invalid', { projection: 'AZP', key: 'PV2_1', value: mu });
  if (Math.abs(cosGamma) < ROUNDING) {
    throw new WcsError('wcs_parameter_invalid', { projection: 'AZP', key: 'PV2_2', value: gammaDeg });
  }
  const tanGamma = Math.tan(gammaDeg * DEG_TO_RAD);
  const scale = mu + 1;
  return {
    code: 'AZP',
    theta0Deg: 90,
    toNative(x, y, out) {
      const px = x / scale;
      const py = (-y * cosGamma) / scale;
      const slant = 1 - py * tanGamma;
      if (slant === 0) return false;
      const p = px / slant;
      const q = py / slant;
      const s2 = p * p + q * q;
      const disc = 1 + s2 * (1 - mu * mu);
      if (!(disc >= -ROUNDING)) return false;
      const root = Math.sqrt(Math.max(0, disc));
      // Of the two points on the ray the one nearer to the pole that the plane faces.
      for (const signed of [root, -root]) {
        const n = (signed - s2 * mu) / (1 + s2);
        const d = (mu + n) / slant;
        if (d * scale > 0) return normalised(q * (mu + n), p * (mu + n), n, out);
      }
      return false;
    },
    fromNative(l, m, n, out) {
      const d = mu + n + l * tanGamma;
      if (!(d * scale > 0)) return false;
      // Beyond the circle where rays from the projection point touch the sphere.
      if (Math.abs(mu) > 1 && n < -1 / mu) return false;
      out[0] = (scale * m) / d;
      out[1] = (-scale * l) / (d * cosGamma);
      return true;
    },
  };
}

/**
 * Slant zenithal perspective; `mu` = PV2_1, (`phiCDeg`, `thetaCDeg`) = PV2_2, PV2_3.
 * @throws WcsError wcs_parameter_invalid when the projection point lies in the plane.
 */
export function szp(mu: number, phiCDeg: number, thetaCDeg: number): Projection {
  const cosThetaC = Math.cos(thetaCDeg * DEG_TO_RAD);
  const cx = cosThetaC * Math.cos(phiCDeg * DEG_TO_RAD);
  const cy = cosThetaC * Math.sin(phiCDeg * DEG_TO_RAD);
  const cz = Math.sin(thetaCDeg * DEG_TO_RAD);
  const xp = -mu * cy;
  const yp = mu * cx;
  const zp = mu * cz + 1;
  if (zp === 0) throw new WcsError('wcs_parameter_invalid', { projection: 'SZP', key: 'PV2_1', value: mu });
  return {
    code: 'SZP',
    theta0Deg: 90,
    toNative(x, y, out) {
      const sx = (x - xp) / zp;
      const sy = (y - yp) / zp;
      const a = sx * sx + sy * sy + 1;
      const b = sx * (x - sx) + sy * (y - sy);
      const c = (x - sx) * (x - sx) + (y - sy) * (y - sy) - 1;
      const n = nearerToPole(a, b, c);
      if (!(n >= -1)) return false;
      return normalised(-(y - sy * (1 - n)), x - sx * (1 - n), n, out);
    },
    fromNative(l, m, n, out) {
      const d = zp - (1 - n);
      if (!(d > 0)) return false;
      if (Math.abs(mu) > 1 && 1 + mu * (l * cx + m * cy + n * cz) < 0) return false;
      out[0] = (zp * m - xp * (1 - n)) / d;
      out[1] = -(zp * l + yp * (1 - n)) / d;
      return true;
    },
  };
}

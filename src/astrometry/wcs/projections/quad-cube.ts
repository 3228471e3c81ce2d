// The sphere on the six faces of a cube: TSC, CSC, QSC (Paper II, section 5.6). A face is 2 units wide, 45 degrees each.
import { ROUNDING, type Projection } from './projection.js';

const UNIT = Math.PI / 4;

/** Middles of the faces 0 to 5 on the plane, in units. */
const FACE_X = [0, 0, 2, 4, 6, 0];
const FACE_Y = [2, 0, 0, 0, 0, -2];

/**
 * A map of one face: direction cosines (xi, eta, zeta), zeta towards the middle of the face, to [-1, 1] x [-1, 1] and
 * back. `toSphere` may leave a vector of any length.
 */
interface FaceMap {
  toFace(xi: number, eta: number, zeta: number, out: Float64Array): void;
  toSphere(x: number, y: number, out: Float64Array): void;
}

function quadCube(code: string, map: FaceMap): Projection {
  return {
    code,
    theta0Deg: 0,
    toNative(x, y, out) {
      let fx = x / UNIT;
      const fy = y / UNIT;
      const edge = 1 + ROUNDING;
      if (Math.abs(fx) <= edge) {
        if (!(Math.abs(fy) <= 2 + edge)) return false;
      } else if (!(Math.abs(fx) <= 6 + edge && Math.abs(fy) <= edge)) return false;
      // The row of faces may start at either end.
      if (fx < -1 - ROUNDING) fx += 8;
      const face =
        Math.abs(fy) > 1 ? (fy > 0 ? 0 : 5) : Math.min(4, 1 + Math.max(0, Math.floor((fx + 1) / 2)));
      map.toSphere(fx - FACE_X[face], fy - FACE_Y[face], out);
      const s = 1 / Math.sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2]);
      const xi = out[0] * s;
      const eta = out[1] * s;
      const zeta = out[2] * s;
      out[0] = [-eta, zeta, -xi, -zeta, xi, eta][face];
      out[1] = [xi, xi, zeta, -xi, -zeta, xi][face];
      out[2] = [zeta, eta, eta, eta, eta, -zeta][face];
      return true;
    },
    fromNative(l, m, n, out) {
      const face = faceOf(l, m, n);
      map.toFace([m, m, -l, -m, l, m][face], [-l, n, n, n, n, l][face], [n, l, m, -l, -m, -n][face], out);
      out[0] = (out[0] + FACE_X[face]) * UNIT;
      out[1] = (out[1] + FACE_Y[face]) * UNIT;
      return true;
    },
  };
}

/** The face whose middle is nearest. */
function faceOf(l: number, m: number, n: number): number {
  const a = Math.abs(l);
  const b = Math.abs(m);
  const c = Math.abs(n);
  if (c > a && c > b) return n > 0 ? 0 : 5;
  if (a >= b) return l > 0 ? 1 : 3;
  return m > 0 ? 2 : 4;
}

/** Tangential spherical cube: each face gnomonic. */
export function tsc(): Projection {
  return quadCube('TSC', {
    toFace(xi, eta, zeta, out) {
      out[0] = xi / zeta;
      out[1] = eta / zeta;
    },
    toSphere(x, y, out) {
      out[0] = x;
      out[1] = y;
      out[2] = 1;
    },
  });
}

/** Quadrilateralized spherical cube: equal areas. */
export function qsc(): Projection {
  return quadCube('QSC', {
    toFace(xi, eta, zeta, out) {
      const swap = Math.abs(eta) > Math.abs(xi);
      const major = swap ? eta : xi;
      const minor = swap ? xi : eta;
      if (major === 0) {
        out[0] = 0;
        out[1] = 0;
        return;
      }
      const omega = minor / major;
      // 1 - zeta as (xi^2 + eta^2) / (1 + zeta): exact near the middle of the face.
      const t = (xi * xi + eta * eta) / (1 + zeta);
      const u = Math.sign(major) * Math.sqrt(t / (1 - 1 / Math.sqrt(2 + omega * omega)));
      const v =
        (12 / Math.PI) * u * (Math.atan(omega) - Math.asin(omega / Math.sqrt(2 * (1 + omega * omega))));
      out[0] = swap ? v : u;
      out[1] = swap ? u : v;
    },
    toSphere(x, y, out) {
      const swap = Math.abs(y) > Math.abs(x);
      const u = swap ? y : x;
      const v = swap ? x : y;
      if (u === 0) {
        out[0] = 0;
        out[1] = 0;
        out[2] = 1;
        return;
      }
      const angle = ((Math.PI / 12) * v) / u;
      const omega = Math.sin(angle) / (Math.cos(angle) - Math.SQRT1_2);
      const t = u * u * (1 - 1 / Math.sqrt(2 + omega * omega));
      // sin of the distance from the middle, from 1 - zeta = t.
      const major = (Math.sign(u) * Math.sqrt(t * (2 - t))) / Math.sqrt(1 + omega * omega);
      out[0] = swap ? omega * major : major;
      out[1] = swap ? major : omega * major;
      out[2] = 1 - t;
    },
  });
}

/** Forward polynomial of the COBE cube (Paper II, equation 177). */
function cscForward(a: number, b: number): number {
  const a2 = a * a;
  const b2 = b * b;
  const gamma = 1.37484847732;
  const m = 0.004869491981;
  const big = -0.13161671474;
  const omega1 = -0.159596235474;
  const c =
    0.141189631152 +
    0.0809701286525 * a2 -
    0.281528535557 * b2 +
    0.15384112876 * a2 * b2 -
    0.178251207466 * a2 * a2 +
    0.106959469314 * b2 * b2;
  const d = 0.0759196200467 - 0.0217762490699 * a2;
  return (
    a * gamma +
    a * a2 * (1 - gamma) +
    a * b2 * (1 - a2) * (big + (m - big) * a2 + (1 - b2) * c) +
    a * a2 * (1 - a2) * (omega1 - (1 - a2) * d)
  );
}

/** P_ij of the COBE cube's inverse (Paper II, table 12): row i, column j. */
const CSC_INVERSE: readonly (readonly number[])[] = [
  [-0.27292696, -0.02819452, 0.2705816, -0.6044156, 0.93412077, -0.63915306, 0.14381585],
  [-0.07629969, -0.01471565, -0.56800938, 1.50880086, -1.4160192, 0.52032238],
  [-0.22797056, 0.48051509, 0.30803317, -0.93678576, 0.33887446],
  [0.54852384, -1.74114454, 0.98938102, 0.08693841],
  [-0.62930065, 1.71547508, -0.83180469],
  [0.25795794, -0.53022337],
  [0.02584375],
];

function cscInverse(x: number, y: number): number {
  const x2 = x * x;
  const y2 = y * y;
  let sum = 0;
  for (let i = CSC_INVERSE.length - 1; i >= 0; i -= 1) {
    const row = CSC_INVERSE[i];
    let r = 0;
    for (let j = row.length - 1; j >= 0; j -= 1) r = r * y2 + row[j];
    sum = sum * x2 + r;
  }
  return x + x * (1 - x2) * sum;
}

/** COBE cube: the two polynomials are inverse to each other to about 24 arcsec only, by definition. */
export function csc(): Projection {
  return quadCube('CSC', {
    toFace(xi, eta, zeta, out) {
      const a = xi / zeta;
      const b = eta / zeta;
      out[0] = cscForward(a, b);
      out[1] = cscForward(b, a);
    },
    toSphere(x, y, out) {
      out[0] = cscInverse(x, y);
      out[1] = cscInverse(y, x);
      out[2] = 1;
    },
  });
}

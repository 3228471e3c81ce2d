// From a polynomial map of pixels on a tangent plane to the WCS that FITS headers can hold: TAN, or TAN-SIP.
import { RAD_TO_DEG } from '../../wcs/angles.js';
import type { CelestialWcs, SipCoefficients } from '../../wcs/celestial-wcs.js';
import { skyPosition } from '../../wcs/sphere.js';
import { makeTanWcs } from '../../wcs/tan-wcs.js';
import { LeastSquares } from './least-squares.js';
import { linearPart, polynomialTerms, termCount, type PixelPlane } from './pixel-plane.js';
import { fromPlane } from './plane-basis.js';

/** Factors the polynomial into CD (its linear part) and SIP: plane = CD (u + A, v + B). */
export function planeWcs(plane: PixelPlane, width: number, height: number): CelestialWcs {
  const centre = fromPlane(plane.basis, plane.a[0], plane.b[0]);
  const [a, b, c, d] = linearPart(plane);
  return makeTanWcs({
    crval: skyPosition(centre),
    crpix: [(width + 1) / 2, (height + 1) / 2],
    cd: [a * RAD_TO_DEG, b * RAD_TO_DEG, c * RAD_TO_DEG, d * RAD_TO_DEG],
    shape: [width, height],
    sip: plane.order > 1 ? sipOf(plane, width, height) : undefined,
  });
}

function sipOf(plane: PixelPlane, width: number, height: number): SipCoefficients {
  const { order, unit } = plane;
  const [a, b, c, d] = linearPart(plane);
  const det = a * d - b * c;
  const empty = (n: number) => Array.from({ length: n + 1 }, () => new Array<number>(n + 1).fill(0));
  const [sa, sb] = [empty(order), empty(order)];
  for (let degree = 2; degree <= order; degree++) {
    for (let q = 0; q <= degree; q++) {
      const at = termCount(degree - 1) + q;
      const size = unit ** degree;
      const [f, g] = [plane.a[at] / size, plane.b[at] / size];
      sa[degree - q][q] = (d * f - b * g) / det;
      sb[degree - q][q] = (a * g - c * f) / det;
    }
  }
  return { a: sa, b: sb, ...inverseSip(sa, sb, order + 1, width, height) };
}

/** AP, BP: the least-squares inverse over a grid on the frame, for programs that do not invert by themselves. */
function inverseSip(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  order: number,
  width: number,
  height: number,
): Pick<SipCoefficients, 'ap' | 'bp'> {
  const unit = Math.max(width, height) / 2;
  const terms = termCount(order);
  const row = new Float64Array(terms);
  const system = new LeastSquares(terms);
  const value = (k: readonly (readonly number[])[], u: number, v: number) =>
    k.reduce((sum, line, p) => sum + line.reduce((s, w, q) => s + w * u ** p * v ** q, 0), 0);
  for (let j = -6; j <= 6; j++) {
    for (let i = -6; i <= 6; i++) {
      const [u, v] = [(i / 12) * width, (j / 12) * height];
      const [da, db] = [value(a, u, v), value(b, u, v)];
      polynomialTerms(order, (u + da) / unit, (v + db) / unit, row);
      system.add(row, -da, -db, 1);
    }
  }
  const solution = system.solve();
  // without a well-posed inverse the forward polynomial alone is the truth
  if (!solution) return {};
  const table = (k: Float64Array) => {
    const out = Array.from({ length: order + 1 }, () => new Array<number>(order + 1).fill(0));
    for (let degree = 0; degree <= order; degree++) {
      for (let q = 0; q <= degree; q++) {
        const at = degree === 0 ? 0 : termCount(degree - 1) + q;
        out[degree - q][q] = k[at] / unit ** degree;
      }
    }
    return out;
  };
  return { ap: table(solution.f), bp: table(solution.g) };
}

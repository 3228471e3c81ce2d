// HEALPix as a projection: HPX (Calabretta & Roukema 2007, MNRAS 381, 865) and its polar form XPH (Calabretta & Lowe
// 2013, PASA 30, e050).
import { WcsError } from '../wcs-error.js';
import { ROUNDING, angularProjection, safeAsin, type Projection } from './projection.js';

const HALF_PI = Math.PI / 2;

/**
 * `h` = PV2_1 (facets around), `k` = PV2_2 (facets pole to pole).
 * @throws WcsError wcs_parameter_invalid unless both are positive whole numbers.
 */
export function hpx(h: number, k: number): Projection {
  if (!(Number.isInteger(h) && h > 0))
    throw new WcsError('wcs_parameter_invalid', { projection: 'HPX', key: 'PV2_1', value: h });
  if (!(Number.isInteger(k) && k > 0))
    throw new WcsError('wcs_parameter_invalid', { projection: 'HPX', key: 'PV2_2', value: k });
  const sinLimit = (k - 1) / k;
  const yLimit = (HALF_PI * (k - 1)) / h;
  const step = Math.PI / h;
  const oddK = k % 2 === 1;
  /** Middle of the polar facet that holds phi; for even K the southern ones are shifted by half a facet. */
  const centre = (phi: number, north: boolean): number => {
    const omega = oddK || north ? 1 : 0;
    const index = Math.floor((phi + Math.PI) / (2 * step) + (1 - omega) / 2);
    // phi = +180 belongs to the last facet.
    const count = omega === 1 ? Math.min(index, h - 1) : index;
    return -Math.PI + (2 * count + omega) * step;
  };
  return angularProjection(
    'HPX',
    0,
    (x, y, out) => {
      const top = Math.abs(y);
      if (top <= yLimit) {
        out[0] = x;
        out[1] = Math.asin((y * h) / (HALF_PI * k));
        return true;
      }
      const sigma = (k + 1) / 2 - (top * h) / Math.PI;
      if (!(sigma >= -ROUNDING) || !(Math.abs(x) <= Math.PI + ROUNDING)) return false;
      const middle = centre(x, y > 0);
      const dx = x - middle;
      if (!(Math.abs(dx) <= sigma * step + ROUNDING)) return false;
      out[0] = sigma > ROUNDING ? middle + Math.max(-step, Math.min(step, dx / sigma)) : middle;
      out[1] = Math.sign(y) * polarLatitude((sigma * sigma) / k);
      return true;
    },
    (phi, theta, out) => {
      const s = Math.sin(theta);
      if (Math.abs(s) <= sinLimit) {
        out[0] = phi;
        out[1] = ((HALF_PI * k) / h) * s;
        return true;
      }
      const sigma = Math.sqrt(k * oneMinusSine(theta));
      const middle = centre(phi, theta > 0);
      out[0] = middle + (phi - middle) * sigma;
      out[1] = Math.sign(theta) * step * ((k + 1) / 2 - sigma);
      return true;
    },
  );
}

/** 1 - sin |theta| without cancellation at the pole. */
function oneMinusSine(theta: number): number {
  const h = Math.sin((HALF_PI - Math.abs(theta)) / 2);
  return 2 * h * h;
}

/** Latitude of which 1 - sine is `q`. */
function polarLatitude(q: number): number {
  return HALF_PI - 2 * safeAsin(Math.sqrt(Math.max(0, q) / 2));
}

/** Half a facet, radians. */
const QUARTER = Math.PI / 4;

/** The four northern facets of HPX (H = 4, K = 3) turned about the pole so that they join in it. */
export function xph(): Projection {
  return angularProjection(
    'XPH',
    90,
    (x, y, out) => {
      // Each quadrant of the plane is one facet column: `outward` from the pole, `along` with growing longitude.
      const middle = (x < 0 ? -1 : 1) * (y > 0 ? 3 : 1) * QUARTER;
      const sin = Math.sin(middle);
      const cos = Math.cos(middle);
      const outward = x * sin - y * cos;
      const along = x * cos + y * sin;
      if (!(outward <= Math.PI + ROUNDING)) return false;
      const eta = HALF_PI - outward;
      if (Math.abs(eta) <= QUARTER) {
        if (!(Math.abs(along) <= QUARTER + ROUNDING)) return false;
        out[0] = middle + along;
        out[1] = safeAsin(eta / (1.5 * QUARTER));
        return true;
      }
      const sigma = Math.max(0, 2 - Math.abs(eta) / QUARTER);
      if (!(Math.abs(along) <= sigma * QUARTER + ROUNDING)) return false;
      out[0] = sigma > ROUNDING ? middle + Math.max(-QUARTER, Math.min(QUARTER, along / sigma)) : middle;
      out[1] = Math.sign(eta) * polarLatitude((sigma * sigma) / 3);
      return true;
    },
    (phi, theta, out) => {
      const quadrant = Math.max(-2, Math.min(1, Math.floor(phi / HALF_PI)));
      const middle = quadrant * HALF_PI + QUARTER;
      const s = Math.sin(theta);
      let eta: number;
      let along = phi - middle;
      if (Math.abs(s) <= 2 / 3) {
        eta = 1.5 * QUARTER * s;
      } else {
        const sigma = Math.sqrt(3 * oneMinusSine(theta));
        eta = Math.sign(theta) * QUARTER * (2 - sigma);
        along *= sigma;
      }
      const outward = HALF_PI - eta;
      out[0] = outward * Math.sin(middle) + along * Math.cos(middle);
      out[1] = -outward * Math.cos(middle) + along * Math.sin(middle);
      return true;
    },
  );
}

// Bonne's equal-area and the polyconic projection: BON, PCO (Paper II, section 5.5).
import { DEG_TO_RAD } from '../angles.js';
import { ROUNDING, angularProjection, type Projection } from './projection.js';
import { sfl } from './pseudo-cylindrical.js';

/** Bonne's; `theta1Deg` = PV2_1; at 0 it is Sanson-Flamsteed. */
export function bon(theta1Deg: number): Projection {
  if (theta1Deg === 0) return { ...sfl(), code: 'BON' };
  const theta1 = theta1Deg * DEG_TO_RAD;
  const y0 = theta1 + 1 / Math.tan(theta1);
  const sign = Math.sign(theta1);
  return angularProjection(
    'BON',
    0,
    (x, y, out) => {
      const dy = y0 - y;
      const r = sign * Math.sqrt(x * x + dy * dy);
      const theta = y0 - r;
      const cosTheta = Math.cos(theta);
      const a = r === 0 ? 0 : Math.atan2(x / r, dy / r);
      out[0] = cosTheta > ROUNDING ? (a * r) / cosTheta : Math.abs(a * r) <= ROUNDING ? 0 : NaN;
      out[1] = theta;
      return true;
    },
    (phi, theta, out) => {
      const r = y0 - theta;
      const a = r === 0 ? 0 : (phi * Math.cos(theta)) / r;
      out[0] = r * Math.sin(a);
      out[1] = y0 - r * Math.cos(a);
      return true;
    },
  );
}

/** Below this latitude (radians) the closed forms cancel, and their series are exact to f64. */
const SMALL = 1e-4;

export function pco(): Projection {
  return angularProjection('PCO', 0, pcoInverse, (phi, theta, out) => {
    pcoForward(phi, theta, out);
    return true;
  });
}

function pcoForward(phi: number, theta: number, out: Float64Array): void {
  const s = Math.sin(theta);
  const half = Math.sin((phi * s) / 2);
  if (Math.abs(theta) < SMALL) {
    // cot(theta) sin(phi s) and cot(theta) (1 - cos(phi s)) for small s.
    const c = Math.cos(theta);
    out[0] = c * phi * (1 - (phi * s) ** 2 / 6);
    out[1] = theta + (c * phi * phi * s) / 2;
    return;
  }
  const cot = Math.cos(theta) / s;
  out[0] = cot * Math.sin(phi * s);
  out[1] = theta + cot * 2 * half * half;
}

/**
 * The latitude between the equator and y where x^2 + (y - theta)^2 = 2 (y - theta) cot theta; found by bisection with
 * secant steps on f(theta) = (x^2 + (y - theta)^2) tan theta - 2 (y - theta), which changes sign there.
 */
function pcoInverse(x: number, y: number, out: Float64Array): boolean {
  const top = Math.abs(y);
  if (top > Math.PI) return false;
  if (top < 1e-15) {
    out[0] = x;
    out[1] = 0;
    return true;
  }
  if (Math.abs(top - Math.PI / 2) < ROUNDING) {
    out[0] = 0;
    out[1] = y;
    return Math.abs(x) < ROUNDING;
  }
  // In a form without the pole of the tangent: f cos theta.
  const f = (t: number): number =>
    (x * x + (top - t) * (top - t)) * Math.sin(t) - 2 * (top - t) * Math.cos(t);
  let low = 0;
  let high = Math.min(top, Math.PI / 2);
  let fLow = f(low);
  let fHigh = f(high);
  if (!(fLow <= 0 && fHigh >= 0)) return false;
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i += 1) {
    // Illinois secant in turn with halving: never slower than bisection by more than a factor of two.
    const secant = low - (fLow * (high - low)) / (fHigh - fLow);
    const t = i % 2 === 0 && secant > low && secant < high ? secant : (low + high) / 2;
    if (t === low || t === high) break;
    const value = f(t);
    if (value === 0) {
      low = t;
      high = t;
    } else if (value < 0) {
      low = t;
      fLow = value;
    } else {
      high = t;
      fHigh = value;
    }
  }
  const theta = ((low + high) / 2) * Math.sign(y);
  const s = Math.sin(theta);
  const tan = Math.tan(theta);
  out[0] = Math.abs(theta) < SMALL ? smallPhi(x, theta) : Math.atan2(x * tan, 1 - (y - theta) * tan) / s;
  out[1] = theta;
  return true;
}

/** phi of x = cos theta phi (1 - (phi sin theta)^2 / 6), to the same order. */
function smallPhi(x: number, theta: number): number {
  const phi = x / Math.cos(theta);
  return phi * (1 + (phi * Math.sin(theta)) ** 2 / 6);
}

// The one implementation of CelestialWcs: pixel -> distortion -> matrix -> (distortion) -> projection -> rotation.
import { DEG_TO_RAD, RAD_TO_DEG } from './angles.js';
import type { CelestialFrame, CelestialWcs, WcsDescription } from './celestial-wcs.js';
import type { Distortion } from './distortion/distortion.js';
import type { Projection } from './projections/projection.js';
import { WcsError } from './wcs-error.js';

/** The parts of a transform, resolved from a header. */
export interface WcsParts {
  readonly description: WcsDescription;
  readonly projection: Projection;
  /** Native to celestial, 9 numbers row-major; a plain array, since a buffer of its own would be the larger part of a frame's WCS. */
  readonly rotation: readonly number[];
  /** On FITS pixel coordinates. */
  readonly pixelDistortion?: Distortion | undefined;
  /** On intermediate world coordinates in degrees, after the matrix. */
  readonly planeDistortion?: Distortion | undefined;
  /** Plane coordinates of the reference point, radians, where PVi_0 asks for an offset. */
  readonly planeOrigin?: readonly [number, number];
}

/** One direction, for one call at a time. */
const scratch = new Float64Array(3);

/** See CelestialWcs for the meaning of every method. */
export class WcsTransform implements CelestialWcs {
  readonly hasDistortion: boolean;
  readonly crval: readonly [number, number];
  readonly radesys: string;
  readonly frame: CelestialFrame;
  readonly parts: WcsParts;
  readonly #projection: Projection;
  readonly #pixel: Distortion | undefined;
  readonly #plane: Distortion | undefined;
  readonly #rotation: readonly number[];
  /** CRPIX, then CD in radians, its inverse, and the plane's origin; plain numbers in one array, read together. */
  readonly #k: readonly number[];

  /** @throws WcsError wcs_matrix_singular when the 2x2 matrix has no inverse. */
  constructor(parts: WcsParts) {
    const d = parts.description;
    const [a, b, c, e] = d.cd;
    const det = a * e - b * c;
    const size = Math.max(Math.abs(a * e), Math.abs(b * c));
    // Relative to its own products: pixel scales of any unit pass, proportional rows do not.
    if (!(Number.isFinite(det) && Math.abs(det) > 1e-14 * size && size > 0)) {
      throw new WcsError('wcs_matrix_singular', { matrix: d.cd.join(' '), determinant: det });
    }
    this.parts = parts;
    this.hasDistortion = d.distortions.length > 0;
    this.crval = d.crval;
    this.radesys = d.radesys;
    this.frame = d.frame;
    this.#projection = parts.projection;
    this.#pixel = parts.pixelDistortion;
    this.#plane = parts.planeDistortion;
    this.#rotation = parts.rotation;
    const [x0, y0] = parts.planeOrigin ?? [0, 0];
    const s = DEG_TO_RAD;
    const t = RAD_TO_DEG / det;
    this.#k = [d.crpix[0], d.crpix[1], a * s, b * s, c * s, e * s, e * t, -b * t, -c * t, a * t, x0, y0];
  }

  pixelToUnit(x: number, y: number, out: Float64Array): boolean {
    let px = x;
    let py = y;
    if (this.#pixel !== undefined) {
      this.#pixel.apply(px, py, out);
      px = out[0];
      py = out[1];
    }
    const k = this.#k;
    const dx = px - k[0];
    const dy = py - k[1];
    let wx = k[2] * dx + k[3] * dy;
    let wy = k[4] * dx + k[5] * dy;
    if (this.#plane !== undefined) {
      this.#plane.apply(wx * RAD_TO_DEG, wy * RAD_TO_DEG, out);
      wx = out[0] * DEG_TO_RAD;
      wy = out[1] * DEG_TO_RAD;
    }
    if (!this.#projection.toNative(wx + k[10], wy + k[11], out)) return false;
    const r = this.#rotation;
    const l = out[0];
    const m = out[1];
    const n = out[2];
    out[0] = r[0] * l + r[1] * m + r[2] * n;
    out[1] = r[3] * l + r[4] * m + r[5] * n;
    out[2] = r[6] * l + r[7] * m + r[8] * n;
    // NaN pixels come out as NaN directions: not on the sky either.
    return out[2] === out[2];
  }

  unitToPixel(ux: number, uy: number, uz: number, out: Float64Array): boolean {
    const r = this.#rotation;
    const l = r[0] * ux + r[3] * uy + r[6] * uz;
    const m = r[1] * ux + r[4] * uy + r[7] * uz;
    const n = r[2] * ux + r[5] * uy + r[8] * uz;
    if (!this.#projection.fromNative(l, m, n, out)) return false;
    const k = this.#k;
    let wx = out[0] - k[10];
    let wy = out[1] - k[11];
    if (this.#plane !== undefined) {
      if (!this.#plane.invert(wx * RAD_TO_DEG, wy * RAD_TO_DEG, out)) return false;
      wx = out[0] * DEG_TO_RAD;
      wy = out[1] * DEG_TO_RAD;
    }
    const px = k[0] + k[6] * wx + k[7] * wy;
    const py = k[1] + k[8] * wx + k[9] * wy;
    if (this.#pixel !== undefined) return this.#pixel.invert(px, py, out);
    out[0] = px;
    out[1] = py;
    return px === px && py === py;
  }

  pixelToSky(x: number, y: number): [number, number] | null {
    const v = scratch;
    return this.pixelToUnit(x, y, v) ? [longitudeDeg(v[0], v[1]), latitudeDeg(v[0], v[1], v[2])] : null;
  }

  skyToPixel(raDeg: number, decDeg: number): [number, number] | null {
    const v = scratch;
    const ra = raDeg * DEG_TO_RAD;
    const dec = decDeg * DEG_TO_RAD;
    const cosDec = Math.cos(dec);
    if (!this.unitToPixel(cosDec * Math.cos(ra), cosDec * Math.sin(ra), Math.sin(dec), v)) return null;
    return [v[0], v[1]];
  }

  pixelToSkyBatch(x: Float64Array, y: Float64Array, outRa: Float64Array, outDec: Float64Array): void {
    const v = scratch;
    for (let i = 0; i < x.length; i += 1) {
      if (this.pixelToUnit(x[i], y[i], v)) {
        outRa[i] = longitudeDeg(v[0], v[1]);
        outDec[i] = latitudeDeg(v[0], v[1], v[2]);
      } else {
        outRa[i] = NaN;
        outDec[i] = NaN;
      }
    }
  }

  skyToPixelBatch(ra: Float64Array, dec: Float64Array, outX: Float64Array, outY: Float64Array): void {
    const v = scratch;
    for (let i = 0; i < ra.length; i += 1) {
      const a = ra[i] * DEG_TO_RAD;
      const d = dec[i] * DEG_TO_RAD;
      const cosDec = Math.cos(d);
      if (this.unitToPixel(cosDec * Math.cos(a), cosDec * Math.sin(a), Math.sin(d), v)) {
        outX[i] = v[0];
        outY[i] = v[1];
      } else {
        outX[i] = NaN;
        outY[i] = NaN;
      }
    }
  }

  pixelScaleArcsec(x?: number, y?: number): number {
    const d = this.parts.description;
    const cx = x ?? d.crpix[0];
    const cy = y ?? d.crpix[1];
    // Half a pixel to each side: the mean over the pixel itself.
    const e = this.#difference(cx - 0.5, cy, cx + 0.5, cy);
    const n = this.#difference(cx, cy - 0.5, cx, cy + 0.5);
    if (e === null || n === null) {
      return x === undefined && y === undefined
        ? Math.sqrt(Math.abs(d.cd[0] * d.cd[3] - d.cd[1] * d.cd[2])) * 3600
        : NaN;
    }
    const area = Math.hypot(e[1] * n[2] - e[2] * n[1], e[2] * n[0] - e[0] * n[2], e[0] * n[1] - e[1] * n[0]);
    return Math.sqrt(area) * RAD_TO_DEG * 3600;
  }

  describe(): WcsDescription {
    return this.parts.description;
  }

  #difference(x1: number, y1: number, x2: number, y2: number): Float64Array | null {
    const p = new Float64Array(3);
    const q = new Float64Array(3);
    if (!this.pixelToUnit(x1, y1, p) || !this.pixelToUnit(x2, y2, q)) return null;
    for (let i = 0; i < 3; i += 1) q[i] -= p[i];
    return q;
  }
}

function longitudeDeg(x: number, y: number): number {
  const lon = Math.atan2(y, x) * RAD_TO_DEG;
  if (lon >= 0) return lon;
  const wrapped = lon + 360;
  return wrapped < 360 ? wrapped : 0;
}

function latitudeDeg(x: number, y: number, z: number): number {
  // Not the arc sine: it loses half of the digits at the poles.
  return Math.atan2(z, Math.sqrt(x * x + y * y)) * RAD_TO_DEG;
}

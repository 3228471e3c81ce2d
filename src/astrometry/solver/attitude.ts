// From four (or three) stars of an image and of the sky that look alike to where the camera looked.
import type { UnitVector } from '../wcs/sphere.js';
import { dot, planeBasis } from './plane/plane-basis.js';
import type { Parity } from './solve-types.js';

/** Camera to sky: pixel (X, Y) from the image's middle is the direction `columns` . (parity X s, Y s, 1) with s = `scale`. */
export interface Attitude {
  /** Directions on the sky of the camera's three axes; the third is where the middle of the image looks. */
  readonly axes: readonly [UnitVector, UnitVector, UnitVector];
  readonly parity: Parity;
  /** Radians a pixel at the middle. */
  readonly scale: number;
  /** Root mean square residual of the corners, pixels. */
  readonly residualPx: number;
}

/** Direction on the sky of the pixel (X, Y) from the middle. Writes into out[0..2]. */
export function pixelDirection(attitude: Attitude, x: number, y: number, out: Float64Array): void {
  const { axes, parity, scale } = attitude;
  const [u, v] = [parity * x * scale, y * scale];
  const length = Math.sqrt(1 + u * u + v * v);
  for (let i = 0; i < 3; i++) out[i] = (u * axes[0][i] + v * axes[1][i] + axes[2][i]) / length;
}

/**
 * The least-squares rotation and scale that lay the image's corners (pixels from the middle, scale about `scale`) on the sky's unit vectors, for one
 * parity: both are projected on planes that touch at their means, where the fit is a similarity.
 */
export function fitAttitude(
  imageX: ArrayLike<number>,
  imageY: ArrayLike<number>,
  sky: readonly UnitVector[],
  scale: number,
  parity: Parity,
): Attitude | undefined {
  const n = sky.length;
  const camera: UnitVector[] = [];
  for (let i = 0; i < n; i++) camera.push(normalise([parity * imageX[i] * scale, imageY[i] * scale, 1]));
  const from = planeBasis(mean(camera));
  const to = planeBasis(mean(sky));
  const p = camera.map((v) => onPlane(from, v));
  const q = sky.map((v) => onPlane(to, v));
  const [pm, qm] = [middle(p), middle(q)];
  let [a, b, size] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [px, py] = [p[i][0] - pm[0], p[i][1] - pm[1]];
    const [qx, qy] = [q[i][0] - qm[0], q[i][1] - qm[1]];
    a += px * qx + py * qy;
    b += px * qy - py * qx;
    size += px * px + py * py;
  }
  const stretch = Math.hypot(a, b) / size;
  if (!(stretch > 0.2 && stretch < 5)) return undefined;
  const [cos, sin] = [a / Math.hypot(a, b), b / Math.hypot(a, b)];
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const [px, py] = [p[i][0] - pm[0], p[i][1] - pm[1]];
    const dx = q[i][0] - qm[0] - stretch * (cos * px - sin * py);
    const dy = q[i][1] - qm[1] - stretch * (sin * px + cos * py);
    squares += dx * dx + dy * dy;
  }
  // the camera's plane basis, turned, is the sky's: so each camera axis is known on the sky
  const turned = (v: UnitVector): UnitVector => {
    const [e, m, c] = [dot(from.east, ...v), dot(from.north, ...v), dot(from.centre, ...v)];
    const [te, tn] = [cos * e - sin * m, sin * e + cos * m];
    return [0, 1, 2].map(
      (i) => te * to.east[i] + tn * to.north[i] + c * to.centre[i],
    ) as unknown as UnitVector;
  };
  const refined = scale * stretch;
  return {
    axes: [turned([1, 0, 0]), turned([0, 1, 0]), turned([0, 0, 1])],
    parity,
    scale: refined,
    residualPx: Math.sqrt(squares / n) / refined,
  };
}

function onPlane({ centre, east, north }: ReturnType<typeof planeBasis>, v: UnitVector): [number, number] {
  const depth = dot(centre, ...v);
  return [dot(east, ...v) / depth, dot(north, ...v) / depth];
}

function middle(points: readonly (readonly [number, number])[]): [number, number] {
  let [x, y] = [0, 0];
  for (const [px, py] of points) {
    x += px;
    y += py;
  }
  return [x / points.length, y / points.length];
}

function mean(vectors: readonly UnitVector[]): UnitVector {
  let [x, y, z] = [0, 0, 0];
  for (const v of vectors) {
    x += v[0];
    y += v[1];
    z += v[2];
  }
  return normalise([x, y, z]);
}

function normalise(v: UnitVector): UnitVector {
  const length = Math.hypot(v[0], v[1], v[2]);
  return [v[0] / length, v[1] / length, v[2] / length];
}

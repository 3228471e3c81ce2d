// Star lists as a camera would see them somewhere on the sky, made from the catalogue; and lists that show no sky at all.
import type { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
import type { SolveHint, SolveImage } from '../../../src/astrometry/solver/solve-types.js';
import { fromPlane, planeBasis } from '../../../src/astrometry/solver/plane/plane-basis.js';
import { skyPosition, unitVector, type UnitVector } from '../../../src/astrometry/wcs/sphere.js';

/** Deterministic numbers in [0, 1) (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface FieldOptions {
  readonly width: number;
  readonly height: number;
  readonly scaleArcsec: number;
  /** Only galactic latitudes beyond 60 degrees. */
  readonly highLatitude?: boolean;
  /** Shares of catalogue stars missed, and of false bright detections added. */
  readonly missing?: number;
  readonly spurious?: number;
  readonly magnitudeNoise?: number;
  readonly positionNoisePx?: number;
  /** Radial distortion at the corner, share of the distance. */
  readonly distortion?: number;
  /** Hint: largest error of the pointing in degrees, and of the scale. */
  readonly pointingErrorDeg?: number;
  readonly scaleError?: number;
}

export interface SyntheticField {
  readonly image: SolveImage;
  readonly hint: SolveHint;
  readonly truth: {
    readonly centre: readonly [number, number];
    readonly parity: 1 | -1;
    /** Direction of a pixel from the middle, without distortion. */
    readonly direction: (x: number, y: number) => UnitVector;
  };
}

const RADIAN = Math.PI / 180;
const EPOCH = 2026.3;
const GALACTIC_POLE = unitVector(192.8594812, 27.12825118);

export function syntheticField(
  catalogue: StarCatalogue,
  random: () => number,
  options: FieldOptions,
): SyntheticField {
  const { width, height, scaleArcsec } = options;
  const scale = (scaleArcsec / 3600) * RADIAN;
  const centre = randomDirection(random, options.highLatitude === true);
  const basis = planeBasis(centre);
  const angle = 2 * Math.PI * random();
  const parity = random() < 0.5 ? 1 : -1;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const half = Math.hypot(width, height) / 2;
  const stars: { x: number; y: number; mag: number }[] = [];
  const noise = options.positionNoisePx ?? 0.3;
  const inFrame = (x: number, y: number) => Math.abs(x) < width / 2 - 2 && Math.abs(y) < height / 2 - 2;
  const cone = catalogue.cone(centre, 1.02 * Math.atan(half * scale), { epoch: EPOCH });
  let real = 0;
  for (let i = 0; i < cone.count; i++) {
    const [ux, uy, uz] = [cone.x[i], cone.y[i], cone.z[i]];
    const depth = centre[0] * ux + centre[1] * uy + centre[2] * uz;
    const along = (axis: UnitVector) => (axis[0] * ux + axis[1] * uy + axis[2] * uz) / depth / scale;
    const [e, n] = [along(basis.east), along(basis.north)];
    const [px, py] = [parity * (cos * e + sin * n), -sin * e + cos * n];
    const stretch = 1 + (options.distortion ?? 0.001) * ((px * px + py * py) / half ** 2);
    const x = px * stretch + noise * gaussian(random);
    const y = py * stretch + noise * gaussian(random);
    if (!inFrame(x, y)) continue;
    real++;
    if (random() < (options.missing ?? 0.1)) continue;
    stars.push({ x, y, mag: cone.vt[i] + (options.magnitudeNoise ?? 0.3) * gaussian(random) });
  }
  const anywhere = () => ({ x: (random() - 0.5) * (width - 4), y: (random() - 0.5) * (height - 4) });
  // stars that are too faint for the catalogue, and brighter things that are no stars
  for (let k = 0; k < 1.5 * real; k++) stars.push({ ...anywhere(), mag: 14 - 2.5 * random() ** 2 });
  for (let k = 0; k < (options.spurious ?? 0.15) * real; k++)
    stars.push({ ...anywhere(), mag: 8 + 4.5 * Math.sqrt(random()) });
  const distance = (options.pointingErrorDeg ?? 2) * Math.sqrt(random()) * RADIAN;
  const towards = 2 * Math.PI * random();
  const [raDeg, decDeg] = skyPosition(
    fromPlane(basis, Math.tan(distance) * Math.cos(towards), Math.tan(distance) * Math.sin(towards)),
  );
  const scaleError = 1 + (options.scaleError ?? 0.02) * (2 * random() - 1);
  return {
    image: imageOf(stars, width, height),
    hint: { pointing: { raDeg, decDeg }, scaleArcsec: scaleArcsec * scaleError, epoch: EPOCH },
    truth: {
      centre: skyPosition(centre),
      parity,
      direction: (x, y) => {
        const [u, v] = [parity * x, y];
        return fromPlane(basis, scale * (cos * u - sin * v), scale * (sin * u + cos * v));
      },
    },
  };
}

/** `count` stars anywhere in the frame, as bright as any. */
export function randomField(random: () => number, width: number, height: number, count: number): SolveImage {
  const stars = Array.from({ length: count }, () => ({
    x: (random() - 0.5) * (width - 4),
    y: (random() - 0.5) * (height - 4),
    mag: random(),
  }));
  return imageOf(stars, width, height);
}

function randomDirection(random: () => number, highLatitude: boolean): UnitVector {
  for (;;) {
    const z = 2 * random() - 1;
    const turn = 2 * Math.PI * random();
    const across = Math.sqrt(1 - z * z);
    const v: UnitVector = [across * Math.cos(turn), across * Math.sin(turn), z];
    const sinB = v[0] * GALACTIC_POLE[0] + v[1] * GALACTIC_POLE[1] + v[2] * GALACTIC_POLE[2];
    if (!highLatitude || Math.abs(sinB) > Math.sin(60 * RADIAN)) return v;
  }
}

function imageOf(stars: { x: number; y: number; mag: number }[], width: number, height: number): SolveImage {
  stars.sort((a, b) => a.mag - b.mag);
  return {
    width,
    height,
    stars: {
      count: stars.length,
      x: Float64Array.from(stars, (s) => s.x + (width + 1) / 2),
      y: Float64Array.from(stars, (s) => s.y + (height + 1) / 2),
    },
  };
}

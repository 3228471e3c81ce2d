// Star lists of a dithered mosaic with known truth: catalogue stars and others, centroid errors, wrong headers, a common distortion.
import type { AdjustFrame } from '../../../src/astrometry/adjust/adjust-types.js';
import type { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
import type { CelestialWcs } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { skyPosition, unitVector, type UnitVector } from '../../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { tangentPlane } from '../../../src/astrometry/wcs/tangent-plane.js';
import { gaussian, randomNumbers } from '../solver/synthetic-field.js';

export const SIZE = { width: 1080, height: 1920 };
const SCALE_DEG = 2.375 / 3600;
const MIDDLE = [(SIZE.width + 1) / 2, (SIZE.height + 1) / 2] as const;
const HALF_DIAGONAL = Math.hypot(SIZE.width, SIZE.height) / 2;

export interface SessionOptions {
  readonly frames: number;
  /** Error of each header: shift in pixels (standard deviation), and the same at the corner by rotation. */
  readonly headerErrorPx?: number;
  readonly centroidErrorPx?: number;
  readonly starsAFrame?: number;
  /** Outward shift at the corner as a share of the distance, growing with its square. */
  readonly distortion?: number;
  readonly origin?: AdjustFrame['origin'];
  /** Places of panels, degrees from the middle; frames take them in turn. */
  readonly panels?: readonly (readonly [number, number])[];
}

export interface Session {
  readonly frames: AdjustFrame[];
  /** Direction that a pixel of a frame really shows. */
  readonly truth: (frame: number, x: number, y: number) => UnitVector;
}

export function syntheticSession(catalogue: StarCatalogue, seed: number, options: SessionOptions): Session {
  const { frames: count, headerErrorPx = 0, centroidErrorPx = 0.1, starsAFrame = 200 } = options;
  const { distortion = 0, origin = 'given', panels = [[0, 0]] } = options;
  const random = randomNumbers(seed);
  const normal = () => gaussian(random);
  const plane = tangentPlane(200, 60);
  // errors of catalogue positions are those of Tycho-2 by now
  const known = catalogue.cone(unitVector(200, 60), 0.04, { epoch: 2026 });
  const sky: UnitVector[] = Array.from({ length: known.count }, (_, i) => {
    const [ra, dec] = skyPosition([known.x[i], known.y[i], known.z[i]]);
    const error = 0.1 / 3600;
    return unitVector(ra + (error * normal()) / Math.cos((dec * Math.PI) / 180), dec + error * normal());
  });
  const others = Math.round((3 * 3 * starsAFrame * 1.3) / (SIZE.width * SIZE.height * SCALE_DEG ** 2));
  for (let i = 0; i < others; i++)
    sky.push(unitVector(...plane.deproject(3 * (random() - 0.5), 3 * (random() - 0.5))));
  const wcs = (centre: readonly [number, number], angle: number) =>
    makeTanWcs({
      crval: centre,
      crpix: MIDDLE,
      cd: [
        -SCALE_DEG * Math.cos(angle),
        SCALE_DEG * Math.sin(angle),
        SCALE_DEG * Math.sin(angle),
        SCALE_DEG * Math.cos(angle),
      ],
      shape: [SIZE.width, SIZE.height],
    });
  const ideal: CelestialWcs[] = [];
  const frames = Array.from({ length: count }, (_, f): AdjustFrame => {
    const [px, py] = panels[f % panels.length];
    const centre = plane.deproject(px + 0.01 * normal(), py + 0.01 * normal());
    const angle = 0.1 * normal();
    ideal.push(wcs(centre, angle));
    const error = headerErrorPx * SCALE_DEG;
    const said: [number, number] = [
      centre[0] + (error * normal()) / Math.cos((centre[1] * Math.PI) / 180),
      centre[1] + error * normal(),
    ];
    const pixel = new Float64Array(3);
    const [x, y]: [number[], number[]] = [[], []];
    for (const star of sky) {
      if (x.length === starsAFrame) break;
      if (!ideal[f].unitToPixel(...star, pixel) || random() < 0.15) continue;
      const [u, v] = [pixel[0] - MIDDLE[0], pixel[1] - MIDDLE[1]];
      if (Math.abs(u) > SIZE.width / 2 || Math.abs(v) > SIZE.height / 2) continue;
      const shrink = 1 - (distortion * (u * u + v * v)) / HALF_DIAGONAL ** 2;
      // one star in thirty is blended or false
      const error = random() < 1 / 30 ? 2 : centroidErrorPx;
      x.push(MIDDLE[0] + u * shrink + error * normal());
      y.push(MIDDLE[1] + v * shrink + error * normal());
    }
    return {
      ...SIZE,
      wcs: wcs(said, angle + (headerErrorPx / HALF_DIAGONAL) * normal()),
      origin,
      camera: 'camera',
      epoch: 2026,
      stars: {
        count: x.length,
        x: Float64Array.from(x),
        y: Float64Array.from(y),
        sigma: new Float32Array(x.length).fill(centroidErrorPx),
      },
    };
  });
  return {
    frames,
    truth(f, x, y) {
      const [u, v] = [x - MIDDLE[0], y - MIDDLE[1]];
      // the inverse of the shrinking, by iteration
      let k = 1;
      for (let i = 0; i < 20; i++) k = 1 / (1 - (distortion * k * k * (u * u + v * v)) / HALF_DIAGONAL ** 2);
      const out = new Float64Array(3);
      ideal[f].pixelToUnit(MIDDLE[0] + u * k, MIDDLE[1] + v * k, out);
      return [out[0], out[1], out[2]];
    },
  };
}

/** Errors of the frames' WCS over each frame, pixels (root mean square): all together, without the mean of all, and the worst frame's. */
export function errorsPx(session: Session, wcs: readonly CelestialWcs[]) {
  const out = new Float64Array(3);
  const perFrame = wcs.map((found, f) => {
    const errors: [number, number][] = [];
    for (let j = 0; j <= 4; j++) {
      for (let i = 0; i <= 4; i++) {
        const [x, y] = [1 + (i / 4) * (SIZE.width - 1), 1 + (j / 4) * (SIZE.height - 1)];
        const truth = tangentPlane(...skyPosition(session.truth(f, x, y)));
        found.pixelToUnit(x, y, out);
        const [dx, dy] = truth.project(...skyPosition([out[0], out[1], out[2]]))!;
        errors.push([dx / SCALE_DEG, dy / SCALE_DEG]);
      }
    }
    return errors;
  });
  const all = perFrame.flat();
  const mean = [0, 1].map((k) => all.reduce((sum, e) => sum + e[k], 0) / all.length);
  const rms = (errors: readonly (readonly number[])[], [mx, my]: readonly number[] = [0, 0]) =>
    Math.sqrt(errors.reduce((sum, [x, y]) => sum + (x - mx) ** 2 + (y - my) ** 2, 0) / errors.length);
  return {
    total: rms(all),
    relative: rms(all, mean),
    worst: Math.max(...perFrame.map((errors) => rms(errors))),
  };
}

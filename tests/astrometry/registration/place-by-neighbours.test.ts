// Sky carried over from placed neighbours: how well, and when rather not.
import { describe, expect, it } from 'vitest';
import { MatchField } from '../../../src/astrometry/registration/match-field.js';
import { placeByNeighbours } from '../../../src/astrometry/registration/place-by-neighbours.js';
import type { PlacedFrame, SessionFrame } from '../../../src/astrometry/registration/session-frame.js';
import type { SolveImage } from '../../../src/astrometry/solver/solve-types.js';
import type { CelestialWcs, SipCoefficients } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { gaussian, randomNumbers } from '../solver/synthetic-field.js';
import { flatSky, HEIGHT, imageOf, WIDTH } from './views.js';

const SCALE_DEG = 2.4 / 3600;
/** The flat sky laid on the sphere. */
const SKY = makeTanWcs({ crval: [83, 22], crpix: [0, 0], cd: [-SCALE_DEG, 0, 0, SCALE_DEG] });
const STARS = flatSky(21);

interface Camera {
  readonly at?: readonly [number, number];
  readonly angle?: number;
  readonly mirrored?: boolean;
  readonly sip?: SipCoefficients;
}

function cameraWcs({ at = [0, 0], angle = 0, mirrored = false, sip }: Camera): CelestialWcs {
  const [c, s] = [SCALE_DEG * Math.cos(angle), SCALE_DEG * Math.sin(angle)];
  const sign = mirrored ? -1 : 1;
  return makeTanWcs({
    crval: SKY.pixelToSky(...at)!,
    crpix: [(WIDTH + 1) / 2, (HEIGHT + 1) / 2],
    cd: [-c * sign, s, s * sign, c],
    sip,
    shape: [WIDTH, HEIGHT],
  });
}

/** Stars that the camera sees where `shows` says so. */
function seen(
  wcs: CelestialWcs,
  seed: number,
  shows: (x: number, y: number) => boolean = () => true,
): SolveImage {
  const random = randomNumbers(seed);
  const stars = STARS.flatMap(({ x, y, magnitude }) => {
    const at = wcs.skyToPixel(...SKY.pixelToSky(x, y)!)!;
    const [u, v] = [at[0] + 0.15 * gaussian(random), at[1] + 0.15 * gaussian(random)];
    if (u < 1 || v < 1 || u > WIDTH || v > HEIGHT || !shows(u, v) || random() < 0.1) return [];
    return [{ x: u, y: v, magnitude }];
  });
  return imageOf(stars.sort((a, b) => a.magnitude - b.magnitude));
}

function frameOf(image: SolveImage, order: number): SessionFrame {
  const field = new MatchField(image);
  return { order, image, hint: { scaleArcsec: 2.4 }, field: () => field };
}

/** Distance of the corners and the middle from the truth, pixels. */
function worstPx(wcs: CelestialWcs, truth: CelestialWcs): number {
  const points = [
    [1, 1],
    [WIDTH, 1],
    [WIDTH, HEIGHT],
    [1, HEIGHT],
    [WIDTH / 2, HEIGHT / 2],
  ] as const;
  const offsets = points.map(([x, y]) =>
    angularSeparationDeg(...wcs.pixelToSky(x, y)!, ...truth.pixelToSky(x, y)!),
  );
  return Math.max(...offsets) / SCALE_DEG;
}

/** A placed frame; `wcs` is what it believes, its stars are where the camera truly sees them. */
const placed = (camera: Camera, seed: number, wcs = cameraWcs(camera)): PlacedFrame => ({
  ...frameOf(seen(cameraWcs(camera), seed), seed),
  wcs,
});

/** Radial distortion of 0.3 % at the corner. */
const K = 0.003 / ((WIDTH / 2) ** 2 + (HEIGHT / 2) ** 2);
const BARREL: SipCoefficients = {
  a: [
    [0, 0, 0, 0],
    [0, 0, K, 0],
    [0, 0, 0, 0],
    [K, 0, 0, 0],
  ],
  b: [
    [0, 0, 0, K],
    [0, 0, 0, 0],
    [0, K, 0, 0],
    [0, 0, 0, 0],
  ],
};

describe('a frame beside placed ones', () => {
  it.each<[string, Camera]>([
    ['dithered', { at: [30, -40] }],
    ['turned by 121 degrees', { at: [200, 300], angle: 2.11 }],
    ['mirrored', { at: [50, 50], angle: 0.2, mirrored: true }],
    ['a third of it shared', { at: [500, 800], angle: 0.1 }],
  ])('%s', (_, camera) => {
    const truth = cameraWcs(camera);
    const found = placeByNeighbours(frameOf(seen(truth, 9), 9), [placed({}, 1)])!;
    expect(worstPx(found.wcs, truth)).toBeLessThan(0.25);
    const [a, b, c, d] = found.wcs.describe().cd;
    expect(a * d - b * c > 0).toBe(camera.mirrored === true);
  });

  it('has its distortion from a frame of the same camera', () => {
    const camera = { at: [300, 500], angle: 1.2, sip: BARREL } as const;
    const found = placeByNeighbours(frameOf(seen(cameraWcs(camera), 9), 9), [placed({ sip: BARREL }, 1)])!;
    expect(worstPx(found.wcs, cameraWcs(camera))).toBeLessThan(0.25);
    expect(worstPx(found.wcs, cameraWcs({ ...camera, sip: undefined }))).toBeGreaterThan(2);
  });

  it('is placed by several neighbours better than by one', () => {
    const truth = cameraWcs({});
    const frame = frameOf(seen(truth, 9), 9);
    const around = (
      [
        [620, 0],
        [-620, 0],
        [0, 1200],
      ] as const
    ).map((at, k) => placed({ at }, k + 1));
    const one = placeByNeighbours(frame, around.slice(0, 1))!;
    const all = placeByNeighbours(frame, around)!;
    expect(all.matched).toBeGreaterThan(2 * one.matched);
    expect(worstPx(all.wcs, truth)).toBeLessThan(0.15);
  });
});

describe('rather no place', () => {
  it('where all shared stars lie together: the far corners would be anywhere', () => {
    const truth = cameraWcs({ at: [20, 20] });
    const patch = (side: number) => (x: number, y: number) =>
      Math.abs(x - 200) < side / 2 && Math.abs(y - 200) < side / 2;
    const narrow = seen(truth, 9, patch(330));
    expect(narrow.stars.count).toBeGreaterThan(12);
    expect(placeByNeighbours(frameOf(narrow, 9), [placed({}, 1)])).toBeUndefined();
    const wide = placeByNeighbours(frameOf(seen(truth, 9, patch(700)), 9), [placed({}, 1)])!;
    expect(worstPx(wide.wcs, truth)).toBeLessThan(1.5);
  });

  it('where neighbours contradict each other', () => {
    const truth = cameraWcs({ at: [20, 20] });
    const frame = frameOf(seen(truth, 9), 9);
    const wrong = placed({ at: [-30, 10] }, 2, cameraWcs({ at: [70, 10] }));
    expect(placeByNeighbours(frame, [placed({}, 1)])).toBeDefined();
    expect(placeByNeighbours(frame, [placed({}, 1), wrong])).toBeUndefined();
  });
});

import { expect, it } from 'vitest';
import { FrameModel } from '../../../src/astrometry/adjust/frame-model.js';
import { FramePoints, type Directions } from '../../../src/astrometry/adjust/frame-points.js';
import { TERM_PARTS } from '../../../src/astrometry/adjust/shared-distortion.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';

const [WIDTH, HEIGHT] = [400, 600];
const wcs = makeTanWcs({
  crval: [40, 20],
  crpix: [(WIDTH + 1) / 2, (HEIGHT + 1) / 2],
  cd: [-6e-4, 1e-4, 1e-4, 6e-4],
});
const model = new FrameModel({
  ...{ width: WIDTH, height: HEIGHT, wcs, origin: 'given', camera: '' },
  stars: { count: 0, x: new Float64Array(0), y: new Float64Array(0), sigma: new Float32Array(0) },
});
const places = { x: Float64Array.of(1, 30, 200.5, 390), y: Float64Array.of(1, 540, 300.5, 80) };

it('points lie where the WCS puts them, moved by each term of the distortion as its parts say, and are shown there', () => {
  const points = new FramePoints(model, places);
  const straight = points.directions(model, new Float64Array(16));
  for (const axis of ['x', 'y', 'z'] as const)
    straight[axis].forEach((v, k) => expect(v).toBeCloseTo(points.given[axis][k], 12));
  const terms = Float64Array.from({ length: 16 }, (_, k) => 1 + k / 7);
  const bases = points.bases(model, terms);
  const pixels = points.fromMiddle();
  expect(pixels.x).toEqual(places.x.map((x) => x - (WIDTH + 1) / 2));
  expect(pixels.y).toEqual(places.y.map((y) => y - (HEIGHT + 1) / 2));
  places.x.forEach((_, k) => {
    const [u, v] = [pixels.x[k] / model.unit, pixels.y[k] / model.unit];
    const moved = (axis: 'x' | 'y') =>
      TERM_PARTS.reduce((sum, { [axis]: [factor, i, j] }, t) => sum + terms[t] * factor * u ** i * v ** j, 0);
    expect(bases[2 * k]).toBeCloseTo(pixels.x[k] + moved('x'), 6);
    expect(bases[2 * k + 1]).toBeCloseTo(pixels.y[k] + moved('y'), 6);
  });
  const directions = points.directions(model, terms);
  bases.forEach((base, k) => expect(shown(directions, k >> 1)[k % 2]).toBeCloseTo(base, 6));
});

/** Where the model shows direction `k`, pixels from the middle. */
function shown({ x, y, z }: Directions, k: number): [number, number] {
  const p = model.plane;
  const along = (axis: number) => p[axis] * x[k] + p[axis + 1] * y[k] + p[axis + 2] * z[k];
  const [east, north] = [along(3) / along(0), along(6) / along(0)];
  const [a, b, c, d] = p.subarray(9, 13);
  const determinant = a * d - b * c;
  return [(d * east - b * north) / determinant, (a * north - c * east) / determinant];
}

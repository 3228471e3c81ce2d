// Levels without the stars that were found: the same in good seeing and in bad, whatever the samples are kept in.
import { expect, it } from 'vitest';
import {
  BackgroundMesher,
  type BackgroundMeasure,
  type CfaSites,
} from '../../../src/photometry/background/background-mesh.js';
import type { Samples } from '../../../src/photometry/samples.js';
import { withoutStars } from '../../../src/photometry/background/starless-cells.js';
import { seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

const GRBG: CfaSites = [1, 0, 2, 1];
const [WIDTH, HEIGHT] = [300, 232];
const SKY = 1000;
const NOISE = 20;

/** Stars of 40 to some 1e5 times the noise of a pixel, an eighth of the samples under them. */
function field() {
  const random = seededRandom(6);
  const count = 90;
  return {
    count,
    x: Float64Array.from({ length: count }, () => 1 + WIDTH * random()),
    y: Float64Array.from({ length: count }, () => 1 + HEIGHT * random()),
    flux: Float32Array.from({ length: count }, () => 45 * NOISE * (1 - random()) ** -1.2),
  };
}

/** The field in a seeing of `fwhm` pixels. */
function exposure(fwhm: number): Float32Array {
  const normal = seededNormal(5);
  const { count, x, y, flux } = field();
  const image = Float32Array.from({ length: WIDTH * HEIGHT }, () => SKY + NOISE * normal());
  const width2 = fwhm ** 2 / 4 / (2 ** (1 / 3) - 1);
  for (let s = 0; s < count; s++)
    for (let k = 0; k < image.length; k++) {
      const r2 = ((k % WIDTH) + 1 - x[s]) ** 2 + (Math.floor(k / WIDTH) + 1 - y[s]) ** 2;
      image[k] += ((2 * flux[s]) / (Math.PI * width2)) * (1 + r2 / width2) ** -3;
    }
  return image.map((v) => Math.min(32000, Math.round(v)));
}

/** Backgrounds with and without the light of `stars`. */
function backgrounds(
  planes: readonly Samples[],
  stars: ReturnType<typeof field> & { fwhm?: Float32Array; saturated?: Uint8Array },
  fwhm: number,
  cfa?: CfaSites,
  stepPx?: number,
): [BackgroundMeasure, BackgroundMeasure] {
  const channels = cfa ? 3 : planes.length;
  const options = { width: WIDTH, height: HEIGHT, channels, cfa, unit: 1, stepPx };
  const mesher = new BackgroundMesher(options);
  planes.forEach((plane, p) => {
    for (let j = 0; j < mesher.bands; j++) {
      const { start, length } = mesher.band(j);
      mesher.addBand(p, j, plane.subarray(start * WIDTH, (start + length) * WIDTH));
    }
  });
  const measured = mesher.finish();
  const samples = { width: WIDTH, height: HEIGHT, planes, cfa };
  const shapes = { fwhm: new Float32Array(stars.count).fill(fwhm), saturated: new Uint8Array(stars.count) };
  return [
    measured,
    withoutStars(measured, mesher.numbers, samples, { ...shapes, ...stars, medianFwhm: fwhm }),
  ];
}

it('the level of a frame is the same in good seeing and in bad, and that of its sky', () => {
  const seen = [2.4, 4.2].map((fwhm) =>
    backgrounds([Uint16Array.from(exposure(fwhm))], field(), fwhm, GRBG).map(({ level }) => level),
  );
  const [[sharp, sharpStarless], [soft, softStarless]] = seen;
  for (let c = 0; c < 3; c++) {
    expect(soft[c] - sharp[c]).toBeGreaterThan(1);
    expect(Math.abs(softStarless[c] - sharpStarless[c])).toBeLessThan(0.25);
    expect(Math.abs(softStarless[c] - SKY)).toBeLessThan(0.8);
  }
});

it.each([
  [20, Uint16Array],
  [10, Uint16Array],
  [9, Uint16Array],
  [20, Float32Array],
])('cameras that count in steps of 16, with a noise of %d, lose nothing where no light is', (noise, Kind) => {
  const normal = seededNormal(3);
  const sky = Float32Array.from({ length: WIDTH * HEIGHT }, () => noise * normal());
  for (const level of [1600, 1603, 1606, 1609, 1612]) {
    const stepped = new Kind(sky.map((v) => 16 * Math.round((level + v) / 16)));
    const [measured, starless] = backgrounds([stepped], field(), 3, GRBG);
    for (let c = 0; c < 3; c++)
      expect(Math.abs(starless.level[c] - measured.level[c])).toBeLessThan(noise / 100);
  }
});

it.each([64, 44])('samples of all kinds give the same in cells of %s', (stepPx) => {
  const floats = exposure(3);
  const levels = (plane: Samples) => backgrounds([plane], field(), 3, GRBG, stepPx)[1].grid.level;
  const expected = levels(floats);
  const unsigned = levels(Uint16Array.from(floats));
  const signed = levels(Int16Array.from(floats, (v) => v - 32768));
  const farthest = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, k) => Math.abs(v - b[k])));
  for (let c = 0; c < 3; c++) {
    expect(farthest(unsigned[c], expected[c])).toBeLessThan(0.01);
    expect(
      farthest(
        signed[c].map((v) => v + 32768),
        expected[c],
      ),
    ).toBeLessThan(0.01);
  }
  const higher = floats.map((v) => v + 100);
  const planes = backgrounds([floats, higher, floats], field(), 3)[1].grid.level;
  const alone = backgrounds([floats], field(), 3)[1].grid.level[0];
  expect(farthest(alone, expected[1])).toBeGreaterThan(0.1);
  expect(planes[0]).toEqual(alone);
  expect(planes[2]).toEqual(alone);
  expect(
    farthest(
      planes[1].map((v) => v - 100),
      alone,
    ),
  ).toBeLessThan(0.01);
});

it('cells stay that no star touches, or that a star covers, and all under faint stars', () => {
  const image = exposure(3);
  const lone = (flux: number) => ({
    count: 1,
    x: Float64Array.of(32.5),
    y: Float64Array.of(32.5),
    flux: Float32Array.of(flux),
  });
  const [before, faint] = backgrounds([image], lone(39 * NOISE), 3);
  expect(faint).toEqual(before);
  const change = (flux: number) => {
    const [, starless] = backgrounds([image], lone(flux), 3);
    expect(starless.grid.noise).toEqual(before.grid.noise);
    return starless.grid.level[0].map((v, k) => Math.abs(v - before.grid.level[0][k]));
  };
  // discs of 26 and of 73 pixels; what all cells show of the skew of noise moves a little
  const partly = change(1e5 * NOISE);
  expect(partly[0]).toBeGreaterThan(0.2);
  const wholly = change(4e7 * NOISE);
  for (const [of, k] of [
    [partly, 1],
    [wholly, 0],
    [wholly, 4],
  ] as const)
    expect(of[k]).toBeLessThan(0.1);
});

it('what is wider than stars is none unless saturated, and cells that show a nebula stay', () => {
  const image = exposure(3);
  const at = { count: 1, x: Float64Array.of(32.5), y: Float64Array.of(32.5) };
  const bright = { ...at, flux: Float32Array.of(1e5 * NOISE) };
  const change = (samples: Float32Array, shape: { fwhm?: Float32Array; saturated?: Uint8Array }) => {
    const [before, starless] = backgrounds([samples], { ...bright, ...shape }, 3);
    return Math.abs(starless.grid.level[0][0] - before.grid.level[0][0]);
  };
  const wide = Float32Array.of(4.5);
  expect(change(image, { fwhm: Float32Array.of(4) })).toBeGreaterThan(0.2);
  expect(change(image, { fwhm: wide })).toBe(0);
  expect(change(image, { fwhm: wide, saturated: Uint8Array.of(1) })).toBeGreaterThan(0.2);
  const lit = (amplitude: number) =>
    image.map(
      (v, k) =>
        v + amplitude * Math.exp(-(((k % WIDTH) - 31) ** 2 + (Math.floor(k / WIDTH) - 31) ** 2) / 450),
    );
  // sigmas of the cell of 1.2 and 1.9 times the noise
  expect(change(lit(50), {})).toBeGreaterThan(5);
  expect(change(lit(100), {})).toBeLessThan(0.1);
});

import { expect, it } from 'vitest';
import { FrameModel } from '../../../src/astrometry/adjust/frame-model.js';
import { linkStars } from '../../../src/astrometry/adjust/link-stars.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { SamplePasses } from '../../../src/simd/sample-passes.js';

const SIDE = 400;
const SCALE = 1e-5;
const wcs = makeTanWcs({
  crval: [40, 20],
  crpix: [(SIDE + 1) / 2, (SIDE + 1) / 2],
  cd: [-(SCALE * 180) / Math.PI, 0, 0, (SCALE * 180) / Math.PI],
});
const model = new FrameModel({
  ...{ width: SIDE, height: SIDE, wcs, origin: 'given', camera: '' },
  stars: { count: 0, x: new Float64Array(0), y: new Float64Array(0), sigma: new Float32Array(0) },
});
const NOWHERE = [NaN, NaN] as const;

/** Directions of pixels. */
function directionsOf(pixels: readonly (readonly [number, number])[]) {
  const sky = pixels.map(([x, y]) => {
    const v = new Float64Array(3);
    return wcs.pixelToUnit(x, y, v) && !Number.isNaN(x) ? v : v.fill(NaN);
  });
  const [x, y, z] = [0, 1, 2].map((k) => Float64Array.from(sky, (v) => v[k]));
  return { x, y, z };
}

function linksOf(frames: readonly (readonly (readonly [number, number])[])[], uncertain = false) {
  const { start, star, node, x } = linkStars(
    new SamplePasses(),
    frames.map(() => model),
    Int32Array.from(frames, (stars) => stars.length),
    (f) => ({ directions: directionsOf(frames[f]), uncertain: uncertain && f > 0 }),
    undefined,
    2,
  );
  return {
    links: Array.from(star, (s, l) => [start.findIndex((at) => at > l) - 1, s, node[l]]),
    nodes: x.length,
  };
}

it('Stars of frames within the radius are one node, of two of one frame the nearer; what one frame alone shows is none, and a star that is nowhere neither', () => {
  const { links, nodes } = linksOf([
    [[100, 100], NOWHERE, [200, 150], [300, 300]],
    [[200.5, 150], [101.5, 100], [100.4, 100], NOWHERE],
    [
      [100, 101],
      [50, 50],
    ],
  ]);
  expect(links).toEqual([
    [0, 0, 0],
    [0, 2, 1],
    [1, 0, 1],
    [1, 2, 0],
    [2, 0, 0],
  ]);
  expect(nodes).toBe(2);
});

it('Of two stars of a frame within the radius the later has no node where the earlier has just become one', () => {
  const pair: [number, number][] = [
    [100, 100],
    [101.5, 100],
  ];
  expect(linksOf([pair]).nodes).toBe(0);
  expect(linksOf([pair, [[100.2, 100]]]).links).toEqual([
    [0, 0, 0],
    [1, 0, 0],
  ]);
});

it('A frame whose place is uncertain is moved by the offset that most of its stars have', () => {
  const stars = Array.from({ length: 40 }, (_, k): [number, number] => [
    10 + ((k * 97) % 380),
    10 + ((k * 61) % 370),
  ]);
  const moved = stars.map(([x, y]): [number, number] => [x + 7.3, y - 4.6]);
  const { links, nodes } = linksOf([stars, moved], true);
  expect(nodes).toBe(40);
  expect(links).toEqual([0, 1].flatMap((f) => stars.map((_, s) => [f, s, s])));
  expect(linksOf([stars, moved]).links.length).toBeLessThan(8);
});

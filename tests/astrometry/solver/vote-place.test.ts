// Frames whose headers put them degrees away: their stars and the catalogue's vote for the place where they lie.
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
import type { SolveImage } from '../../../src/astrometry/solver/solve-types.js';
import { votePlace } from '../../../src/astrometry/solver/vote-place.js';
import { unitVector } from '../../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';

const SIZE = 600;
const TRUE = [301.2, 36.4] as const;

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

/** A WCS at a place, turned by `rotationDeg` from north. */
function wcsAt(raDeg: number, decDeg: number, rotationDeg = 0) {
  const step = 6 / 3600;
  const [c, s] = [Math.cos, Math.sin].map((f) => step * f((rotationDeg * Math.PI) / 180));
  return makeTanWcs({
    crval: [raDeg, decDeg],
    crpix: [300.5, 300.5],
    cd: [-c, s, s, c],
    shape: [SIZE, SIZE],
  });
}

/** The catalogue's stars as the frame shows them, a third of them missing and as many others. */
function image(): SolveImage {
  const cone = catalogue.cone(unitVector(...TRUE), 0.012);
  const at = new Float64Array(3);
  const seen: [number, number, number][] = [];
  for (let i = 0; i < cone.count; i++) {
    if (!wcsAt(...TRUE).unitToPixel(cone.x[i], cone.y[i], cone.z[i], at)) continue;
    const [x, y] = i % 3 === 0 ? [(7919 * i) % SIZE, (104729 * i) % SIZE] : at;
    if (x > 1 && y > 1 && x < SIZE && y < SIZE) seen.push([cone.vt[i], x, y]);
  }
  seen.sort((a, b) => a[0] - b[0]);
  const x = Float64Array.from(seen, ([, at]) => at);
  const y = Float64Array.from(seen, ([, , at]) => at);
  return {
    width: SIZE,
    height: SIZE,
    stars: { count: seen.length, x, y, sigma: new Float32Array(x.length).fill(0.1) },
  };
}

describe('the vote for a place', () => {
  it.each([
    ['where the header puts it', 0, 0, 0],
    ['degrees east, where meridians have turned', 9, 0, 0],
    ['degrees away, and turned by one', -6, 5, 1],
  ])('%s', (_, east, north, rotation) => {
    const lie = wcsAt(TRUE[0] + east / Math.cos((TRUE[1] * Math.PI) / 180), TRUE[1] + north, rotation);
    const place = votePlace(catalogue, image(), undefined, lie, 10)!;
    expect(Math.abs(place.raDeg - TRUE[0])).toBeLessThan(0.05);
    expect(Math.abs(place.decDeg - TRUE[1])).toBeLessThan(0.05);
  });

  it('is none beyond its reach, too near a pole, or without stars', () => {
    const near = votePlace(catalogue, image(), undefined, wcsAt(TRUE[0], TRUE[1] + 12), 10);
    expect(near === undefined || Math.abs(near.decDeg - TRUE[1]) > 1).toBe(true);
    expect(votePlace(catalogue, image(), undefined, wcsAt(0, 75), 10)).toBeUndefined();
    const none = {
      ...image(),
      stars: { count: 0, x: new Float64Array(0), y: new Float64Array(0), sigma: new Float32Array(0) },
    };
    expect(votePlace(catalogue, none, undefined, wcsAt(...TRUE), 10)).toBeUndefined();
  });
});

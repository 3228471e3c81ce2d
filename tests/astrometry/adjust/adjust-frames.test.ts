import { beforeAll, describe, expect, it } from 'vitest';
import { adjustFrames } from '../../../src/astrometry/adjust/adjust-frames.js';
import { mostStars } from '../../../src/astrometry/adjust/adjustment-state.js';
import { builtInCatalogue } from '../../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
import type { CelestialWcs } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import { headerOf } from '../wcs/header-text.js';
import { errorsPx, SIZE, syntheticSession, type Session } from './synthetic-session.js';

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

const TWO_PANELS = [
  [-0.28, 0],
  [0.28, 0],
] as const;
const placesOf = ({ frames }: { readonly frames: readonly { readonly wcs: CelestialWcs }[] }) =>
  frames.map(({ wcs }) => wcs);
const before = (session: Session) => errorsPx(session, placesOf(session));

describe('given places', () => {
  it('off by a pixel are brought together to a few hundredths, and onto the sky', () => {
    const session = syntheticSession(catalogue, 1, { frames: 16, headerErrorPx: 1, panels: TWO_PANELS });
    const adjustment = adjustFrames(session.frames, catalogue, { refine: 'auto', withResiduals: true });
    expect(before(session).relative).toBeGreaterThan(1);
    expect(adjustment.refined).toBe(true);
    const after = errorsPx(session, placesOf(adjustment));
    expect(after.relative).toBeLessThan(0.04);
    expect(after.total).toBeLessThan(0.05);
    for (const frame of adjustment.frames) {
      expect(frame.adjusted).toBe(true);
      expect(frame.links).toBeGreaterThan(100);
      // centroids are good to 0.1 px a coordinate
      expect(Math.abs(frame.rmsPx - 0.1 * Math.SQRT2)).toBeLessThan(0.012);
      expect(frame.rmsBeforePx).toBeGreaterThan(frame.rmsPx);
      const { x, y, dx, dy } = frame.residuals!;
      expect(x.length).toBeGreaterThan(100);
      expect([y, dx, dy].map(({ length }) => length)).toEqual(new Array(3).fill(x.length));
    }
  });

  it('that are right are left alone', () => {
    const session = syntheticSession(catalogue, 2, { frames: 12, panels: TWO_PANELS });
    const adjustment = adjustFrames(session.frames, catalogue, { refine: 'auto' });
    expect(adjustment.frames.every(({ residuals }) => residuals === undefined)).toBe(true);
    expect(adjustment.refined).toBe(false);
    expect(placesOf(adjustment)).toEqual(placesOf(session));
    // and are not made worse than centroids allow by who insists
    const forced = adjustFrames(session.frames, catalogue, { refine: 'on' });
    expect(forced.refined).toBe(true);
    expect(errorsPx(session, placesOf(forced)).total).toBeLessThan(0.04);
  });

  it('stay as they are when told to', () => {
    const session = syntheticSession(catalogue, 3, { frames: 4, headerErrorPx: 1 });
    const adjustment = adjustFrames(session.frames, catalogue, { refine: 'off' });
    expect(placesOf(adjustment)).toEqual(placesOf(session));
  });

  it('of one frame off by eight pixels come back, and draw no other along', () => {
    const session = syntheticSession(catalogue, 4, { frames: 10, headerErrorPx: 0.2 });
    const { frames } = session;
    const { crval, crpix, cd } = frames[3].wcs.describe();
    const moved = makeTanWcs({ crval, crpix: [crpix[0] + 6, crpix[1] - 6], cd });
    frames[3] = { ...frames[3], wcs: moved };
    const after = errorsPx(session, placesOf(adjustFrames(frames, catalogue, { refine: 'auto' })));
    expect(before(session).worst).toBeGreaterThan(6);
    expect(after.worst).toBeLessThan(0.06);
  });

  it('are adjusted to each other without any catalogue', () => {
    const session = syntheticSession(catalogue, 5, { frames: 12, headerErrorPx: 0.5, panels: TWO_PANELS });
    const after = errorsPx(session, placesOf(adjustFrames(session.frames, undefined, { refine: 'auto' })));
    expect(after.relative).toBeLessThan(0.1);
    expect(after.total).toBeLessThan(before(session).total);
  });
});

describe('frames that the stars have placed', () => {
  it('of one camera share a distortion, which few stars a frame could not tell', () => {
    const options = { starsAFrame: 25, distortion: 0.003, headerErrorPx: 0.3, origin: 'solved' } as const;
    const session = syntheticSession(catalogue, 6, { ...options, frames: 20, panels: TWO_PANELS });
    expect(before(session).total).toBeGreaterThan(0.9);
    const adjustment = adjustFrames(session.frames, catalogue, { refine: 'off' });
    expect(errorsPx(session, placesOf(adjustment)).total).toBeLessThan(0.15);
    for (const wcs of placesOf(adjustment)) expect(wcs.describe().sip?.a).toHaveLength(4);
    // what a header holds of it says the same
    const [wcs] = placesOf(adjustment);
    const read = parseWcs(headerOf(Object.fromEntries(wcsCards(wcs).map(({ key, value }) => [key, value]))));
    for (const [x, y] of [
      [1, 1],
      [SIZE.width, SIZE.height / 3],
    ]) {
      const [a, b] = [wcs.pixelToSky(x, y)!, read.pixelToSky(x, y)!];
      expect(b[0]).toBeCloseTo(a[0], 9);
      expect(b[1]).toBeCloseTo(a[1], 9);
    }
  });

  it('get no distortion that their stars do not show', () => {
    const session = syntheticSession(catalogue, 7, { frames: 12, headerErrorPx: 0.3, origin: 'solved' });
    const adjustment = adjustFrames(session.frames, catalogue, { refine: 'off' });
    for (const wcs of placesOf(adjustment)) expect(wcs.describe().sip).toBeUndefined();
    expect(errorsPx(session, placesOf(adjustment)).relative).toBeLessThan(0.04);
  });

  it('without enough stars keep what they have, and the others do not mind', () => {
    const session = syntheticSession(catalogue, 8, { frames: 6, headerErrorPx: 0.3, origin: 'solved' });
    const { stars } = session.frames[2];
    const few = { ...stars, count: 3, x: stars.x.slice(0, 3), y: stars.y.slice(0, 3) };
    session.frames[2] = { ...session.frames[2], stars: few };
    const { frames } = adjustFrames(session.frames, catalogue, { refine: 'auto' });
    expect(frames.map(({ adjusted }) => adjusted)).toEqual([true, true, false, true, true, true]);
    expect(frames[2].wcs).toBe(session.frames[2].wcs);
  });

  it('give the same numbers every time', () => {
    const make = () => syntheticSession(catalogue, 9, { frames: 8, headerErrorPx: 0.3, origin: 'solved' });
    const places = () =>
      placesOf(adjustFrames(make().frames, catalogue, { refine: 'auto' })).map((wcs) => wcs.describe());
    expect(places()).toEqual(places());
  });
});

describe('of many frames', () => {
  it('half a million stars are looked at in all', () => {
    expect([12, 1600, 5000, 10_000, 1e6].map(mostStars)).toEqual([300, 300, 100, 50, 40]);
  });

  it('as few stars as are looked at of each of ten thousand place them to a twentieth of a pixel', () => {
    const session = syntheticSession(catalogue, 21, {
      ...{ frames: 60, starsAFrame: mostStars(10_000), headerErrorPx: 0.5, panels: TWO_PANELS },
    });
    const { total, worst } = errorsPx(
      session,
      placesOf(adjustFrames(session.frames, catalogue, { refine: 'auto' })),
    );
    expect(total).toBeLessThan(0.05);
    expect(worst).toBeLessThan(0.1);
  });
});

// FITS frames that show the real sky: stars of the catalogue, drawn through a known WCS.
import path from 'node:path';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { unitVector } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import type { CelestialWcs } from '../../src/astrometry/wcs/celestial-wcs.js';
import { wcsCards } from '../../src/astrometry/wcs/wcs-cards.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import type { CardInput } from '../../src/fits/write/format-card.js';
import { drawFrame, type DrawnStar } from '../astrometry/stars/draw-frame.js';

export const FRAME = { width: 640, height: 480, scaleArcsec: 6 };
const RADIAN = Math.PI / 180;

export interface SkyFrame {
  readonly name: string;
  readonly centre: readonly [number, number];
  readonly rotationDeg?: number;
  /** What the header says instead of the truth; null: nothing. */
  readonly pointing?: readonly [number, number] | null;
  /** WCS cards with this reference point. */
  readonly headerWcs?: readonly [number, number];
  /** What the header says; the truth unless told. */
  readonly focalLengthMm?: number;
  /** Only so many of its stars. */
  readonly brightest?: number;
  /** Without stars: clouds. */
  readonly empty?: boolean;
  /** Width, elongation and direction of all stars. */
  readonly shape?: Pick<DrawnStar, 'fwhm' | 'stretch' | 'angle'>;
  readonly seed?: number;
}

/** Writes the frame and returns its true WCS. */
export async function writeSkyFrame(
  dir: string,
  catalogue: StarCatalogue,
  frame: SkyFrame,
): Promise<CelestialWcs> {
  const { width, height, scaleArcsec } = FRAME;
  const angle = (frame.rotationDeg ?? 0) * RADIAN;
  const step = scaleArcsec / 3600;
  const wcsAt = (crval: readonly [number, number]) =>
    makeTanWcs({
      crval,
      crpix: [(width + 1) / 2, (height + 1) / 2],
      cd: [step * Math.cos(angle), -step * Math.sin(angle), step * Math.sin(angle), step * Math.cos(angle)],
    });
  const wcs = wcsAt(frame.centre);
  const stars: DrawnStar[] = [];
  const cone = catalogue.cone(unitVector(...frame.centre), 0.8 * RADIAN);
  const at = new Float64Array(3);
  for (let i = 0; i < cone.count && !frame.empty; i++) {
    if (!wcs.unitToPixel(cone.x[i], cone.y[i], cone.z[i], at)) continue;
    const light = 3e4 * 10 ** (-0.4 * (cone.vt[i] - 11));
    if (at[0] > 0 && at[0] < width && at[1] > 0 && at[1] < height)
      stars.push({ x: at[0], y: at[1], flux: [1.2 * light, light, 0.8 * light], fwhm: 3, ...frame.shape });
  }
  stars.sort((a, b) => b.flux[1] - a.flux[1]).splice(frame.brightest ?? Infinity);
  const drawn = drawFrame(stars, { width, height, cfa: [1, 0, 2, 1], noise: 8, seed: frame.seed });
  const pointing = frame.pointing === undefined ? frame.centre : frame.pointing;
  const cards: CardInput[] = [
    ...(pointing === null
      ? []
      : [
          { key: 'RA', value: pointing[0] },
          { key: 'DEC', value: pointing[1] },
        ]),
    { key: 'FOCALLEN', value: frame.focalLengthMm ?? 137.51 },
    { key: 'XPIXSZ', value: 4 },
    { key: 'EXPTIME', value: 10 },
    { key: 'DATE-OBS', value: '2026-03-01T22:00:00' },
    { key: 'BAYERPAT', value: 'GRBG' },
    ...(frame.headerWcs ? wcsCards(wcsAt(frame.headerWcs)) : []),
  ];
  const writer = await createFitsWriter(path.join(dir, frame.name));
  await writer.beginImage({ bitpix: -32, shape: [height, width], cards });
  await writer.writeRows(drawn.planes[0]);
  await writer.endImage();
  await writer.commit();
  return wcs;
}

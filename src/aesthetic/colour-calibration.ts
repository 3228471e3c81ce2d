// The colours of the mosaic from catalogue stars: what a star of the Sun's colour shows in R, G and B becomes white.
import type { CatalogueStars } from '../astrometry/catalogue/catalogue-stars.js';
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import { skyPosition } from '../astrometry/wcs/sphere.js';
import type { PlaneSource } from '../output/sources/plane-source.js';
import { measureProductStars } from '../quality/product-stars.js';
import { median } from '../quality/robust.js';
import { robustLine, type RobustLine } from './robust-line.js';
import { SUN_BT_VT } from './solar-white.js';

/** A catalogue star as the mosaic shows it. */
export interface ColourStar {
  /** BT - VT and VT of the catalogue. */
  readonly colour: number;
  readonly vt: number;
  /** Light in R, G and B. */
  readonly flux: readonly number[];
}

/** Factors of the planes, and the fit behind them. */
export interface ColourCalibration {
  /** R, G, B; G is 1. */
  readonly gains: readonly [number, number, number];
  readonly stars: number;
  /** log10(R/G) and log10(B/G) over BT - VT, at that of the Sun. */
  readonly red: RobustLine;
  readonly blue: RobustLine;
}

/** Fewer stars than this do not tell a response from their own colours. */
const MIN_STARS = 12;
/** The brightest ones, at most: noise has no say in their colours. */
const MAX_STARS = 400;
/** A star this far from where the catalogue has it is another one, arc seconds or pixels, whichever is more. */
const REACH_ARCSEC = 4;
const REACH_PX = 1.5;
/** Colours for which a straight line holds. */
const COLOURS = [-0.2, 1.8] as const;
/** Light that is this many magnitudes from what VT lets expect is that of a burnt-out, blended or variable star. */
const MAX_MAG_OFF = 0.4;
/** Beyond, it is a filter and no colour camera. */
const GAIN_LIMIT = 6;

/** Measures the stars of `catalogue` (with a colour and no near neighbour) on an R, G, B mosaic; `fwhmPx` is the width of its stars. */
export async function measureColourStars(
  mosaic: PlaneSource,
  wcs: CelestialWcs,
  catalogue: CatalogueStars,
  fwhmPx: number,
): Promise<ColourStar[]> {
  const expected: { x: number; y: number; colour: number; vt: number }[] = [];
  for (let s = 0; s < catalogue.count; s++) {
    const colour = catalogue.colour[s];
    if (catalogue.poor[s] || !(colour >= COLOURS[0] && colour <= COLOURS[1])) continue;
    const at = wcs.skyToPixel(...skyPosition([catalogue.x[s], catalogue.y[s], catalogue.z[s]]));
    if (!at) continue;
    const [x, y] = [at[0] - 1, at[1] - 1];
    if (x < 0 || y < 0 || x >= mosaic.nx || y >= mosaic.ny) continue;
    expected.push({ x, y, colour, vt: catalogue.vt[s] });
  }
  const scale = wcs.pixelScaleArcsec((mosaic.nx + 1) / 2, (mosaic.ny + 1) / 2);
  const reach = Math.max(REACH_PX, REACH_ARCSEC / scale);
  const measured = await measureProductStars(mosaic, expected, fwhmPx);
  return measured.flatMap((star, i) => {
    if (!star || !star.flux.every((flux) => flux > 0)) return [];
    const { x, y, colour, vt } = expected[i];
    return Math.hypot(star.x - x, star.y - y) <= reach ? [{ colour, vt, flux: star.flux }] : [];
  });
}

/** Undefined where too few stars are left, or what they say is no colour response. */
export function calibrateColours(stars: readonly ColourStar[]): ColourCalibration | undefined {
  const used = trusted(stars);
  if (used.length < MIN_STARS) return undefined;
  const colours = used.map(({ colour }) => colour);
  const line = (plane: number) =>
    robustLine(
      colours,
      used.map(({ flux }) => Math.log10(flux[plane] / flux[1])),
      SUN_BT_VT,
    );
  const [red, blue] = [line(0), line(2)];
  if (Math.min(red.points, blue.points) < MIN_STARS) return undefined;
  const gains = [10 ** -red.level, 1, 10 ** -blue.level] as const;
  if (gains.some((gain) => gain > GAIN_LIMIT || gain < 1 / GAIN_LIMIT)) return undefined;
  return { gains, stars: used.length, red, blue };
}

/** The brightest stars whose light is what their magnitude lets expect: VT and green see nearly the same light. */
function trusted(stars: readonly ColourStar[]): ColourStar[] {
  const zero = stars.map(({ flux, vt }) => 2.5 * Math.log10(flux[1]) + vt);
  const typical = median(zero);
  return stars
    .filter((_, i) => Math.abs(zero[i] - typical) <= MAX_MAG_OFF)
    .sort((a, b) => b.flux[1] - a.flux[1])
    .slice(0, MAX_STARS);
}

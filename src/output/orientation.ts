// Which way up: the turn of a FITS image that puts north nearest to up with east to the left on a screen.
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';

/**
 * How a screen row/column is taken from the FITS array (both 0-based): first `transpose` swaps the axes, then
 * `flipX` and `flipY` mirror the result. `{transpose: false, flipX: false, flipY: true}` shows the first FITS row
 * at the bottom, as the FITS standard draws images.
 */
export interface Orientation {
  readonly transpose: boolean;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

/** The FITS convention for images that have no WCS. */
export const FITS_UPRIGHT: Orientation = { transpose: false, flipX: false, flipY: true };

/** Step to find a direction on the sky, in pixels: small against any field, large against rounding. */
const STEP_PX = 8;

/**
 * The orientation of an `[ny, nx]` image that puts north nearest to up and east to the left, judged at the
 * image's centre. Only quarter turns and mirrors: the pixels stay what they are. With `streaming` no transposition
 * is proposed (a writer by rows cannot swap axes). Without a WCS, or where the centre shows no sky, the FITS
 * convention.
 */
export function northUp(
  wcs: CelestialWcs | undefined,
  nx: number,
  ny: number,
  { streaming = false }: { streaming?: boolean } = {},
): Orientation {
  const directions = wcs && skyDirections(wcs, (nx + 1) / 2, (ny + 1) / 2);
  if (!directions) return FITS_UPRIGHT;
  let best = FITS_UPRIGHT;
  let bestScore = -Infinity;
  for (const transpose of streaming ? [false] : [false, true]) {
    for (const flipX of [false, true]) {
      for (const flipY of [true, false]) {
        const turn = { transpose, flipX, flipY };
        const north = onScreen(directions.north, turn);
        const east = onScreen(directions.east, turn);
        // Screen y grows downwards: up is -y, left is -x. North counts a little more to settle diagonal fields.
        const score = -north[1] * 1.001 - east[0];
        if (score > bestScore + 1e-9) {
          best = turn;
          bestScore = score;
        }
      }
    }
  }
  return best;
}

/** Index into the `[ny, nx]` array of the pixel at screen column `x`, row `y`, as a start and a step along a row. */
export function screenRow(
  turn: Orientation,
  nx: number,
  ny: number,
  y: number,
): { start: number; step: number; length: number } {
  const length = turn.transpose ? ny : nx;
  const height = turn.transpose ? nx : ny;
  const line = turn.flipY ? height - 1 - y : y;
  const first = turn.flipX ? length - 1 : 0;
  const [alongStep, lineStep] = turn.transpose ? [nx, 1] : [1, nx];
  return { start: line * lineStep + first * alongStep, step: turn.flipX ? -alongStep : alongStep, length };
}

type Vector = readonly [number, number];

function skyDirections(wcs: CelestialWcs, x: number, y: number): { north: Vector; east: Vector } | undefined {
  const sky = wcs.pixelToSky(x, y);
  if (!sky) return undefined;
  const [ra, dec] = sky;
  const step = (STEP_PX * wcs.pixelScaleArcsec(x, y)) / 3600;
  // Near a pole the way "north" is taken downwards and turned round, so that it never passes over the pole.
  const towards = dec > 0 ? -1 : 1;
  const northPixel = wcs.skyToPixel(ra, dec + towards * step);
  const cosDec = Math.max(Math.cos((dec * Math.PI) / 180), 1e-6);
  const eastPixel = wcs.skyToPixel((ra + step / cosDec) % 360, dec);
  if (!northPixel || !eastPixel) return undefined;
  return {
    north: unit(towards * (northPixel[0] - x), towards * (northPixel[1] - y)),
    east: unit(eastPixel[0] - x, eastPixel[1] - y),
  };
}

function unit(dx: number, dy: number): Vector {
  const length = Math.hypot(dx, dy) || 1;
  return [dx / length, dy / length];
}

function onScreen([dx, dy]: Vector, turn: Orientation): Vector {
  const [sx, sy] = turn.transpose ? [dy, dx] : [dx, dy];
  return [turn.flipX ? -sx : sx, turn.flipY ? -sy : sy];
}

// One tile: 512 x 512 cells of the sky under it, looked up in the mosaic, or put together from the four tiles below.
import { cellPlace, placeToUnit } from '../../astrometry/healpix/cells.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { readRegion, type PlaneSource } from '../sources/plane-source.js';
import { cubicAt } from './cubic-at.js';
import { TILE_SIDE } from './tile-set.js';

/** Planes of a tile, `[ix, iy]`: index ix * 512 + iy, ix towards north-east, iy towards north-west; NaN where there is nothing, in all planes alike. */
export type Tile = readonly Float32Array[];

/** Pixels around a position that its interpolation takes. */
const REACH = 2;

/** The tile of a mosaic; undefined where it shows nothing. */
export async function renderTile(
  mosaic: PlaneSource,
  wcs: CelestialWcs,
  order: number,
  number: number,
): Promise<Tile | undefined> {
  const at = positions(wcs, order, number);
  const x0 = Math.max(0, Math.floor(least(at.x)) - REACH);
  const y0 = Math.max(0, Math.floor(least(at.y)) - REACH);
  const x1 = Math.min(mosaic.nx - 1, Math.ceil(most(at.x)) + REACH);
  const y1 = Math.min(mosaic.ny - 1, Math.ceil(most(at.y)) + REACH);
  if (!(x0 <= x1 && y0 <= y1)) return undefined;
  const window = { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
  const planes: Float32Array[] = [];
  const part = new Float32Array(window.width * window.height);
  for (let plane = 0; plane < mosaic.planes; plane++) {
    await readRegion(mosaic, plane, window, part);
    planes.push(
      Float32Array.from(at.x, (x, k) => cubicAt(part, window.width, window.height, x - x0, at.y[k] - y0)),
    );
  }
  return blankAlike(planes) ? planes : undefined;
}

/** The tile above four: each of its pixels is the mean of those of 2 x 2 that are there, blank where fewer than two are. */
export function parentTile(children: readonly (Tile | undefined)[]): Tile {
  const count = children.find((child) => child)!.length;
  const planes = Array.from({ length: count }, () => new Float32Array(TILE_SIDE * TILE_SIDE).fill(NaN));
  const half = TILE_SIDE / 2;
  children.forEach((child, quadrant) => {
    if (!child) return;
    const [x0, y0] = [(quadrant & 1) * half, (quadrant >> 1) * half];
    child.forEach((from, p) => {
      for (let x = 0; x < half; x++) {
        for (let y = 0; y < half; y++) {
          const k = 2 * x * TILE_SIDE + 2 * y;
          planes[p][(x0 + x) * TILE_SIDE + y0 + y] = meanOf(from, [
            k,
            k + 1,
            k + TILE_SIDE,
            k + TILE_SIDE + 1,
          ]);
        }
      }
    });
  });
  return planes;
}

function meanOf(values: Float32Array, at: readonly number[]): number {
  let [sum, n] = [0, 0];
  for (const k of at) {
    if (Number.isNaN(values[k])) continue;
    sum += values[k];
    n++;
  }
  return n >= 2 ? sum / n : NaN;
}

/** Mosaic positions (0-based) of the centres of a tile's cells; NaN where the mosaic's projection shows none. */
function positions(wcs: CelestialWcs, order: number, number: number): { x: Float64Array; y: Float64Array } {
  const { face, ix, iy } = cellPlace(order, number);
  const nside = 2 ** order * TILE_SIDE;
  const x = new Float64Array(TILE_SIDE * TILE_SIDE);
  const y = new Float64Array(TILE_SIDE * TILE_SIDE);
  const v = new Float64Array(3);
  for (let i = 0, k = 0; i < TILE_SIDE; i++) {
    for (let j = 0; j < TILE_SIDE; j++, k++) {
      placeToUnit(face, ix * TILE_SIDE + i + 0.5, iy * TILE_SIDE + j + 0.5, nside, v);
      const shown = wcs.unitToPixel(v[0], v[1], v[2], v);
      x[k] = shown ? v[0] - 1 : NaN;
      y[k] = shown ? v[1] - 1 : NaN;
    }
  }
  return { x, y };
}

const least = (values: Float64Array) => values.reduce((a, b) => (b < a ? b : a), Infinity);
const most = (values: Float64Array) => values.reduce((a, b) => (b > a ? b : a), -Infinity);

/** Blanks in all planes what is blank in one; false where nothing is left. */
function blankAlike(planes: readonly Float32Array[]): boolean {
  let shown = 0;
  for (let k = 0; k < planes[0].length; k++) {
    if (planes.some((plane) => Number.isNaN(plane[k]))) for (const plane of planes) plane[k] = NaN;
    else shown++;
  }
  return shown > 0;
}

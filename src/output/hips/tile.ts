// One tile: 512 x 512 cells of the sky under it, looked up in the mosaic, or put together from the four tiles below.
import { cellPlace, placeToUnit } from '../../astrometry/healpix/cells.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { SamplePasses } from '../../simd/sample-passes.js';
import { readRegion, type PlaneRegion, type PlaneSource } from '../sources/plane-source.js';
import { TILE_SIDE } from './tile-set.js';

/** Planes of a tile, `[ix, iy]`: index ix * 512 + iy, ix towards north-east, iy towards north-west; NaN where there is nothing, in all planes alike. */
export type Tile = readonly Float32Array[];

const TILE_PIXELS = TILE_SIDE * TILE_SIDE;
/** Pixels around a position that its interpolation takes. */
const REACH = 2;

/** Makes the tiles of one mosaic, one after the other, in memory of its own. */
export class TileMaker {
  readonly #room = new SamplePasses();
  readonly #xs = this.#room.take(8 * TILE_PIXELS);
  readonly #ys = this.#room.take(8 * TILE_PIXELS);
  readonly #planes: readonly number[];
  #image = 0;
  #imageBytes = 0;

  constructor(
    private readonly mosaic: PlaneSource,
    private readonly wcs: CelestialWcs,
  ) {
    this.#planes = Array.from({ length: mosaic.planes }, () => this.#room.take(4 * TILE_PIXELS));
  }

  /** The tile of the mosaic; undefined where it shows nothing. */
  async render(order: number, number: number): Promise<Tile | undefined> {
    const window = this.#findPlaces(order, number);
    if (!window) return undefined;
    const { passes } = this.#room;
    const { x0, y0, width, height } = window;
    const image = this.#imageOf(4 * width * height);
    const part = new Float32Array(this.#room.buffer, image, width * height);
    for (const [plane, at] of this.#planes.entries()) {
      await readRegion(this.mosaic, plane, window, part);
      passes.cubicSamples(image, width, height, x0, y0, this.#xs, this.#ys, TILE_PIXELS, at);
    }
    const [first, second = first, third = first] = this.#planes;
    return passes.blankTogether(first, second, third, TILE_PIXELS) > 0 ? this.#tile() : undefined;
  }

  /** The tile above four: each of its pixels is the mean of those of 2 x 2 that are there, blank where fewer than two are. */
  above(children: readonly (Tile | undefined)[]): Tile {
    const { passes, buffer } = this.#room;
    const half = TILE_SIDE / 2;
    const from = this.#xs;
    const child = new Float32Array(buffer, from, TILE_PIXELS);
    for (const [p, at] of this.#planes.entries()) {
      new Float32Array(buffer, at, TILE_PIXELS).fill(NaN);
      for (const [quadrant, planes] of children.entries()) {
        if (!planes) continue;
        child.set(planes[p]);
        const corner = (quadrant & 1) * half * TILE_SIDE + (quadrant >> 1) * half;
        passes.halvePlane(from, TILE_SIDE, at + 4 * corner, TILE_SIDE);
      }
    }
    return this.#tile();
  }

  /** Where a part of a plane lies; views of the memory that were made before are void. */
  #imageOf(bytes: number): number {
    if (bytes > this.#imageBytes) {
      // tiles differ in size: few take more than others by much
      this.#imageBytes = 1.25 * bytes;
      this.#image = this.#room.take(this.#imageBytes);
    }
    return this.#image;
  }

  /** A copy of the planes as they stand. */
  #tile(): Tile {
    return this.#planes.map((at) => new Float32Array(this.#room.buffer, at, TILE_PIXELS).slice());
  }

  /** Notes the mosaic positions (0-based) of the centres of a tile's cells, NaN where the mosaic's projection shows none; the part of the mosaic that they need. */
  #findPlaces(order: number, number: number): PlaneRegion | undefined {
    const { face, ix, iy } = cellPlace(order, number);
    const nside = 2 ** order * TILE_SIDE;
    const x = new Float64Array(this.#room.buffer, this.#xs, TILE_PIXELS);
    const y = new Float64Array(this.#room.buffer, this.#ys, TILE_PIXELS);
    const v = new Float64Array(3);
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0, k = 0; i < TILE_SIDE; i++) {
      for (let j = 0; j < TILE_SIDE; j++, k++) {
        placeToUnit(face, ix * TILE_SIDE + i + 0.5, iy * TILE_SIDE + j + 0.5, nside, v);
        if (!this.wcs.unitToPixel(v[0], v[1], v[2], v)) {
          x[k] = y[k] = NaN;
          continue;
        }
        const atX = (x[k] = v[0] - 1);
        const atY = (y[k] = v[1] - 1);
        if (atX < left) left = atX;
        if (atX > right) right = atX;
        if (atY < low) low = atY;
        if (atY > high) high = atY;
      }
    }
    const { nx, ny } = this.mosaic;
    const x0 = Math.max(0, Math.floor(left) - REACH);
    const y0 = Math.max(0, Math.floor(low) - REACH);
    const x1 = Math.min(nx - 1, Math.ceil(right) + REACH);
    const y1 = Math.min(ny - 1, Math.ceil(high) + REACH);
    return x0 <= x1 && y0 <= y1 ? { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 } : undefined;
  }
}

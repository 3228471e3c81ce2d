// White balance from the field's own stars: their median colour is near a solar white in any larger field.
import { withPasses, type SamplePasses } from '../../simd/sample-passes.js';
import { RingRows } from '../sources/ring-rows.js';
import { bytesOfTurn, eachTurnIn, rowsOfTurn, type PictureRows } from './picture-rows.js';
import type { SkyLevel } from './sky-statistics.js';

/** Fewer stars than this say nothing about the colour of the light. */
const MIN_STARS = 15;
/** Stars that are taken, the brightest: the median of colours that scatter by a third is known to 2 %. */
const MAX_STARS = 600;
/** A gain outside is a filter or a fault, not a colour response. */
const GAIN_LIMIT = 3;
/** Radius of the ring, in bins, that gives a star's own surroundings. */
const RING = 6;
const SIDE = 2 * RING + 1;

export const GREEN = 1;

/** Stars whose surroundings are read at a time, in the order of their rows: a fifth of the brightest are none, or lie at a blank. */
const STARS_AT_ONCE = 768;

/**
 * Factors that make the median star of an R, G, B image neutral, green = 1; `[1, 1, 1]` (or `[1]`) where fewer
 * than 15 stars stand out. Nebulosity has no say: each star is measured against the ring around it.
 * `sky` is the sky of each plane, in the order of the planes.
 */
export function starGains(image: PictureRows, sky: readonly SkyLevel[]): Promise<number[]> {
  return withPasses(async (room) => {
    const lights = new GreenLights(room, image);
    if (lights.isKnown) {
      const at = room.take(bytesOfTurn(image.nx));
      await eachTurnIn(room, at, image, GREEN, (y0, rows) => lights.take(at, y0, rows));
    }
    return gainsOf(room, image, sky, lights);
  });
}

/** The same, of an image whose green has been passed over; `room` has the lights. */
export async function gainsOf(
  room: SamplePasses,
  image: PictureRows,
  sky: readonly SkyLevel[],
  lights: GreenLights,
): Promise<number[]> {
  const neutral = sky.map(() => 1);
  if (!lights.isKnown) return neutral;
  const peaks = await starPeaks(room, image, sky[GREEN], lights);
  const ratios = await starRatios(room, image, peaks, sky[GREEN]);
  if (ratios.red.length < MIN_STARS) return neutral;
  return [gain(ratios.red), 1, gain(ratios.blue)];
}

function gain(ratios: number[]): number {
  const median = ratios.sort((a, b) => a - b)[ratios.length >> 1];
  return Math.min(GAIN_LIMIT, Math.max(1 / GAIN_LIMIT, 1 / median));
}

interface Ratios {
  readonly red: number[];
  readonly blue: number[];
}

async function starRatios(
  room: SamplePasses,
  image: PictureRows,
  peaks: Uint32Array,
  sky: SkyLevel,
): Promise<Ratios> {
  const found: Ratios = { red: [], blue: [] };
  const colours = new StarColours(room, image, sky.level);
  for (let from = 0; from < peaks.length && found.red.length < MAX_STARS; from += STARS_AT_ONCE) {
    const [red, blue] = await colours.of(peaks.subarray(from, from + STARS_AT_ONCE));
    for (let k = 0; k < red.length && found.red.length < MAX_STARS; k++) {
      if (Number.isNaN(red[k])) continue;
      found.red.push(red[k]);
      found.blue.push(blue[k]);
    }
  }
  return found;
}

/** Stars measured in the order of their rows, so that each of these is read once. */
class StarColours {
  readonly #rows: RingRows;
  readonly #squares: number;
  readonly #spare: number;
  readonly #ratios: number;

  /** `level` is the sky of green. Takes its memory from the room, from which nothing else is to be taken meanwhile. */
  constructor(
    private readonly room: SamplePasses,
    private readonly image: PictureRows,
    private readonly level: number,
  ) {
    this.#rows = new RingRows(room, image, SIDE);
    this.#squares = room.take(4 * image.planes * SIDE * SIDE);
    this.#spare = room.take(12 * 4 * SIDE);
    this.#ratios = room.take(16);
  }

  /** Red and blue over green of the stars in the middle of these pixels, NaN where there is none. */
  async of(pixels: Uint32Array): Promise<readonly [red: Float64Array, blue: Float64Array]> {
    const { nx, planes } = this.image;
    const rows = this.#rows;
    const { passes } = this.room;
    const ratios = new Float64Array(this.room.buffer, this.#ratios, 2);
    const found = [pixels, pixels].map(({ length }) => new Float64Array(length).fill(NaN));
    for (const k of Uint32Array.from(pixels.keys()).sort((a, b) => pixels[a] - pixels[b])) {
      const y0 = Math.floor(pixels[k] / nx) - RING;
      const x0 = (pixels[k] % nx) - RING;
      await rows.need(y0, y0 + SIDE);
      passes.ringSquares(rows.address, planes, rows.bytes, nx, rows.rows, x0, y0, SIDE, this.#squares);
      if (passes.pictureStarColour(this.#squares, RING, this.level, this.#spare, this.#ratios))
        [found[0][k], found[1][k]] = ratios;
    }
    return [found[0], found[1]];
  }
}

/** Pixels of a piece of a row that is passed over where nothing in it is bright enough. */
const PIECE = 32;

/** The highest values of pieces of the rows of green: what its stars are sought by. */
export class GreenLights {
  /** Whether the image has a green, and room for a star with its surroundings. */
  readonly isKnown: boolean;
  readonly #nx: number;
  readonly #maxima: number;
  #brightest = -Infinity;

  constructor(
    private readonly room: SamplePasses,
    { nx, ny, planes }: PictureRows,
  ) {
    this.isKnown = planes === 3 && nx > 2 * RING;
    this.#nx = nx;
    this.#maxima = room.take(this.isKnown ? 4 * Math.ceil(nx / PIECE) * ny : 0);
  }

  /** `rows` rows of green at `at`, from row `y0` on. */
  take(at: number, y0: number, rows: number): void {
    const most = this.room.passes.rowMaxima(at, this.#nx, rows, PIECE, this.maximaOf(y0));
    this.#brightest = Math.max(this.#brightest, most);
  }

  get brightest(): number {
    return this.#brightest;
  }

  /** Address of those of the pieces of a row and all after it. */
  maximaOf(y: number): number {
    return this.#maxima + 4 * y * Math.ceil(this.#nx / PIECE);
  }
}

/** Local maxima of green well above the noise and below half of the brightest (which may be saturated), brightest first. */
async function starPeaks(
  room: SamplePasses,
  image: PictureRows,
  sky: SkyLevel,
  lights: GreenLights,
): Promise<Uint32Array> {
  const { nx, ny } = image;
  const rows = rowsOfTurn(nx);
  // with a row before and one behind
  const rowsAt = room.take(4 * (rows + 2) * nx);
  const numbersAt = room.take(4 * rows * nx);
  const foundAt = room.take(4 * rows * nx);
  const turn = new Float32Array(room.buffer, rowsAt, (rows + 2) * nx);
  const above = lights.brightest - sky.level;
  const low = sky.level + Math.max(15 * sky.sigma, above * 0.002);
  const high = sky.level + above * 0.5;
  const numbers: number[] = [];
  const found: number[] = [];
  for (let y = RING; y < ny - RING; y += rows) {
    const count = Math.min(rows, ny - RING - y);
    await image.readRows(GREEN, y - 1, count + 2, turn);
    const maxima = lights.maximaOf(y);
    // prettier-ignore
    const n = room.passes.pictureStars(
      rowsAt + 4 * nx, nx, count, RING, nx - RING, maxima, PIECE, low, high, y * nx, numbersAt, foundAt,
    );
    numbers.push(...new Uint32Array(room.buffer, numbersAt, n));
    found.push(...new Float32Array(room.buffer, foundAt, n));
  }
  return brightestFirst(room, numbers, found);
}

function brightestFirst(
  room: SamplePasses,
  numbers: readonly number[],
  lights: readonly number[],
): Uint32Array {
  const n = numbers.length;
  const [keysAt, orderAt, spare] = [room.take(8 * n), room.take(4 * n), room.take(4 * n)];
  const keys = new Float64Array(room.buffer, keysAt, n);
  for (let k = 0; k < n; k++) keys[k] = -lights[k];
  room.passes.orderOf(keysAt, n, orderAt, spare);
  return new Uint32Array(room.buffer, orderAt, n).map((k) => numbers[k]);
}

// White balance from the field's own stars: their median colour is near a solar white in any larger field.
import { withPasses, type SamplePasses } from '../../simd/sample-passes.js';
import { rowsOfTurn, someTurn, type PictureRows } from './picture-rows.js';
import type { SkyLevel } from './sky-statistics.js';

/** Fewer stars than this say nothing about the colour of the light. */
const MIN_STARS = 15;
/** Stars that are taken, the brightest: the median of colours that scatter by a third is known to 2 %. */
const MAX_STARS = 600;
/** A gain outside is a filter or a fault, not a colour response. */
const GAIN_LIMIT = 3;
/** Radius of the ring, in bins, that gives a star's own surroundings. */
const RING = 6;

/** Stars whose surroundings are read at a time, in the order of their rows: a fifth of the brightest are none, or lie at a blank. */
const STARS_AT_ONCE = 768;

/**
 * Factors that make the median star of an R, G, B image neutral, green = 1; `[1, 1, 1]` (or `[1]`) where fewer
 * than 15 stars stand out. Nebulosity has no say: each star is measured against the ring around it.
 * `sky` is the sky of each plane, in the order of the planes.
 */
export async function starGains(image: PictureRows, sky: readonly SkyLevel[]): Promise<number[]> {
  const neutral = sky.map(() => 1);
  if (image.planes !== 3) return neutral;
  const peaks = await withPasses((room) => starPeaks(room, image, sky[1]));
  const ratios = await withPasses((room) => starRatios(room, image, peaks, sky[1]));
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
  const side = 2 * RING + 1;
  const squaresAt = room.take(4 * 3 * side * side);
  const [spare, out] = [room.take(12 * 4 * side), room.take(16)];
  const square = new Float32Array(room.buffer, squaresAt, 3 * side * side);
  const ratios = new Float64Array(room.buffer, out, 2);
  for (let from = 0; from < peaks.length && found.red.length < MAX_STARS; from += STARS_AT_ONCE) {
    const squares = await squaresAbout(image, peaks.subarray(from, from + STARS_AT_ONCE));
    for (let at = 0; at < squares.length && found.red.length < MAX_STARS; at += square.length) {
      square.set(squares.subarray(at, at + square.length));
      if (!room.passes.pictureStarColour(squaresAt, RING, sky.level, spare, out)) continue;
      found.red.push(ratios[0]);
      found.blue.push(ratios[1]);
    }
  }
  return found;
}

/** The square about each of the pixels in all planes, `[pixels, planes, side, side]`; every row is read once at most. */
async function squaresAbout(image: PictureRows, pixels: Uint32Array): Promise<Float32Array> {
  const { nx, ny, planes } = image;
  const side = 2 * RING + 1;
  const squares = new Float32Array(pixels.length * planes * side * side);
  const order = Uint32Array.from(pixels.keys()).sort((a, b) => pixels[a] - pixels[b]);
  const most = rowsOfTurn(nx) + 2 * RING;
  for (let k = 0; k < order.length;) {
    const y0 = Math.floor(pixels[order[k]] / nx) - RING;
    const rows = Math.min(most, ny - y0);
    const first = k;
    while (k < order.length && Math.floor(pixels[order[k]] / nx) + RING < y0 + rows) k++;
    for (let plane = 0; plane < planes; plane++) {
      const values = await image.rows(plane, y0, rows);
      for (let j = first; j < k; j++) {
        let from = pixels[order[j]] - (y0 + RING) * nx - RING;
        let to = (order[j] * planes + plane) * side * side;
        for (let y = 0; y < side; y++, from += nx, to += side)
          squares.set(values.subarray(from, from + side), to);
      }
    }
  }
  return squares;
}

/** Pixels of a piece of a row that is passed over where nothing in it is bright enough. */
const PIECE = 32;

/** Local maxima of green well above the noise and below half of the brightest (which may be saturated), brightest first. */
async function starPeaks(room: SamplePasses, image: PictureRows, sky: SkyLevel): Promise<Uint32Array> {
  const { nx, ny } = image;
  if (nx <= 2 * RING) return new Uint32Array(0);
  const pieces = Math.ceil(nx / PIECE);
  const rows = rowsOfTurn(nx);
  const maximaAt = room.take(4 * pieces * ny);
  // with a row before and one behind
  const rowsAt = room.take(4 * (rows + 2) * nx);
  const numbersAt = room.take(4 * rows * nx);
  const foundAt = room.take(4 * rows * nx);
  const turn = new Float32Array(room.buffer, rowsAt, (rows + 2) * nx);
  let brightest = -Infinity;
  await someTurn(image, GREEN, (values, y) => {
    turn.set(values);
    const most = room.passes.rowMaxima(rowsAt, nx, values.length / nx, PIECE, maximaAt + 4 * y * pieces);
    brightest = Math.max(brightest, most);
  });
  const low = sky.level + Math.max(15 * sky.sigma, (brightest - sky.level) * 0.002);
  const high = sky.level + (brightest - sky.level) * 0.5;
  const numbers: number[] = [];
  const lights: number[] = [];
  for (let y = RING; y < ny - RING; y += rows) {
    const count = Math.min(rows, ny - RING - y);
    turn.set(await image.rows(GREEN, y - 1, count + 2));
    const maxima = maximaAt + 4 * y * pieces;
    // prettier-ignore
    const n = room.passes.pictureStars(
      rowsAt + 4 * nx, nx, count, RING, nx - RING, maxima, PIECE, low, high, y * nx, numbersAt, foundAt,
    );
    numbers.push(...new Uint32Array(room.buffer, numbersAt, n));
    lights.push(...new Float32Array(room.buffer, foundAt, n));
  }
  return brightestFirst(room, numbers, lights);
}

const GREEN = 1;

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

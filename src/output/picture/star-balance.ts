// White balance from the field's own stars: their median colour is near a solar white in any larger field.
import { sharedPasses, type SamplePasses } from '../../simd/sample-passes.js';
import type { BinnedImage } from './binned-image.js';
import type { SkyLevel } from './sky-statistics.js';

/** Fewer stars than this say nothing about the colour of the light. */
const MIN_STARS = 15;
/** Stars that are taken, the brightest: the median of colours that scatter by a third is known to 2 %. */
const MAX_STARS = 600;
/** A gain outside is a filter or a fault, not a colour response. */
const GAIN_LIMIT = 3;
/** Radius of the ring, in bins, that gives a star's own surroundings. */
const RING = 6;

/** What stars are looked for in. */
type StarField = Pick<BinnedImage, 'nx' | 'ny' | 'planes'>;

/**
 * Factors that make the median star of an R, G, B image neutral, green = 1; `[1, 1, 1]` (or `[1]`) where fewer
 * than 15 stars stand out. Nebulosity has no say: each star is measured against the ring around it.
 * `sky` is the sky of each plane, in the order of the planes.
 */
export function starGains(image: StarField, sky: readonly SkyLevel[]): number[] {
  const neutral = image.planes.map(() => 1);
  if (image.planes.length !== 3) return neutral;
  const ratios = starRatios(image, sky);
  if (ratios.red.length < MIN_STARS) return neutral;
  return [gain(ratios.red), 1, gain(ratios.blue)];
}

function gain(ratios: number[]): number {
  const median = ratios.sort((a, b) => a - b)[ratios.length >> 1];
  return Math.min(GAIN_LIMIT, Math.max(1 / GAIN_LIMIT, 1 / median));
}

function starRatios(image: StarField, sky: readonly SkyLevel[]): { red: number[]; blue: number[] } {
  const { nx, planes } = image;
  const peaks = starPeaks(image, sky[1]);
  const side = 2 * RING + 1;
  const room = sharedPasses();
  const squaresAt = room.take(4 * 3 * side * side);
  const [spare, out] = [room.take(12 * 4 * side), room.take(16)];
  const squares = new Float32Array(room.buffer, squaresAt, 3 * side * side);
  const ratios = new Float64Array(room.buffer, out, 2);
  const red: number[] = [];
  const blue: number[] = [];
  for (let k = 0; k < peaks.length && red.length < MAX_STARS; k++) {
    const corner = peaks[k] - RING * nx - RING;
    for (let p = 0, to = 0; p < 3; p++)
      for (let y = 0, from = corner; y < side; y++, from += nx, to += side)
        squares.set(planes[p].subarray(from, from + side), to);
    if (!room.passes.pictureStarColour(squaresAt, RING, sky[1].level, spare, out)) continue;
    red.push(ratios[0]);
    blue.push(ratios[1]);
  }
  return { red, blue };
}

/** Pixels of a piece of a row that is passed over where nothing in it is bright enough. */
const PIECE = 32;
/** Pixels of a turn, whole rows. */
const TURN_PIXELS = 1 << 15;

/** Local maxima of green well above the noise and below half of the brightest (which may be saturated), brightest first. */
function starPeaks({ nx, ny, planes }: StarField, sky: SkyLevel): Uint32Array {
  if (nx <= 2 * RING) return new Uint32Array(0);
  const green = planes[1];
  const pieces = Math.ceil(nx / PIECE);
  const rows = Math.max(1, Math.floor(TURN_PIXELS / nx));
  const room = sharedPasses();
  const maximaAt = room.take(4 * pieces * ny);
  // with a row before and one behind
  const rowsAt = room.take(4 * (rows + 2) * nx);
  const numbersAt = room.take(4 * rows * nx);
  const foundAt = room.take(4 * rows * nx);
  const turn = new Float32Array(room.buffer, rowsAt, (rows + 2) * nx);
  let brightest = -Infinity;
  for (let y = 0; y < ny; y += rows) {
    const count = Math.min(rows, ny - y);
    turn.set(green.subarray(y * nx, (y + count) * nx));
    const most = room.passes.rowMaxima(rowsAt, nx, count, PIECE, maximaAt + 4 * y * pieces);
    brightest = Math.max(brightest, most);
  }
  const low = sky.level + Math.max(15 * sky.sigma, (brightest - sky.level) * 0.002);
  const high = sky.level + (brightest - sky.level) * 0.5;
  const numbers: number[] = [];
  const lights: number[] = [];
  for (let y = RING; y < ny - RING; y += rows) {
    const count = Math.min(rows, ny - RING - y);
    turn.set(green.subarray((y - 1) * nx, (y + count + 1) * nx));
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

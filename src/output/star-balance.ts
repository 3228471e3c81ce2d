// White balance from the field's own stars: their median colour is near a solar white in any larger field.
import { selectRank } from '../photometry/select-median.js';
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

/**
 * Factors that make the median star of an R, G, B image neutral, green = 1; `[1, 1, 1]` (or `[1]`) where fewer
 * than 15 stars stand out. Nebulosity has no say: each star is measured against the ring around it.
 * `sky` is the sky of each plane, in the order of the planes.
 */
export function starGains(image: BinnedImage, sky: readonly SkyLevel[]): number[] {
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

function starRatios(image: BinnedImage, sky: readonly SkyLevel[]): { red: number[]; blue: number[] } {
  const { nx } = image;
  const [reds, greens, blues] = image.planes;
  const red: number[] = [];
  const blue: number[] = [];
  for (const at of starPeaks(image, sky[1])) {
    const ground = ringMedian(greens, nx, at);
    // Compact against its surroundings in green: a star, not a knot of nebulosity.
    if (greens[at] - ground < 0.5 * (greens[at] - sky[1].level)) continue;
    const green = starFlux(greens, nx, at, ground);
    const inRed = starFlux(reds, nx, at, ringMedian(reds, nx, at));
    const inBlue = starFlux(blues, nx, at, ringMedian(blues, nx, at));
    if (green > 0 && inRed > 0 && inBlue > 0) {
      red.push(inRed / green);
      blue.push(inBlue / green);
    }
    if (red.length === MAX_STARS) break;
  }
  return { red, blue };
}

/** Pixels of a piece of a row that is passed over where nothing in it is bright enough. */
const PIECE = 32;

/** Local maxima of green well above the noise and below half of the brightest (which may be saturated), brightest first. */
function starPeaks({ nx, ny, planes }: BinnedImage, sky: SkyLevel): number[] {
  const green = planes[1];
  const pieces = Math.ceil(nx / PIECE);
  const highest = new Float32Array(pieces * ny);
  for (let y = 0, piece = 0; y < ny; y++) {
    for (let x = 0; x < nx; x += PIECE) {
      let most = -Infinity;
      for (let at = y * nx + x, end = y * nx + Math.min(nx, x + PIECE); at < end; at++)
        if (green[at] > most) most = green[at];
      highest[piece++] = most;
    }
  }
  const brightest = highest.reduce((a, b) => Math.max(a, b), -Infinity);
  const low = sky.level + Math.max(15 * sky.sigma, (brightest - sky.level) * 0.002);
  const high = sky.level + (brightest - sky.level) * 0.5;
  const peaks: number[] = [];
  for (let y = RING; y < ny - RING; y++) {
    for (let piece = 0; piece < pieces; piece++) {
      if (!(highest[y * pieces + piece] > low)) continue;
      const end = Math.min(nx - RING, (piece + 1) * PIECE);
      for (let x = Math.max(RING, piece * PIECE); x < end; x++) {
        const value = green[y * nx + x];
        if (value > low && value < high && isPeak(green, nx, y * nx + x)) peaks.push(y * nx + x);
      }
    }
  }
  return peaks.sort((a, b) => green[b] - green[a]);
}

function isPeak(green: Float32Array, nx: number, at: number): boolean {
  const value = green[at];
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) if (green[at + dy * nx + dx] > value) return false;
  return true;
}

/** Sum over 5x5 bins less the level of the ring, `ground`; NaN near blanks. */
function starFlux(plane: Float32Array, nx: number, at: number, ground: number): number {
  let sum = 0;
  for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) sum += plane[at + dy * nx + dx];
  return sum - 25 * ground;
}

const ring = new Float32Array(4 * (2 * RING + 1));

/** NaN near blanks. */
function ringMedian(plane: Float32Array, nx: number, at: number): number {
  let n = 0;
  for (let d = -RING; d <= RING; d++) {
    ring[n++] = plane[at - RING * nx + d];
    ring[n++] = plane[at + RING * nx + d];
    ring[n++] = plane[at + d * nx - RING];
    ring[n++] = plane[at + d * nx + RING];
  }
  for (let i = 0; i < n; i++) if (Number.isNaN(ring[i])) return NaN;
  return selectRank(ring, ring.length >> 1);
}

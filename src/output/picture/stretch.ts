// From linear light to what a screen shows: one arcsinh curve on luminance, the same factor on every channel.
import { selectRank } from '../../photometry/select-median.js';
import type { BinnedImage } from './binned-image.js';
import { percentile, skyAbout, skyLevel, sortedSample, type SkyLevel } from './sky-statistics.js';

/** What may be set by hand; whatever is absent is chosen from the image. */
export interface StretchOptions {
  /** Percentile of the luminance shown black, 0-100. */
  readonly percentileLow?: number;
  /** Percentile of the luminance shown white, 0-100. */
  readonly percentileHigh?: number;
  /** Curve `asinh(x / a) / asinh(1 / a)` of the luminance x between black (0) and white (1); > 0. */
  readonly asinhA?: number;
  /** White balance from the stars of the field (default true); false leaves the camera's own balance. */
  readonly starBalance?: boolean;
  /** Sky level of each plane where it is known; the sky is then what lies about it, and not the most frequent value. */
  readonly sky?: readonly number[];
}

/** A stretch in numbers: `screen = curve((gain * (value - sky) - black) / (white - black))` for luminance. */
export interface Stretch {
  /** Sky level of each plane, subtracted so that the sky is neutral. */
  readonly sky: readonly number[];
  /** Factor of each plane after the sky is gone. */
  readonly gains: readonly number[];
  /** Luminance above sky (usually negative) shown black. */
  readonly black: number;
  /** Luminance above sky shown white. */
  readonly white: number;
  /** Softening of the curve, relative to `white - black`. */
  readonly asinhA: number;
}

/** The sky stands this many of its sigmas above black, so that its noise is not cut off. */
const SKY_ABOVE_BLACK_SIGMAS = 2.8;
/** Where the sky comes to stand on the screen (0-1): dark, yet light enough to show what is fainter than noise. */
const SKY_ON_SCREEN = 0.15;
/** A field full of nebula is shown darker, until no more than a quarter of it is brighter than this. */
const BRIGHT_ON_SCREEN = 0.42;
/** Only the cores of the brightest stars lie above this percentile. */
const WHITE_PERCENTILE = 99.99;

/** What a picture has its colours by: sky level and factor of each plane. */
export type Colours = Pick<Stretch, 'sky' | 'gains'>;

/** The luminances of an image, as a stretch asks for them. */
export interface Lights {
  /** How many there are. */
  readonly count: number;
  /** Up to 2^14 of them at a regular step, ascending. */
  readonly sorted: Float32Array;
  /** The sky of that sample, where it is not known. */
  sky(): SkyLevel;
  /** The value of rank `rank` (0 is the least) of all of them. */
  ranked(rank: number): number;
}

/** Chooses the stretch of planes whose colours are known. Planes without one valid pixel get a stretch that shows black. */
export function stretchOf(
  image: Pick<BinnedImage, 'nx' | 'ny' | 'planes'>,
  { sky, gains }: Colours,
  options: Omit<StretchOptions, 'starBalance'> = {},
): Stretch {
  const lights = luminanceOf(image, sky, gains);
  const sorted = sortedSample(lights);
  return stretchBy(
    {
      ...{ count: lights.length, sorted },
      sky: () => skyLevel(sorted),
      ranked: (rank) => rankAmong(lights, sorted, rank),
    },
    { sky, gains },
    options,
  );
}

/** The same by the luminances. */
export function stretchBy(
  { count, sorted, ...lights }: Lights,
  { sky, gains }: Colours,
  options: Omit<StretchOptions, 'starBalance'> = {},
): Stretch {
  if (sorted.length === 0) return { sky, gains, black: 0, white: 1, asinhA: 1 };

  const { level, sigma } = options.sky ? skyAbout(sorted, 0) : lights.sky();
  // few pixels tell white, or a black that is set: all that there are
  const among = (percent: number) => lights.ranked(Math.round((percent / 100) * (count - 1)));
  const top = among(options.percentileHigh ?? WHITE_PERCENTILE);
  // 20000: beyond that the curve shows only the rounding of an image without noise.
  const pedestal = Math.max(SKY_ABOVE_BLACK_SIGMAS * sigma, (top - level) / 20000);
  const black = options.percentileLow === undefined ? level - pedestal : among(options.percentileLow);
  const white = top > black ? top : black + 1;
  const onScale = (value: number) => (value - black) / (white - black);
  let asinhA = options.asinhA ?? softeningFor(onScale(level), SKY_ON_SCREEN);
  if (options.sky && options.asinhA === undefined)
    asinhA = Math.max(asinhA, softeningFor(onScale(percentile(sorted, 75)), BRIGHT_ON_SCREEN));
  return { sky, gains, black, white, asinhA };
}

/** So many values of the sample on either side of a rank are taken to enclose it. */
const SAMPLE_MARGIN = 16;

/** Values that enclose, most likely, that of rank `rank` of `count`, of which `sorted` is a regular sample. */
export function aroundRank(
  sorted: Float32Array,
  count: number,
  rank: number,
): readonly [low: number, high: number] {
  const near = Math.round((rank / count) * sorted.length);
  const low = near < SAMPLE_MARGIN ? -Infinity : sorted[near - SAMPLE_MARGIN];
  const high = near + SAMPLE_MARGIN < sorted.length ? sorted[near + SAMPLE_MARGIN] : Infinity;
  return [low, high];
}

/** The value of rank `rank` (0 is the least) of all `values`, which `sorted` is a regular sample of: among the few that lie near it there. Their order may change. */
function rankAmong(values: Float32Array, sorted: Float32Array, rank: number): number {
  const [low, high] = aroundRank(sorted, values.length, rank);
  const within: number[] = [];
  let below = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v < low) below++;
    else if (v <= high) within.push(v);
  }
  const isEnclosed = rank >= below && rank < below + within.length;
  return isEnclosed ? selectRank(Float32Array.from(within), rank - below) : selectRank(values, rank);
}

/** The softening that puts relative luminance `x` at `shown` on the screen, by bisection in log space. */
function softeningFor(x: number, shown: number): number {
  let low = 1e-7;
  let high = 1e3;
  if (x >= shown || x <= 0) return high; // nearly linear already
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(low * high);
    if (asinhCurve(x, middle) > shown) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** `asinh(x / a) / asinh(1 / a)`: 0 at 0, 1 at 1 (Lupton et al. 2004, PASP 116, 133). */
export function asinhCurve(x: number, a: number): number {
  return Math.asinh(x / a) / Math.asinh(1 / a);
}

/** Pixels of which the luminance is taken, at most. */
export const MAX_LIGHTS = 1 << 18;

/**
 * Mean of the balanced planes above sky, of the covered ones of up to 2^18 pixels at a regular step. Equal weights: a nebula in one emission
 * line counts whatever its colour.
 */
function luminanceOf(
  { nx, ny, planes }: Pick<BinnedImage, 'nx' | 'ny' | 'planes'>,
  sky: readonly number[],
  gains: readonly number[],
): Float32Array {
  const step = Math.max(1, Math.ceil((nx * ny) / MAX_LIGHTS));
  const out = new Float32Array(Math.ceil((nx * ny) / step));
  const [a, b = a, c = a] = planes;
  const [skyA, skyB = skyA, skyC = skyA] = sky;
  // planes that are not there count nothing
  const [gainA, gainB = 0, gainC = 0] = planes.map((_, p) => gains[p] / planes.length);
  let finite = 0;
  for (let at = 0; at < nx * ny; at += step) {
    const two = Math.fround(Math.fround(gainA * (a[at] - skyA)) + gainB * (b[at] - skyB));
    const light = Math.fround(two + gainC * (c[at] - skyC));
    if (light - light === 0) out[finite++] = light;
  }
  return out.subarray(0, finite);
}

/** Steps of the curve's table over sqrt(x): the root gives the steep dark end its share of them. */
export const CURVE_STEPS = 1 << 14;

/** The curve at each step, from 0 to 1. */
export function curveTable(asinhA: number): Float64Array {
  const whole = Math.asinh(1 / asinhA);
  const table = new Float64Array(CURVE_STEPS + 1);
  for (let i = 0; i <= CURVE_STEPS; i++) table[i] = Math.asinh((i / CURVE_STEPS) ** 2 / asinhA) / whole;
  return table;
}

/** Pixels of an image to show: the index of the first, and the steps from one to the next and their number. */
export interface PixelRun {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/**
 * The stretch as a function: maps a run of pixels of `image` to the screen and writes one value a plane, 0 to `top`, into
 * `out`, pixels `channels` apart (0 where blank). Luminance follows the curve and every channel is scaled by the same
 * factor, so that ratios between channels stay; what would leave the screen is drawn towards grey of the same
 * luminance instead of being clipped.
 */
export function screenValues(
  { planes }: Pick<BinnedImage, 'planes'>,
  stretch: Stretch,
  top = 255,
): (run: PixelRun, out: Uint8Array | Uint16Array, channels: number) => void {
  const show = screenOf(stretch, top);
  return (run, out, channels) => show(planes, run, out, channels);
}

/** The same for whatever planes it is given. */
export function screenOf(
  { sky, gains, black, white, asinhA }: Stretch,
  top = 255,
): (planes: readonly Float32Array[], run: PixelRun, out: Uint8Array | Uint16Array, channels: number) => void {
  const screen: Screen = {
    curve: curveTable(asinhA),
    lights: sky.map((level, p) => ({ gain: gains[p], sky: level })),
    black,
    scale: 1 / (white - black),
    top,
  };
  return (planes, run, out, channels) => {
    if (planes.length === 3) showColour(planes, run, screen, out, channels);
    else showGrey(planes[0], run, screen, out, channels);
  };
}

/** A stretch made ready for pixels. */
interface Screen {
  readonly curve: Float64Array;
  readonly lights: readonly { readonly gain: number; readonly sky: number }[];
  readonly black: number;
  readonly scale: number;
  readonly top: number;
}

type Shown = Uint8Array | Uint16Array;

function showColour(
  [reds, greens, blues]: readonly Float32Array[],
  { start, step, length }: PixelRun,
  { curve, lights: [r, g, b], black, scale, top }: Screen,
  out: Shown,
  channels: number,
): void {
  for (let x = 0, at = start, to = 0; x < length; x++, at += step, to += channels) {
    const red = (r.gain * (reds[at] - r.sky) - black) * scale;
    const green = (g.gain * (greens[at] - g.sky) - black) * scale;
    const blue = (b.gain * (blues[at] - b.sky) - black) * scale;
    const mean = (red + green + blue) / 3;
    if (!(mean > 0)) {
      out[to] = out[to + 1] = out[to + 2] = 0;
      continue;
    }
    const y = curveAt(curve, mean);
    const factor = y / mean;
    const keep = keptColour(
      (red > green ? (red > blue ? red : blue) : green > blue ? green : blue) * factor,
      y,
    );
    const grey = y - keep * y;
    const tint = keep * factor;
    out[to] = toScreen(grey + tint * red, top);
    out[to + 1] = toScreen(grey + tint * green, top);
    out[to + 2] = toScreen(grey + tint * blue, top);
  }
}

function showGrey(
  plane: Float32Array,
  { start, step, length }: PixelRun,
  { curve, lights: [{ gain, sky }], black, scale, top }: Screen,
  out: Shown,
  channels: number,
): void {
  for (let x = 0, at = start, to = 0; x < length; x++, at += step, to += channels) {
    const light = (gain * (plane[at] - sky) - black) * scale;
    out[to] = light > 0 ? toScreen(curveAt(curve, light), top) : 0;
  }
}

function curveAt(curve: Float64Array, light: number): number {
  if (!(light < 1)) return 1;
  const position = Math.sqrt(light) * CURVE_STEPS;
  const step = position | 0;
  return curve[step] + (curve[step + 1] - curve[step]) * (position - step);
}

/** What stays of a colour whose largest channel comes to stand at `largest` where its luminance is `y`, so that it does not leave the screen. */
function keptColour(largest: number, y: number): number {
  return largest > 1 ? (1 - y) / (largest - y) : 1;
}

function toScreen(value: number, top: number): number {
  return value > 0 ? top * (value < 1 ? value : 1) + 0.5 : 0; // storing cuts the fraction off
}

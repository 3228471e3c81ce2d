// Frames whose samples do not lie as their colour pattern says, told by the colours of their stars: red ones are blue in them, or all are alike.
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { FrameReason } from '../../frames/frame-reason.js';
import type { Sensor } from '../../frames/sensor.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { medianBetween } from '../../photometry/select-median.js';
import type { NumberedStars } from './shared-stars.js';

/** A measured frame as this judgement sees it. */
export interface PatternFrame {
  readonly record: { readonly sensor: Sensor };
  readonly stars: StarList;
}

/** Of fewer frames none tells which of them is wrong. */
const LEAST_FRAMES = 3;
/** Fewer stars tell no colours that a frame may be judged by. */
const LEAST_STARS = 12;
/** Fainter stars scatter by more than stars differ. */
const LEAST_SNR = 15;
/** Colours of a star further than this from the common ones, in ln, are a neighbour's or a ray's. */
const FARTHEST = 2;
/**
 * Stars of a frame go with those of the others by less than this part of what is typical: of exchanged colours by -1, of mixed ones by 0. Colours are paler by
 * a half and more where a filter lets infrared pass, which all sites see alike.
 */
const LEAST_SHARE = 0.25;
/** What its stars scatter by beside that, as a part of what the common colours scatter by: more, and some of them go with the others and some do not. */
const MOST_SCATTER = 0.5;
/** And by so many standard deviations. */
const CERTAIN_SIGMAS = 6;

/**
 * For each frame why its pattern is not believed, undefined where it is: the slope of its stars' ln(red / blue) against their medians over all CFA frames
 * that show them, three or more, beside the typical slope of the frames. Judged are CFA frames alone; where half of them and more do not
 * go with the others, none is told. `shared`: the frames' stars with their common numbers.
 */
export function wrongPatterns(
  frames: readonly PatternFrame[],
  shared: readonly NumberedStars[],
): (FrameReason | undefined)[] {
  let numbers = 0;
  for (const { star } of shared)
    for (let k = 0; k < star.length; k++) if (star[k] >= numbers) numbers = star[k] + 1;
  const at = new Int32Array(numbers);
  const colours = frames.map(({ record, stars }, f) =>
    record.sensor.kind === 'cfa' ? coloursOf(stars, shared[f], at) : NONE,
  );
  const common = commonColours(colours, numbers);
  const slopes = colours.map((own) => slopeOf(own, common));
  const known = slopes.flatMap((slope) => (slope ? [slope.value] : []));
  if (known.length < LEAST_FRAMES) return frames.map(() => undefined);
  const typical = medianOf(known);
  const isWrong = slopes.map(
    (slope) =>
      slope !== undefined &&
      slope.value < LEAST_SHARE * typical &&
      slope.scatter < MOST_SCATTER * typical ** 2 &&
      typical - slope.value > CERTAIN_SIGMAS * slope.sigma,
  );
  if (2 * isWrong.filter(Boolean).length >= known.length) return frames.map(() => undefined);
  return frames.map(({ record: { sensor } }, f) => {
    if (!isWrong[f] || sensor.kind !== 'cfa') return undefined;
    const kind = slopes[f]!.value < -LEAST_SHARE * typical ? 'exchanged' : 'mixed';
    return { code: 'quality_reject_pattern', params: { pattern: sensor.pattern, kind } };
  });
}

/** Stars of a frame by their common numbers, each once, with ln(red / blue): packed, for all frames are asked at once. */
interface StarColours {
  readonly star: Int32Array;
  readonly colour: Float64Array;
}

const NONE: StarColours = { star: new Int32Array(0), colour: new Float64Array(0) };

/** Of a star that a frame shows twice the later colour. `at` has room for all numbers, and is left as it was: zeros. */
function coloursOf(
  { channelFlux: [red, , blue], snr }: StarList,
  { index, star }: NumberedStars,
  at: Int32Array,
): StarColours {
  const own = { star: new Int32Array(star.length), colour: new Float64Array(star.length) };
  let count = 0;
  for (let k = 0; k < star.length; k++) {
    const i = index[k];
    if (!(snr[i] >= LEAST_SNR && red[i] > 0 && blue[i] > 0)) continue;
    if (at[star[k]] === 0) {
      own.star[count] = star[k];
      at[star[k]] = ++count;
    }
    own.colour[at[star[k]] - 1] = Math.log(red[i] / blue[i]);
  }
  for (let k = 0; k < count; k++) at[own.star[k]] = 0;
  return { star: own.star.slice(0, count), colour: own.colour.slice(0, count) };
}

/** `[stars]`: medians of the colours of stars that enough frames show, NaN for the others. */
function commonColours(colours: readonly StarColours[], stars: number): Float64Array {
  const start = new Int32Array(stars + 1);
  for (const { star } of colours) for (let k = 0; k < star.length; k++) start[star[k] + 1]++;
  for (let s = 0; s < stars; s++) start[s + 1] += start[s];
  const next = start.slice();
  const shown = new Float64Array(start[stars]);
  for (const { star, colour } of colours)
    for (let k = 0; k < star.length; k++) shown[next[star[k]]++] = colour[k];
  const common = new Float64Array(stars).fill(NaN);
  const spare = new Float64Array(colours.length);
  for (let s = 0; s < stars; s++)
    if (start[s + 1] - start[s] >= LEAST_FRAMES)
      common[s] = medianBetween(shown, start[s], start[s + 1], spare);
  return common;
}

interface Slope {
  readonly value: number;
  readonly sigma: number;
  /** Variance about the slope, in units of the variance of the common colours. */
  readonly scatter: number;
}

/**
 * How a frame's colours go with the common ones, about the medians of both: without the one star that takes the slope down most, so that none alone tells it;
 * undefined where too few stars tell.
 */
function slopeOf({ star, colour }: StarColours, common: Float64Array): Slope | undefined {
  const x = new Float64Array(star.length);
  const y = new Float64Array(star.length);
  let both = 0;
  for (let k = 0; k < star.length; k++) {
    if (Number.isNaN(common[star[k]])) continue;
    x[both] = common[star[k]];
    y[both++] = colour[k];
  }
  if (both < LEAST_STARS) return undefined;
  const x0 = medianOf(x.slice(0, both));
  const y0 = medianOf(y.slice(0, both));
  let points = 0;
  let allXx = 0;
  let allXy = 0;
  for (let k = 0; k < both; k++) {
    const dx = x[k] - x0;
    const dy = y[k] - y0;
    if (!(Math.abs(dx) < FARTHEST && Math.abs(dy) < FARTHEST)) continue;
    x[points] = dx;
    y[points++] = dy;
    allXx += dx * dx;
    allXy += dx * dy;
  }
  if (points < LEAST_STARS || allXx === 0) return undefined;
  let value = -Infinity;
  let left = 0;
  for (let k = 0; k < points; k++) {
    const without = (allXy - x[k] * y[k]) / (allXx - x[k] * x[k]);
    if (!(without > value)) continue;
    value = without;
    left = k;
  }
  const off = (k: number) => (y[k] - value * x[k]) * (y[k] - value * x[k]);
  const xx = allXx - x[left] * x[left];
  let squares = 0;
  for (let k = 0; k < points; k++) squares += off(k);
  squares -= off(left);
  return { value, sigma: Math.sqrt(squares / (points - 3) / xx), scatter: squares / xx };
}

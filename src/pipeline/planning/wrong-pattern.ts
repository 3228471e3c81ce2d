// Frames whose samples do not lie as their colour pattern says, told by the colours of their stars: red ones are blue in them, or all are alike.
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { FrameReason } from '../../frames/frame-reason.js';
import type { Sensor } from '../../frames/sensor.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import type { SharedStars } from './shared-stars.js';

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
  shared: readonly SharedStars[],
): (FrameReason | undefined)[] {
  const colours = frames.map(({ record, stars }, f) =>
    record.sensor.kind === 'cfa' ? coloursOf(stars, shared[f]) : new Map<number, number>(),
  );
  const common = commonColours(colours);
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

/** ln(red / blue) of a frame's stars, by their common numbers. */
function coloursOf({ channelFlux: [red, , blue], snr }: StarList, { index, star }: SharedStars) {
  const colours = new Map<number, number>();
  index.forEach((i, k) => {
    if (snr[i] >= LEAST_SNR && red[i] > 0 && blue[i] > 0) colours.set(star[k], Math.log(red[i] / blue[i]));
  });
  return colours;
}

/** Medians of the colours of stars that enough frames show. */
function commonColours(colours: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const shown = new Map<number, number[]>();
  for (const own of colours)
    for (const [star, colour] of own) {
      const of = shown.get(star);
      if (of) of.push(colour);
      else shown.set(star, [colour]);
    }
  return new Map(
    [...shown].flatMap(([star, of]) =>
      of.length < LEAST_FRAMES ? [] : [[star, medianOf(of)] as [number, number]],
    ),
  );
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
function slopeOf(own: ReadonlyMap<number, number>, common: ReadonlyMap<number, number>): Slope | undefined {
  const both = [...own].flatMap(([star, y]) => (common.has(star) ? [[common.get(star)!, y]] : []));
  if (both.length < LEAST_STARS) return undefined;
  const [x0, y0] = [0, 1].map((k) => medianOf(both.map((of) => of[k])));
  const points = both
    .map(([x, y]) => [x - x0, y - y0])
    .filter(([x, y]) => Math.abs(x) < FARTHEST && Math.abs(y) < FARTHEST);
  if (points.length < LEAST_STARS) return undefined;
  const total = (of: (x: number, y: number) => number) => points.reduce((sum, [x, y]) => sum + of(x, y), 0);
  const [allXx, allXy] = [total((x) => x * x), total((x, y) => x * y)];
  if (allXx === 0) return undefined;
  const without = points.map(([x, y]) => (allXy - x * y) / (allXx - x * x));
  const value = without.reduce((most, of) => (of > most ? of : most), -Infinity);
  const [leftX, leftY] = points[without.indexOf(value)];
  const xx = allXx - leftX ** 2;
  const squares = total((x, y) => (y - value * x) ** 2) - (leftY - value * leftX) ** 2;
  return { value, sigma: Math.sqrt(squares / (points.length - 3) / xx), scatter: squares / xx };
}

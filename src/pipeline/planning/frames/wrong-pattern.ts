// Frames whose samples do not lie as their colour pattern says, told by the colours of their stars: red ones are blue in them, or all are alike.
import type { StarList } from '../../../astrometry/stars/star-list.js';
import type { FrameReason } from '../../../frames/frame-reason.js';
import type { Sensor } from '../../../frames/sensor.js';
import { memoryFor } from '../../../photometry/levels/level-observations.js';
import { medianOf } from '../../../photometry/mesh-repair.js';
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
  const slopes = slopesOf(frames, shared);
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

interface Slope {
  readonly value: number;
  readonly sigma: number;
  /** Variance about the slope, in units of the variance of the common colours. */
  readonly scatter: number;
}

/**
 * How each frame's colours go with the common ones, about the medians of both; undefined where too few stars tell, or the frame has no colour pattern. The passes stand in
 * `src/simd/assembly/plan/star-colours.ts`.
 */
function slopesOf(frames: readonly PatternFrame[], shared: readonly NumberedStars[]): (Slope | undefined)[] {
  const sum = (of: (f: number) => number) => frames.reduce((all, _, f) => all + of(f), 0);
  const highest = (of: (f: number) => number) => frames.reduce((most, _, f) => Math.max(most, of(f)), 0);
  const total = sum((f) => shared[f].star.length);
  const most = highest((f) => shared[f].star.length);
  const listed = highest((f) => frames[f].stars.snr.length);
  const memory = memoryFor(total);
  const { passes } = memory;
  const words = (length: number) => memory.take(4 * length);
  const doubles = (length: number) => memory.take(8 * length);
  const numbers = words(total);
  let placed = 0;
  for (const { star } of shared) {
    new Int32Array(memory.buffer, numbers + 4 * placed, star.length).set(star);
    placed += star.length;
  }
  const stars = 1 + passes.highestNode(numbers, total);
  const [red, blue, snr, index] = [words(listed), words(listed), words(listed), words(most)];
  const [at, star, colour] = [memory.put(new Uint32Array(stars)), words(total), doubles(total)];
  const [start, to, shown, common] = [words(stars + 2), words(total), doubles(total), doubles(stars)];
  // of medians of a frame's stars, and of a star's frames
  const spare = doubles(2 * Math.max(most, frames.length));
  const [x, y, out] = [doubles(most), doubles(most), doubles(3)];
  const { buffer } = memory;
  const put = (into: number, values: Float32Array) =>
    new Float32Array(buffer, into, values.length).set(values);
  const begin = new Int32Array(frames.length + 1);
  for (let f = 0, from = 0; f < frames.length; f++) {
    const { record, stars: own } = frames[f];
    const { index: places, star: of } = shared[f];
    let found = 0;
    if (record.sensor.kind === 'cfa') {
      put(red, own.channelFlux[0]);
      put(blue, own.channelFlux[2]);
      put(snr, own.snr);
      new Int32Array(buffer, index, places.length).set(places);
      found = passes.starColours(
        ...([red, blue, snr, index, numbers + 4 * from, of.length, LEAST_SNR, at] as const),
        ...([star + 4 * begin[f], colour + 8 * begin[f]] as const),
      );
    }
    begin[f + 1] = begin[f] + found;
    from += of.length;
  }
  const count = begin[frames.length];
  passes.commonColours(
    ...([star, colour, count, stars, LEAST_FRAMES] as const),
    ...([start, to, shown, spare, common] as const),
  );
  const slope = new Float64Array(buffer, out, 3);
  return frames.map((_, f) => {
    const isTold = passes.colourSlope(
      ...([star + 4 * begin[f], colour + 8 * begin[f], begin[f + 1] - begin[f], common] as const),
      ...([LEAST_STARS, FARTHEST, x, y, spare, out] as const),
    );
    return isTold ? { value: slope[0], sigma: slope[1], scatter: slope[2] } : undefined;
  });
}

// Stars that one frame shows too bright: the trail of a satellite or a cosmic ray lies on them.
import { oneByOne, type OneByOne } from '../one-by-one.js';
import { photonNoise, type ShownStars } from './photon-noise.js';
import { medianBetween, selectMedian } from '../select-median.js';

/** Stars of a frame: their common numbers, light and its standard deviation by the sky, ADU, and the factor that brings both to the scale of all frames. */
export interface ScaledStars {
  readonly star: Int32Array;
  readonly flux: Float32Array;
  readonly sigma: number;
  readonly gain: number;
}

/** Light beyond this many standard deviations is none of the star's: of stars with a close neighbour, wide seeing brings some of it in. */
const SPOILT_SIGMA = 5;
/** And beyond this many times the scatter of stars as bright as it: about the median of a few frames they scatter up to a third too little. */
const SPOILT_SCATTERS = 7;
/** Floor of the relative error: stars lie differently on the pixels of each frame, and shapes differ. */
const RELATIVE_FLOOR = 0.02;
/** Octaves of light that a double holds, and the number of that of 1. */
const OCTAVES = 2200;
const OCTAVE_OF_1 = 1100;
/** Of two frames that differ, nobody knows which is right. */
const MIN_FRAMES = 3;

/**
 * Entries of each frame's stars that are brighter than the median of the frames that show them by more than noise; ascending. A star that half of its frames or more show too
 * bright has none. The noise is that of
 * sky and photons, never less than what the scatter of stars as bright says.
 */
export function spoiltStars(frames: OneByOne<ScaledStars>): number[][] {
  const { start, value, shownBy } = lightByStar(frames);
  const stars = shownBy.length;
  const medians = new Float64Array(stars).fill(NaN);
  const spare = new Float64Array(frames.length);
  for (let star = 0; star < stars; star++)
    if (shownBy[star] >= MIN_FRAMES)
      medians[star] = medianBetween(value, start[star], start[star + 1], spare);
  const photons = photonNoise(
    oneByOne(frames.length, (f): ShownStars => {
      const { star, flux, sigma, gain } = frames.at(f)!;
      const sigmas = new Float32Array(flux.length).fill(sigma);
      return { flux, sigma: sigmas, model: (i) => medians[star[i]] / gain };
    }),
    RELATIVE_FLOOR,
  );
  /** How far the light of star `i` of a frame is above what all make it, in standard deviations; NaN where nothing tells. */
  const deviation = ({ star, flux, sigma, gain }: ScaledStars, i: number): number => {
    const expected = medians[star[i]] / gain;
    if (!(expected > 0)) return NaN;
    const floor = RELATIVE_FLOOR * expected;
    const variance = sigma * sigma + photons * expected + floor * floor;
    return (flux[i] - expected) / Math.sqrt(variance);
  };
  const octave = ({ star, gain }: ScaledStars, i: number): number =>
    octaveOf((medians[star[i]] / gain) * gain);
  const limits = limitsOf(frames, deviation, octave, value);
  const isBright = (frame: ScaledStars, i: number): boolean => {
    const of = deviation(frame, i);
    return of > SPOILT_SIGMA && of > limits[octave(frame, i)];
  };
  const bright = new Int32Array(stars);
  eachStar(frames, (frame, i) => {
    if (isBright(frame, i)) bright[frame.star[i]]++;
  });
  const isSpoilt = bright.map((count, star) =>
    Number(count > 0 && 2 * count < start[star + 1] - start[star]),
  );
  const spoilt = Array.from({ length: frames.length }, (): number[] => []);
  eachStar(frames, (frame, i, f) => {
    if (isSpoilt[frame.star[i]] && isBright(frame, i)) spoilt[f].push(i);
  });
  return spoilt;
}

/** All stars of all frames, frame by frame. */
function eachStar(
  frames: OneByOne<ScaledStars>,
  visit: (frame: ScaledStars, i: number, f: number) => void,
): void {
  for (let f = 0; f < frames.length; f++) {
    const frame = frames.at(f)!;
    for (let i = 0; i < frame.star.length; i++) visit(frame, i, f);
  }
}

const octaveOf = (light: number) => Math.floor(Math.log2(light)) + OCTAVE_OF_1;

/**
 * How many standard deviations stars of each octave of light may differ by: more where those as bright, to a factor of two, differ by more than their noise; Infinity where nothing tells.
 * `room`: for as many numbers as there are stars of all frames.
 */
function limitsOf(
  frames: OneByOne<ScaledStars>,
  deviation: (frame: ScaledStars, i: number) => number,
  octave: (frame: ScaledStars, i: number) => number,
  room: Float64Array,
): Float64Array {
  const ends = new Int32Array(OCTAVES + 1);
  eachStar(frames, (frame, i) => {
    if (!Number.isNaN(deviation(frame, i))) ends[octave(frame, i) + 1]++;
  });
  for (let k = 0; k < OCTAVES; k++) ends[k + 1] += ends[k];
  const next = ends.slice();
  eachStar(frames, (frame, i) => {
    const of = deviation(frame, i);
    if (!Number.isNaN(of)) room[next[octave(frame, i)]++] = Math.abs(of);
  });
  // 1.4826: the standard deviation of a normal distribution over its median absolute deviation
  const limitOf = (all: Float64Array) => Math.max(SPOILT_SIGMA, SPOILT_SCATTERS * 1.4826 * selectMedian(all));
  return Float64Array.from({ length: OCTAVES }, (_, k) =>
    ends[k + 1] > ends[k] ? limitOf(room.subarray(ends[k], ends[k + 1])) : Infinity,
  );
}

/** What the frames show of star s on the scale of all: from `value[start[s]]` to before `value[start[s + 1]]`; and how many frames show each, one that shows it twice, from two peaks of it, counted once. */
function lightByStar(frames: OneByOne<ScaledStars>) {
  let stars = 0;
  eachStar(frames, ({ star }, i) => (stars = Math.max(stars, star[i] + 1)));
  const start = new Int32Array(stars + 1);
  const shownBy = new Int32Array(stars);
  const lastFrame = new Int32Array(stars).fill(-1);
  eachStar(frames, ({ star }, i, f) => {
    start[star[i] + 1]++;
    if (lastFrame[star[i]] === f) return;
    lastFrame[star[i]] = f;
    shownBy[star[i]]++;
  });
  for (let s = 0; s < stars; s++) start[s + 1] += start[s];
  const next = start.slice();
  const value = new Float64Array(start[stars]);
  eachStar(frames, ({ star, flux, gain }, i) => (value[next[star[i]]++] = flux[i] * gain));
  return { start, value, shownBy };
}

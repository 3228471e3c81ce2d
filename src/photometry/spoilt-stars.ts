// Stars that one frame shows too bright: the trail of a satellite or a cosmic ray lies on them.
import { photonNoise } from './photon-noise.js';
import { selectMedian } from './select-median.js';

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
/** Of two frames that differ, nobody knows which is right. */
const MIN_FRAMES = 3;

/**
 * Entries of each frame's stars that are brighter than the median of the frames that show them by more than noise; ascending. A star that half of its frames or more show too
 * bright has none. The noise is that of
 * sky and photons, never less than what the scatter of stars as bright says.
 */
export function spoiltStars(frames: readonly ScaledStars[]): number[][] {
  const shown = observationsByStar(frames);
  const flux = Float64Array.from(shown.frame, (f, o) => frames[f].flux[shown.entry[o]] * frames[f].gain);
  const model = frames.map(({ star }) => new Float64Array(star.length).fill(NaN));
  for (let star = 0; star < shown.stars; star++) {
    const [from, to] = [shown.start[star], shown.start[star + 1]];
    if (framesOf(shown.frame, from, to) < MIN_FRAMES) continue;
    const median = selectMedian(flux.slice(from, to));
    for (let o = from; o < to; o++)
      model[shown.frame[o]][shown.entry[o]] = median / frames[shown.frame[o]].gain;
  }
  const photons = photonNoise(
    frames.map(({ flux: own, sigma }, f) => ({
      flux: own,
      sigma: new Float32Array(own.length).fill(sigma),
      model: model[f],
    })),
    RELATIVE_FLOOR,
  );
  const deviation = Float64Array.from(shown.frame, (f, o) => {
    const expected = model[f][shown.entry[o]];
    const variance = frames[f].sigma ** 2 + photons * expected + (RELATIVE_FLOOR * expected) ** 2;
    return expected > 0 ? (frames[f].flux[shown.entry[o]] - expected) / Math.sqrt(variance) : NaN;
  });
  const light = Float64Array.from(shown.frame, (f, o) => model[f][shown.entry[o]] * frames[f].gain);
  const limits = limitsOf(deviation, light);
  const spoilt = frames.map((): number[] => []);
  for (let star = 0; star < shown.stars; star++) {
    const [from, to] = [shown.start[star], shown.start[star + 1]];
    const bright: number[] = [];
    for (let o = from; o < to; o++) if (deviation[o] > limits(light[o])) bright.push(o);
    if (2 * bright.length >= to - from) continue;
    for (const o of bright) spoilt[shown.frame[o]].push(shown.entry[o]);
  }
  return spoilt.map((entries) => entries.sort((a, b) => a - b));
}

/** How many frames observations `from` to `to - 1` of a star are of: where peaks lie close, one frame shows it twice, one after the other. */
function framesOf(frame: Int32Array, from: number, to: number): number {
  let count = 0;
  for (let o = from; o < to; o++) if (o === from || frame[o] !== frame[o - 1]) count++;
  return count;
}

/** How many standard deviations stars of some light may differ by: more where those as bright as they differ by more than their noise. */
function limitsOf(deviation: Float64Array, light: Float64Array): (light: number) => number {
  const octave = (of: number) => Math.floor(Math.log2(of));
  const sizes = new Map<number, number>();
  for (let o = 0; o < deviation.length; o++) {
    if (Number.isNaN(deviation[o])) continue;
    const of = octave(light[o]);
    sizes.set(of, (sizes.get(of) ?? 0) + 1);
  }
  const alike = new Map([...sizes].map(([of, count]) => [of, { values: new Float64Array(count), count: 0 }]));
  for (let o = 0; o < deviation.length; o++) {
    if (Number.isNaN(deviation[o])) continue;
    const own = alike.get(octave(light[o]))!;
    own.values[own.count++] = Math.abs(deviation[o]);
  }
  // 1.4826: the standard deviation of a normal distribution over its median absolute deviation
  const limitOf = (all: Float64Array) => Math.max(SPOILT_SIGMA, SPOILT_SCATTERS * 1.4826 * selectMedian(all));
  const limits = new Map([...alike].map(([of, { values }]) => [of, limitOf(values)]));
  return (of) => limits.get(octave(of)) ?? Infinity;
}

/** What the frames show of star s: entry `entry[o]` of frame `frame[o]`, o from `start[s]` to `start[s + 1] - 1`. */
function observationsByStar(frames: readonly ScaledStars[]) {
  let stars = 0;
  let total = 0;
  for (const { star } of frames) {
    total += star.length;
    for (const s of star) stars = Math.max(stars, s + 1);
  }
  const start = new Int32Array(stars + 1);
  for (const { star } of frames) for (const s of star) start[s + 1]++;
  for (let s = 0; s < stars; s++) start[s + 1] += start[s];
  const next = start.slice();
  const [frame, entry] = [new Int32Array(total), new Int32Array(total)];
  frames.forEach(({ star }, f) =>
    star.forEach((s, i) => {
      frame[next[s]] = f;
      entry[next[s]++] = i;
    }),
  );
  return { stars, start, frame, entry };
}

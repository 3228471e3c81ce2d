// Stars that one frame shows too bright: the trail of a satellite or a cosmic ray lies on them.
import { photonNoise } from './photon-noise.js';
import { medianBetween, selectMedian } from './select-median.js';

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
export function spoiltStars(frames: readonly ScaledStars[]): number[][] {
  const shown = observationsByStar(frames);
  const { start, frame, entry } = shown;
  const total = frame.length;
  const flux = new Float64Array(total);
  for (let o = 0; o < total; o++) flux[o] = frames[frame[o]].flux[entry[o]] * frames[frame[o]].gain;
  const model = frames.map(({ star }) => new Float64Array(star.length).fill(NaN));
  const spare = new Float64Array(frames.length);
  for (let star = 0; star < shown.stars; star++) {
    const from = start[star];
    const to = start[star + 1];
    if (framesOf(frame, from, to) < MIN_FRAMES) continue;
    const median = medianBetween(flux, from, to, spare);
    for (let o = from; o < to; o++) model[frame[o]][entry[o]] = median / frames[frame[o]].gain;
  }
  const photons = photonNoise(
    frames.map(({ flux: own, sigma }, f) => ({
      flux: own,
      sigma: new Float32Array(own.length).fill(sigma),
      model: model[f],
    })),
    RELATIVE_FLOOR,
  );
  const deviation = new Float64Array(total).fill(NaN);
  const light = new Float64Array(total);
  for (let o = 0; o < total; o++) {
    const of = frames[frame[o]];
    const expected = model[frame[o]][entry[o]];
    light[o] = expected * of.gain;
    if (!(expected > 0)) continue;
    const floor = RELATIVE_FLOOR * expected;
    const variance = of.sigma * of.sigma + photons * expected + floor * floor;
    deviation[o] = (of.flux[entry[o]] - expected) / Math.sqrt(variance);
  }
  const limit = limitsOf(deviation, light);
  const spoilt = frames.map((): number[] => []);
  for (let star = 0; star < shown.stars; star++) {
    const from = start[star];
    const to = start[star + 1];
    let bright = 0;
    for (let o = from; o < to; o++) if (deviation[o] > limit[o]) bright++;
    if (bright === 0 || 2 * bright >= to - from) continue;
    for (let o = from; o < to; o++) if (deviation[o] > limit[o]) spoilt[frame[o]].push(entry[o]);
  }
  return spoilt.map((entries) => entries.sort((a, b) => a - b));
}

/** How many frames observations `from` to `to - 1` of a star are of: where peaks lie close, one frame shows it twice, one after the other. */
function framesOf(frame: Int32Array, from: number, to: number): number {
  let count = 0;
  for (let o = from; o < to; o++) if (o === from || frame[o] !== frame[o - 1]) count++;
  return count;
}

/** How many standard deviations each star may differ by: more where those as bright as it, to a factor of two, differ by more than their noise; Infinity where nothing tells. */
function limitsOf(deviation: Float64Array, light: Float64Array): Float64Array {
  const sizes = new Int32Array(OCTAVES);
  const octave = new Int32Array(deviation.length).fill(-1);
  for (let o = 0; o < deviation.length; o++) {
    if (Number.isNaN(deviation[o])) continue;
    octave[o] = Math.floor(Math.log2(light[o])) + OCTAVE_OF_1;
    sizes[octave[o]]++;
  }
  const alike = Array.from(sizes, (count) => new Float64Array(count));
  for (let o = 0; o < deviation.length; o++)
    if (octave[o] >= 0) alike[octave[o]][--sizes[octave[o]]] = Math.abs(deviation[o]);
  // 1.4826: the standard deviation of a normal distribution over its median absolute deviation
  const limitOf = (all: Float64Array) => Math.max(SPOILT_SIGMA, SPOILT_SCATTERS * 1.4826 * selectMedian(all));
  const limits = alike.map((all) => (all.length > 0 ? limitOf(all) : Infinity));
  const limit = new Float64Array(deviation.length).fill(Infinity);
  for (let o = 0; o < limit.length; o++) if (octave[o] >= 0) limit[o] = limits[octave[o]];
  return limit;
}

/** What the frames show of star s: entry `entry[o]` of frame `frame[o]`, o from `start[s]` to `start[s + 1] - 1`. */
function observationsByStar(frames: readonly ScaledStars[]) {
  let stars = 0;
  let total = 0;
  for (const { star } of frames) {
    total += star.length;
    for (let i = 0; i < star.length; i++) if (star[i] >= stars) stars = star[i] + 1;
  }
  const start = new Int32Array(stars + 1);
  for (const { star } of frames) for (let i = 0; i < star.length; i++) start[star[i] + 1]++;
  for (let s = 0; s < stars; s++) start[s + 1] += start[s];
  const next = start.slice();
  const [frame, entry] = [new Int32Array(total), new Int32Array(total)];
  for (let f = 0; f < frames.length; f++) {
    const { star } = frames[f];
    for (let i = 0; i < star.length; i++) {
      const at = next[star[i]]++;
      frame[at] = f;
      entry[at] = i;
    }
  }
  return { stars, start, frame, entry };
}

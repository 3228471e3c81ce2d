// The stars of a gain solve, each with what the frames show of it: their fluxes, and how much they tell of gains.
import type { FrameLevels } from './level-observations.js';
import type { LevelSolution } from './level-solve.js';
import { sharedPasses } from '../simd/sample-passes.js';

/** Residuals beyond this many robust sigmas count nothing (Tukey's biweight at 95 % efficiency). */
const TUKEY = 4.685;
/** Frames that agree better than their noise (copies of one frame) tell no more than this: weights without bounds would be lost in their own rounding. */
const MIN_SCALE = 0.01;

/**
 * Observations by star instead of by frame. `lists[f]` has the stars of frame f (`node`), their ln flux (`level`) and its standard deviation (`sigma`); the solution has
 * the frames' gains as the first of six coefficients each, and the scale that residuals have beyond their noise.
 */
export class StarColumns {
  readonly #frames: number;
  /** Observations of star s: from `#start[s]` to `#start[s + 1] - 1`, with their frame, the star's ln flux by it, its sigma. */
  readonly #start: Int32Array;
  readonly #frame: Int32Array;
  readonly #value: Float64Array;
  readonly #sigma: Float64Array;
  /** Weights as inverse variances, and robust mean per star, of one robust step from the median. */
  readonly #weight: Float64Array;
  readonly #mean: Float64Array;

  constructor(lists: readonly FrameLevels[], { coefficients, residualScale }: LevelSolution) {
    this.#frames = lists.length;
    const scale = Math.max(residualScale, MIN_SCALE);
    let stars = 0;
    let total = 0;
    for (const { node } of lists) {
      total += node.length;
      for (const star of node) if (star >= stars) stars = star + 1;
    }
    const start = new Int32Array(stars + 1);
    for (const { node } of lists) for (const star of node) start[star + 1]++;
    for (let s = 0; s < stars; s++) start[s + 1] += start[s];
    const next = start.slice();
    this.#start = start;
    this.#frame = new Int32Array(total);
    this.#value = new Float64Array(total);
    this.#sigma = new Float64Array(total);
    this.#weight = new Float64Array(total);
    this.#mean = new Float64Array(stars);
    const [frames, values, sigmas] = [this.#frame, this.#value, this.#sigma];
    for (let f = 0; f < lists.length; f++) {
      const { node, level, sigma } = lists[f];
      const own = coefficients[6 * f];
      for (let i = 0; i < node.length; i++) {
        const at = next[node[i]]++;
        frames[at] = f;
        values[at] = level[i] - own;
        sigmas[at] = sigma[i] * scale;
      }
    }
    this.#weigh();
  }

  /** Robust mean of ln flux per star on the common scale; NaN for a star that no frame shows. */
  means(): Float64Array {
    return this.#mean;
  }

  /** Stars per frame that other frames show too. */
  sharedStars(): Int32Array {
    const [start, frame] = [this.#start, this.#frame];
    const shared = new Int32Array(this.#frames);
    for (let star = 0; star + 1 < start.length; star++)
      if (start[star + 1] - start[star] > 1)
        for (let o = start[star]; o < start[star + 1]; o++) shared[frame[o]]++;
    return shared;
  }

  /** What the shared stars tell of ln gains, per frame (their fluxes being known) and as `[groups, groups]` of groups (their fluxes being free). */
  information(group: Int32Array): { information: Float64Array; groupInformation: Float64Array } {
    const groups = group.reduce((most, g) => Math.max(most, g + 1), 0);
    const information = new Float64Array(this.#frames);
    const groupInformation = new Float64Array(groups * groups);
    const inGroup = new Float64Array(groups);
    const isMember = new Uint8Array(groups);
    const members = new Int32Array(groups);
    const [start, frame, weight] = [this.#start, this.#frame, this.#weight];
    for (let star = 0; star + 1 < start.length; star++) {
      const [from, to] = [start[star], start[star + 1]];
      if (to - from < 2) continue;
      let count = 0;
      let sum = 0;
      for (let o = from; o < to; o++) {
        const w = weight[o];
        const g = group[frame[o]];
        information[frame[o]] += w;
        if (!isMember[g]) {
          isMember[g] = 1;
          members[count++] = g;
        }
        inGroup[g] += w;
        sum += w;
      }
      for (let k = 0; k < count && sum > 0; k++) {
        const row = members[k] * groups;
        const own = inGroup[members[k]];
        groupInformation[row + members[k]] += own;
        for (let l = 0; l < count; l++)
          groupInformation[row + members[l]] -= (own * inGroup[members[l]]) / sum;
      }
      for (let k = 0; k < count; k++) inGroup[members[k]] = isMember[members[k]] = 0;
    }
    return { information, groupInformation };
  }

  #weigh(): void {
    const stars = this.#mean.length;
    const memory = sharedPasses();
    const given = [this.#start, this.#value, this.#sigma, this.#weight].map((values) => {
      const at = memory.take(values.byteLength);
      return { values, at };
    });
    const [mean, spare] = [memory.take(8 * stars), memory.take(16 * this.#value.length)];
    const { buffer, passes } = memory;
    for (const { values, at } of given)
      new Uint8Array(buffer, at).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const [start, value, sigma, weight] = given.map(({ at }) => at);
    passes.starMeans(start, value, sigma, weight, mean, stars, TUKEY, spare);
    this.#weight.set(new Float64Array(buffer, weight, this.#weight.length));
    this.#mean.set(new Float64Array(buffer, mean, stars));
  }
}

// The stars of a gain solve, each with what the frames show of it: their fluxes, and how much they tell of gains.
import type { FrameLevels } from './level-observations.js';
import type { LevelSolution } from './level-solve.js';
import { selectMedian } from './select-median.js';

/** Residuals beyond this many robust sigmas count nothing (Tukey's biweight at 95 % efficiency). */
const TUKEY = 4.685;
/** Frames that agree better than their noise (copies of one frame) tell no more than this: weights without bounds would be lost in their own rounding. */
const MIN_SCALE = 0.01;

export class StarColumns {
  readonly #lists: readonly FrameLevels[];
  readonly #logs: Float64Array;
  readonly #scale: number;
  /** Observations of star s: `#frame` and `#entry` (into the frame's list) from `#start[s]` to `#start[s + 1] - 1`. */
  readonly #start: Int32Array;
  readonly #frame: Int32Array;
  readonly #entry: Int32Array;

  constructor(lists: readonly FrameLevels[], { coefficients, residualScale }: LevelSolution) {
    this.#lists = lists;
    this.#logs = Float64Array.from(lists, (_, f) => coefficients[6 * f]);
    this.#scale = Math.max(residualScale, MIN_SCALE);
    let stars = 0;
    let total = 0;
    for (const { node } of lists) {
      total += node.length;
      for (const star of node) stars = Math.max(stars, star + 1);
    }
    this.#start = new Int32Array(stars + 1);
    for (const { node } of lists) for (const star of node) this.#start[star + 1]++;
    for (let s = 0; s < stars; s++) this.#start[s + 1] += this.#start[s];
    const next = this.#start.slice();
    this.#frame = new Int32Array(total);
    this.#entry = new Int32Array(total);
    lists.forEach(({ node }, f) => {
      for (let i = 0; i < node.length; i++) {
        const at = next[node[i]]++;
        this.#frame[at] = f;
        this.#entry[at] = i;
      }
    });
  }

  /** Robust mean of ln flux per star on the common scale; NaN for a star that no frame shows. */
  means(): Float64Array {
    return Float64Array.from({ length: this.#start.length - 1 }, (_, star) => this.#weigh(star).mean);
  }

  /** Stars per frame that other frames show too. */
  sharedStars(): Int32Array {
    return Int32Array.from(this.#lists, ({ node }) =>
      node.reduce((count, s) => count + (this.#start[s + 1] - this.#start[s] > 1 ? 1 : 0), 0),
    );
  }

  /** What the shared stars tell of ln gains, per frame (their fluxes being known) and as `[groups, groups]` of groups (their fluxes being free). */
  information(group: Int32Array): { information: Float64Array; groupInformation: Float64Array } {
    const groups = group.reduce((most, g) => Math.max(most, g + 1), 0);
    const information = new Float64Array(this.#lists.length);
    const groupInformation = new Float64Array(groups * groups);
    const inGroup = new Float64Array(groups);
    for (let star = 0; star + 1 < this.#start.length; star++) {
      const [from, to] = [this.#start[star], this.#start[star + 1]];
      if (to - from < 2) continue;
      const { weight } = this.#weigh(star);
      const members: number[] = [];
      let sum = 0;
      for (let o = from; o < to; o++) {
        const w = weight[o - from];
        const g = group[this.#frame[o]];
        information[this.#frame[o]] += w;
        if (!members.includes(g)) members.push(g);
        inGroup[g] += w;
        sum += w;
      }
      if (sum > 0) {
        for (const g of members) {
          groupInformation[g * groups + g] += inGroup[g];
          for (const h of members) groupInformation[g * groups + h] -= (inGroup[g] * inGroup[h]) / sum;
        }
      }
      for (const g of members) inGroup[g] = 0;
    }
    return { information, groupInformation };
  }

  /** One robust step from the median: mean of ln flux, and the weights of the observations as inverse variances. */
  #weigh(star: number): { mean: number; weight: Float64Array } {
    const [from, to] = [this.#start[star], this.#start[star + 1]];
    const value = new Float64Array(to - from);
    for (let o = from; o < to; o++)
      value[o - from] = this.#lists[this.#frame[o]].level[this.#entry[o]] - this.#logs[this.#frame[o]];
    const weight = new Float64Array(to - from);
    if (to === from) return { mean: NaN, weight };
    const median = selectMedian(value.slice());
    let sum = 0;
    let total = 0;
    for (let o = from; o < to; o++) {
      const sigma = this.#lists[this.#frame[o]].sigma[this.#entry[o]] * this.#scale;
      const z = (value[o - from] - median) / (sigma * TUKEY);
      if (!(Math.abs(z) < 1)) continue;
      const w = ((1 - z * z) / sigma) ** 2;
      weight[o - from] = w;
      sum += w * value[o - from];
      total += w;
    }
    return { mean: total > 0 ? sum / total : median, weight };
  }
}

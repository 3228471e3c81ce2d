// The stars of a gain solve, each with what the frames show of it: their fluxes, and how much they tell of gains.
import type { Observations } from '../levels/level-observations.js';
import type { LevelSolution } from '../levels/level-solve.js';

/** Residuals beyond this many robust sigmas count nothing (Tukey's biweight at 95 % efficiency). */
const TUKEY = 4.685;
/** Frames that agree better than their noise (copies of one frame) tell no more than this: weights without bounds would be lost in their own rounding. */
const MIN_SCALE = 0.01;
/** Place of the number of groups in the record that the passes take, bytes. */
const GROUPS = 8;

/**
 * Observations by star instead of by frame: stars are their nodes, ln fluxes their levels. The solution has the frames' gains as the first of six coefficients each, and the scale
 * that residuals have beyond their noise. Takes of the observations' memory, 8 bytes for each of them; the passes stand in `src/simd/assembly/plan/star-columns.ts`.
 */
export class StarColumns {
  readonly #obs: Observations;
  readonly #problem: number;

  constructor(obs: Observations, { coefficients, residualScale }: LevelSolution) {
    const { memory, frames, nodes: stars, count, nodeOf, at } = obs;
    this.#obs = obs;
    const [turn, from] = [memory.take(4 * stars), memory.take(4 * (stars + 1))];
    const [frame, entry] = [memory.take(4 * count), memory.take(4 * count)];
    const [own, limits] = [memory.take(8 * frames), memory.take(16)];
    const most = new Uint32Array(memory.buffer, at.seen, stars).reduce((n, seen) => Math.max(n, seen), 0);
    const room = () => memory.take(8 * most);
    const ofOneStar = [room(), room(), room(), memory.take(16 * most)];
    const fields = [
      ...[frames, stars, 0, at.start, at.node, at.level, at.sigma],
      ...[turn, own, from, frame, entry, ...ofOneStar, limits],
    ];
    this.#problem = memory.take(4 * fields.length);
    const { buffer } = memory;
    new Uint32Array(buffer, this.#problem, fields.length).set(fields);
    new Float64Array(buffer, limits, 2).set([Math.max(residualScale, MIN_SCALE), TUKEY]);
    const turns = new Uint32Array(buffer, turn, stars);
    let next = 0;
    for (const star of nodeOf) if (star >= 0) turns[next++] = star;
    const owns = new Float64Array(buffer, own, frames);
    for (let f = 0; f < frames; f++) owns[f] = coefficients[6 * f];
    memory.passes.starsSort(this.#problem);
  }

  /** Robust mean of ln flux on the common scale, by the stars' own numbers; NaN for a star that no frame shows. */
  means(): Float64Array {
    const { memory, nodes: stars, nodeOf } = this.#obs;
    return memory.within(() => {
      const at = memory.take(8 * stars);
      memory.passes.starMeans(this.#problem, at);
      const means = new Float64Array(memory.buffer, at, stars);
      return Float64Array.from(nodeOf, (star) => (star >= 0 ? means[star] : NaN));
    });
  }

  /** Stars per frame that other frames show too. */
  sharedStars(): Int32Array {
    const { memory, frames } = this.#obs;
    return memory.within(() => {
      const at = memory.take(4 * frames);
      const shared = new Int32Array(memory.buffer, at, frames).fill(0);
      memory.passes.starsShared(this.#problem, at);
      return shared.slice();
    });
  }

  /** What the shared stars tell of ln gains, per frame (their fluxes being known) and as `[groups, groups]` of groups (their fluxes being free). */
  information(group: Int32Array): { information: Float64Array; groupInformation: Float64Array } {
    const { memory, frames } = this.#obs;
    const groups = group.reduce((most, g) => Math.max(most, g + 1), 0);
    return memory.within(() => {
      const doubles = (length: number) => memory.take(8 * length);
      const [ofFrames, ofGroups, inGroup] = [doubles(frames), doubles(groups * groups), doubles(groups)];
      const [members, groupOf] = [memory.take(4 * groups), memory.put(group)];
      const { buffer } = memory;
      const information = new Float64Array(buffer, ofFrames, frames).fill(0);
      const groupInformation = new Float64Array(buffer, ofGroups, groups * groups).fill(0);
      new Float64Array(buffer, inGroup, groups).fill(-1);
      new Uint32Array(buffer, this.#problem + GROUPS, 1)[0] = groups;
      memory.passes.starsTell(this.#problem, groupOf, ofFrames, ofGroups, inGroup, members);
      return { information: information.slice(), groupInformation: groupInformation.slice() };
    });
  }
}

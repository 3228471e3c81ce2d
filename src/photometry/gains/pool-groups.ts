// Ln gains of groups of frames in all channels, whose stars at common borders tell how groups differ.
import { likeliestWidth } from './likeliest-width.js';
import { factorBlock, solveBlock } from '../small-cholesky.js';

export interface PooledGroups {
  /** `[channel][group]`. */
  readonly levels: readonly Float64Array[];
  /** Number of the part that each group hangs together with, in any channel. */
  readonly part: Int32Array;
  /** Likeliest width of the groups' colours. */
  readonly width: number;
}

/** Inverse variance of what nothing is known of, such as the common level of a part. */
const FREE = 1;
/** Width of what air is expected to colour groups by (haze, an hour's change of height): few stars at a border would have their noise taken for more, many outweigh it. */
const EXPECTED_WIDTH = 0.015;
/** Stands for a width of 0. */
const NARROWEST = 1e-5;

/**
 * `levels[channel][group]` with `information[channel]` as their inverse covariances (`[groups, groups]`, singular: a part as a whole is free in each channel) become the
 * likeliest under grey(group) + colour(group, channel) + what is common to a part and channel, colours of one width about 0, greys free; the width is the one that makes the
 * levels likeliest, given what air is expected to do.
 */
export function poolGroups(
  levels: readonly Float64Array[],
  information: readonly Float64Array[],
): PooledGroups {
  const channels = levels.length;
  const groups = levels[0].length;
  const part = partsOf(information, groups);
  const parts = part.reduce((most, p) => Math.max(most, p + 1), 0);
  const size = channels * (groups + parts);
  const right = new Float64Array(size);
  levels.forEach((of, c) => {
    for (let g = 0; g < groups; g++)
      for (let h = 0; h < groups; h++) right[c * groups + g] += information[c][g * groups + h] * of[h];
  });
  const common = (c: number, g: number) => channels * groups + c * parts + part[g];
  const solved = (width: number) => {
    const precision = 1 / Math.max(width, NARROWEST) ** 2;
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) matrix[i * size + i] = FREE;
    for (let c = 0; c < channels; c++)
      for (let g = 0; g < groups; g++) {
        for (let h = 0; h < groups; h++)
          matrix[(c * groups + g) * size + c * groups + h] += information[c][g * groups + h];
        for (let d = 0; d < channels; d++) {
          const of = precision * ((c === d ? 1 : 0) - 1 / channels);
          for (const [i, signI] of [
            [c * groups + g, 1],
            [common(c, g), -1],
          ])
            for (const [j, signJ] of [
              [d * groups + g, 1],
              [common(d, g), -1],
            ])
              matrix[i * size + j] += signI * signJ * of;
        }
      }
    factorBlock(matrix, 0, size);
    const x = right.slice();
    solveBlock(matrix, 0, size, x, 0);
    let logLikelihood = 0.5 * groups * (channels - 1) * Math.log(precision);
    for (let i = 0; i < size; i++) logLikelihood += 0.5 * right[i] * x[i] - Math.log(matrix[i * size + i]);
    return { x, logLikelihood };
  };
  const width = likeliestWidth((of) => solved(of).logLikelihood - 0.5 * (of / EXPECTED_WIDTH) ** 2);
  const { x } = solved(width);
  return { levels: levels.map((_, c) => x.slice(c * groups, (c + 1) * groups)), part, width };
}

/** Groups that tell of each other in any channel, numbered in order of appearance. */
function partsOf(information: readonly Float64Array[], groups: number): Int32Array {
  const part = new Int32Array(groups).fill(-1);
  let parts = 0;
  for (let first = 0; first < groups; first++) {
    if (part[first] >= 0) continue;
    const open = [first];
    part[first] = parts++;
    for (let g = open.pop(); g !== undefined; g = open.pop())
      for (let h = 0; h < groups; h++) {
        if (part[h] >= 0 || information.every((of) => of[g * groups + h] === 0)) continue;
        part[h] = part[g];
        open.push(h);
      }
  }
  return part;
}

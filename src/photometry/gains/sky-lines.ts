// Gain of each frame by a straight line between its levels and the sky that all frames see at the same places.
import { frameComponents, type FrameLevels } from '../levels/level-observations.js';
import { LEVEL_POLYNOMIAL_TERMS, levelAt } from '../levels/level-polynomial.js';
import { solveLevels, type LevelSolution } from '../levels/level-solve.js';
import { medianOf } from '../mesh-repair.js';
import { selectMedian, selectRank } from '../select-median.js';

export interface SkyLines {
  /** Factor per frame that brings its levels to the common scale; NaN where the sky tells none. */
  readonly gains: Float64Array;
  /** Frames whose gain the sky does not tell to 5 %: it is flat there, or the line rests on one corner, or nothing is shared. */
  readonly flat: readonly number[];
  /** Frames whose line is so steep or so shallow that it is no transparency; their gain is not used. */
  readonly unlikely: readonly number[];
  /** Ratio of the residuals' robust scale to the given sigmas. */
  readonly residualScale: number;
}

/** Standard deviation of ln gain beyond which a line tells less than to take fluxes as they are. */
const LARGEST_ERROR = 0.05;
/** Gains farther than this factor from what exposures say are none. */
const UNLIKELY_RATIO = 5;
/** Width of what a round may change a gain by: keeps lines over flat sky from running away before they are judged. */
const STEP_WIDTH = 0.3;
const MAX_ROUNDS = 12;
/** Degree of the surfaces that are taken off. */
const SURFACE = 1;
/** Change of a gain below which another round would not be seen. */
const SETTLED = 5e-4;
/** Side of the lattice over a frame of which each cell is left out once to see what the line rests on. */
const CELLS = 3;
/** Of levels that are scaled to the sky, on the sky as the others see it. */
const LEAST_SLOPE = 0.5;
/** Residuals beyond this many robust sigmas count less. */
const HUBER = 1.5;

/**
 * gain * level = S[node] + offset + gradient, for all frames at once. The sky S of one round is the abscissa of the next, in which the level solve finds what
 * multiple of it each frame has too much: a robust line a frame, through chains of overlaps. A node's mean and the differences of the frames about it have no
 * noise in common, so noise in S slows a round and does not flatten the lines. Surfaces of the frames' own skies would pass for gains where panels overlap: they
 * are solved in turn with the lines and taken off.
 * `lists`: levels over what exposures let expect. Gauge: in each connected part the median gain is 1.
 */
export function solveSkyLines(lists: readonly FrameLevels[]): SkyLines {
  const { component, count } = frameComponents(lists);
  const gains = new Float64Array(lists.length).fill(1);
  let scaled = evened(lists);
  let solution = solveLevels(scaled, { order: 0 });
  let sky = skyOf(scaled, solution);
  for (let round = 0, change = 1; round < MAX_ROUNDS && change > SETTLED; round++) {
    const { centre, span } = sky;
    if (!(span > 0)) break;
    const against = scaled.map((list) => ({
      ...list,
      // what one frame alone sees tells nothing, and is left out
      level: list.level.map((v, i) => (Number.isNaN(sky.level[list.node[i]]) ? NaN : v)),
      x: Float32Array.from(list.node, (n) => (sky.level[n] - centre) / span),
      y: new Float32Array(list.node.length),
    }));
    const width = STEP_WIDTH * span;
    solution = solveLevels(against, { order: 1, widths: [width, width] });
    const steps = lists.map((_, f) => 1 + solution.coefficients[LEVEL_POLYNOMIAL_TERMS * f + 1] / span);
    const middles = mediansOf(steps, component, count);
    change = 0;
    for (let f = 0; f < gains.length; f++) {
      const step = Math.min(2, Math.max(0.5, steps[f] / middles[component[f]]));
      gains[f] /= step;
      change = Math.max(change, Math.abs(step - 1));
    }
    scaled = evened(lists.map((list, f) => times(list, gains[f])));
    sky = skyOf(scaled, solveLevels(scaled, { order: 0 }));
  }
  return judged(scaled, gains, component, count, sky, solution.residualScale);
}

/** Levels without the surfaces that the frames have about each other; what they have in common with the sky stays in it. */
function evened(lists: readonly FrameLevels[]): FrameLevels[] {
  const { coefficients } = solveLevels(lists, { order: SURFACE });
  return lists.map((list, f) => {
    const level = new Float32Array(list.level.length);
    for (let i = 0; i < level.length; i++)
      level[i] =
        list.level[i] -
        levelAt(coefficients, f * LEVEL_POLYNOMIAL_TERMS, LEVEL_POLYNOMIAL_TERMS, list.x[i], list.y[i]);
    return { ...list, level };
  });
}

/** Gains that the sky tells, their median 1 in each part. */
function judged(
  scaled: readonly FrameLevels[],
  gains: Float64Array,
  component: Int32Array,
  count: number,
  sky: Sky,
  residualScale: number,
): SkyLines {
  const flat: number[] = [];
  const unlikely: number[] = [];
  const told = gains.map((gain, f) => {
    if (!(slopeError(scaled[f], sky) <= LARGEST_ERROR)) {
      flat.push(f);
      return NaN;
    }
    return gain;
  });
  const middles = mediansOf([...told], component, count);
  for (let f = 0; f < told.length; f++) {
    if (Number.isNaN(told[f])) continue;
    // one alone is compared with nothing
    if (!told.some((gain, g) => g !== f && component[g] === component[f] && !Number.isNaN(gain))) {
      flat.push(f);
      told[f] = NaN;
      continue;
    }
    told[f] /= middles[component[f]];
    if (Math.abs(Math.log(told[f])) <= Math.log(UNLIKELY_RATIO)) continue;
    unlikely.push(f);
    told[f] = NaN;
  }
  return { gains: told, flat, unlikely, residualScale };
}

/** Median of each part's values that are not NaN; 1 without any. */
function mediansOf(values: readonly number[], component: Int32Array, count: number): number[] {
  return Array.from({ length: count }, (_, part) => {
    const own = values.filter((v, f) => component[f] === part && !Number.isNaN(v));
    return own.length > 0 ? medianOf(own) : 1;
  });
}

const times = (list: FrameLevels, gain: number): FrameLevels => ({
  ...list,
  level: list.level.map((v) => v * gain),
  sigma: list.sigma.map((v) => v * gain),
});

/** Mean level of each node over the frames, their surfaces subtracted; NaN where fewer than two see it. */
interface Sky {
  readonly level: Float64Array;
  /** Inverse variance of each. */
  readonly weight: Float64Array;
  readonly centre: number;
  /** Half of the range that nine tenths of the nodes lie in, ADU. */
  readonly span: number;
}

function skyOf(lists: readonly FrameLevels[], { coefficients }: LevelSolution): Sky {
  const nodes = 1 + lists.reduce((most, { node }) => node.reduce((a, n) => Math.max(a, n), most), -1);
  const [sums, weights, seen] = [new Float64Array(nodes), new Float64Array(nodes), new Int32Array(nodes)];
  lists.forEach(({ node, level, sigma, x, y }, f) => {
    for (let i = 0; i < node.length; i++) {
      const at = LEVEL_POLYNOMIAL_TERMS * f;
      const value = level[i] - levelAt(coefficients, at, LEVEL_POLYNOMIAL_TERMS, x[i], y[i]);
      const weight = 1 / (sigma[i] * sigma[i]);
      if (!Number.isFinite(value) || !Number.isFinite(weight)) continue;
      sums[node[i]] += weight * value;
      weights[node[i]] += weight;
      seen[node[i]]++;
    }
  });
  const level = sums.map((sum, n) => (seen[n] > 1 ? sum / weights[n] : NaN));
  const known = level.filter((v) => !Number.isNaN(v));
  if (known.length === 0) return { level, weight: weights, centre: 0, span: 0 };
  const rank = (part: number) => selectRank(known, Math.floor(part * (known.length - 1)));
  return { level, weight: weights, centre: rank(0.5), span: 0.5 * (rank(0.95) - rank(0.05)) };
}

/**
 * Relative standard deviation of the slope of a frame's levels on the sky as the others see it, both less a surface of their own, by leaving out each cell of
 * the frame in turn (jackknife): clouds, which noise does not tell of, count too. Infinite where it cannot be told, for the sky is as even as its noise.
 */
function slopeError(list: FrameLevels, sky: Sky): number {
  const { s, l, w, x, y } = sharedWith(list, sky);
  if (s.length === 0) return Infinity;
  takeSurface([s, l], w, x, y);
  const [column, row] = [cellsOf(x), cellsOf(y)];
  const [squares, products] = [new Float64Array(CELLS * CELLS), new Float64Array(CELLS * CELLS)];
  for (let i = 0; i < s.length; i++) {
    const cell = row[i] * CELLS + column[i];
    squares[cell] += w[i] * s[i] * s[i];
    products[cell] += w[i] * s[i] * l[i];
  }
  const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const used = [...squares.keys()].filter((cell) => squares[cell] > 0);
  if (used.length < CELLS) return Infinity;
  const [allSquares, allProducts] = [total(squares), total(products)];
  const slopes = Float64Array.from(
    used,
    (cell) => (allProducts - products[cell]) / (allSquares - squares[cell]),
  );
  const mean = total(slopes) / slopes.length;
  const spread = total(slopes.map((slope) => (slope - mean) ** 2));
  // noise of the sky flattens this slope (not the solve's): by half where there is as much of it as of light
  return mean > LEAST_SLOPE ? Math.sqrt((spread * (slopes.length - 1)) / slopes.length) / mean : Infinity;
}

/** Takes from each of the columns its weighted best surface of second degree (Gram-Schmidt). */
function takeSurface(
  columns: readonly Float64Array[],
  w: Float64Array,
  x: Float64Array,
  y: Float64Array,
): void {
  const terms = [x.map(() => 1), x.slice(), y.slice(), x.map((v) => v * v), x.map((v, i) => v * y[i])];
  terms.push(y.map((v) => v * v));
  for (const [k, term] of terms.entries()) {
    const norm = term.reduce((sum, v, i) => sum + w[i] * v * v, 0);
    if (!(norm > 0)) continue;
    for (const column of [...terms.slice(k + 1), ...columns]) {
      const factor = column.reduce((sum, v, i) => sum + w[i] * v * term[i], 0) / norm;
      for (let i = 0; i < column.length; i++) column[i] -= factor * term[i];
    }
  }
}

/** The nodes that others see too: sky s by these others and level l, ADU, positions, and weights w that let what lies far off (Huber) count less. */
function sharedWith({ node, level, sigma, x, y }: FrameLevels, sky: Sky) {
  const at = Int32Array.from(node.keys()).filter(
    (i) => Number.isFinite(sky.level[node[i]]) && Number.isFinite(level[i]) && sigma[i] > 0,
  );
  const pick = (value: (i: number) => number) => Float64Array.from(at, value);
  const off = pick((i) => level[i] - sky.level[node[i]]);
  const middle = off.length > 0 ? selectMedian(off.slice()) : 0;
  const distance = off.map((v) => Math.abs(v - middle));
  const limit = distance.length > 0 ? HUBER * 1.4826 * selectMedian(distance.slice()) : 0;
  const own = pick((i) => 1 / (sigma[i] * sigma[i]));
  return {
    s: pick((i) => sky.level[node[i]] - sky.centre).map((v, k) => {
      const all = sky.weight[node[at[k]]];
      return v - (own[k] * (off[k] - middle)) / Math.max(all - own[k], 1e-3 * all);
    }),
    l: pick((i) => level[i] - sky.centre - middle),
    w: own.map((v, k) => v * Math.min(1, limit / (distance[k] || 1e-30))),
    x: pick((i) => x[i]),
    y: pick((i) => y[i]),
  };
}

/** Which of `CELLS` equal parts of their range the values lie in. */
function cellsOf(values: Float64Array): Int32Array {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const width = (values.reduce((a, b) => Math.max(a, b), -Infinity) - least) / CELLS || 1;
  return Int32Array.from(values, (v) => Math.min(CELLS - 1, Math.floor((v - least) / width)));
}

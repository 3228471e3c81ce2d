// Stars of a gain solve, each with what the frames show of it: `src/photometry/gains/star-columns.ts`. Observations are those that `levelGather` leaves.
import { medianOf } from '../select';
import { addF64, f32At, f64At, putF64, putU32, u32At } from '../words';

/** Sizes and addresses: `src/photometry/gains/star-columns.ts` makes this record. */
@unmanaged
export class StarProblem {
  frames: u32;
  stars: u32;
  groups: u32;
  /** u32 [frames + 1] */
  start: usize;
  /** u32 [observations]: the star, from 0. */
  star: usize;
  /** f32 [observations] */
  level: usize;
  sigma: usize;
  /** u32 [stars]: in which order stars are taken. */
  turn: usize;
  /** f64 [frames]: what of a level is the frame's. */
  own: usize;
  /** u32 [stars + 1]: observations by star, those of star s from `from[s]` on; u32 [observations], their frames and numbers. */
  from: usize;
  frame: usize;
  entry: usize;
  /** f64, of the observations of one star, twice as many in `spare`. */
  value: usize;
  error: usize;
  weight: usize;
  spare: usize;
  /** Scale of residuals in units of sigma, and how many of them a residual may have: f64 [2]. */
  limits: usize;
}

/** Sorts observations by star; those of a star stay in the order of the frames. */
export function starsSort(problem: usize): void {
  const q = changetype<StarProblem>(problem);
  const count = u32At(q.start, q.frames);
  memory.fill(q.from, 0, (<usize>q.stars + 1) << 2);
  for (let o: u32 = 0; o < count; o++) {
    const next = u32At(q.star, o) + 1;
    putU32(q.from, next, u32At(q.from, next) + 1);
  }
  for (let s: u32 = 0; s < q.stars; s++) putU32(q.from, s + 1, u32At(q.from, s + 1) + u32At(q.from, s));
  for (let f: u32 = 0; f < q.frames; f++) {
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const s = u32At(q.star, o);
      const at = u32At(q.from, s);
      putU32(q.frame, at, f);
      putU32(q.entry, at, o);
      putU32(q.from, s, at + 1);
    }
  }
  // each ends where the next begins
  for (let s = q.stars; s > 0; s--) putU32(q.from, s, u32At(q.from, s - 1));
  putU32(q.from, 0, 0);
}

/** Means of all stars, to `mean`: f64 [stars]. */
export function starMeans(problem: usize, mean: usize): void {
  const q = changetype<StarProblem>(problem);
  for (let s: u32 = 0; s < q.stars; s++) putF64(mean, s, weigh(q, s));
}

/** Stars of each frame that others show too, or it shows twice, to `shared`: u32 [frames], given as zeros. */
export function starsShared(problem: usize, shared: usize): void {
  const q = changetype<StarProblem>(problem);
  for (let s: u32 = 0; s < q.stars; s++) {
    const from = u32At(q.from, s), to = u32At(q.from, s + 1);
    if (to - from < 2) continue;
    for (let o = from; o < to; o++) {
      const f = u32At(q.frame, o);
      putU32(shared, f, u32At(shared, f) + 1);
    }
  }
}

/**
 * What shared stars tell of ln gains: of each frame, their fluxes being known, to `ofFrames`, f64 [frames], and of groups, their fluxes being free, to `ofGroups`, f64 [groups, groups], both given as zeros.
 * `group`: u32 [frames]. `inGroup`: f64 [groups], given as negative numbers; `members`: u32 [groups].
 */
export function starsTell(
  problem: usize,
  group: usize,
  ofFrames: usize,
  ofGroups: usize,
  inGroup: usize,
  members: usize,
): void {
  const q = changetype<StarProblem>(problem);
  for (let k: u32 = 0; k < q.stars; k++) {
    const s = u32At(q.turn, k);
    const from = u32At(q.from, s), to = u32At(q.from, s + 1);
    if (to - from < 2) continue;
    weigh(q, s);
    let count: u32 = 0;
    let sum: f64 = 0;
    for (let o = from; o < to; o++) {
      const w = f64At(q.weight, o - from);
      const f = u32At(q.frame, o);
      const g = u32At(group, f);
      addF64(ofFrames, f, w);
      if (f64At(inGroup, g) < 0) {
        putF64(inGroup, g, 0);
        putU32(members, count++, g);
      }
      addF64(inGroup, g, w);
      sum += w;
    }
    for (let i: u32 = 0; i < count; i++) {
      const own = f64At(inGroup, u32At(members, i));
      if (!(sum > 0)) continue;
      const row = u32At(members, i) * q.groups;
      addF64(ofGroups, row + u32At(members, i), own);
      for (let j: u32 = 0; j < count; j++) {
        const other = u32At(members, j);
        addF64(ofGroups, row + other, -((own * f64At(inGroup, other)) / sum));
      }
    }
    for (let i: u32 = 0; i < count; i++) putF64(inGroup, u32At(members, i), -1);
  }
}

/** Mean of what frames show of star `s` by weights (1 - z^2)^2 / sigma^2 about their median, z in units of the reach; NaN of a star that none shows. Its weights stand at `weight`. */
function weigh(q: StarProblem, s: u32): f64 {
  const from = u32At(q.from, s);
  const count = u32At(q.from, s + 1) - from;
  if (count == 0) return NaN;
  const scale = f64At(q.limits, 0), reach = f64At(q.limits, 1);
  for (let i: u32 = 0; i < count; i++) {
    const o = u32At(q.entry, from + i);
    putF64(q.value, i, f32At(q.level, o) - f64At(q.own, u32At(q.frame, from + i)));
    putF64(q.error, i, f32At(q.sigma, o) * scale);
  }
  const median = medianOf<f64>(q.value, count, q.spare);
  let sum: f64 = 0, total: f64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const sigma = f64At(q.error, i);
    const z = (f64At(q.value, i) - median) / (sigma * reach);
    if (!(abs(z) < 1)) {
      putF64(q.weight, i, 0);
      continue;
    }
    const root = (1 - z * z) / sigma;
    const w = root * root;
    putF64(q.weight, i, w);
    sum += w * f64At(q.value, i);
    total += w;
  }
  return total > 0 ? sum / total : median;
}

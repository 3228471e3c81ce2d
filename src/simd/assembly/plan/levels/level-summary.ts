// What the level solve tells of its frames before and after: `src/photometry/levels/level-solve.ts` says what becomes of it.
import { medianOf } from '../../select';
import { LevelProblem } from './level-problem';
import { surface } from '../surface';
import { f32At, f64At, putF64, u32At } from '../../words';

/** Weights below this are as good as shut out. */
const SHUT_OUT: f64 = 0.1;

/** The median of the observations' sigmas; there is one at least. Residuals are void then: to select takes their room. */
export function levelSigma(problem: usize): f64 {
  const q = changetype<LevelProblem>(problem);
  return medianOf<f32>(q.sigma, u32At(q.start, q.frames), q.residual);
}

/** Median level of each frame, less its surface where that is asked for, to `out`: f64 [frames], NaN without any. */
export function levelMedians(problem: usize, lessSurface: bool, out: usize): void {
  const q = changetype<LevelProblem>(problem);
  for (let f: u32 = 0; f < q.frames; f++) {
    const begin = u32At(q.start, f);
    const count = u32At(q.start, f + 1) - begin;
    const c = q.p + (<usize>(f * q.terms) << 3);
    for (let i: u32 = 0; i < count; i++) {
      const o = begin + i;
      const level = f32At(q.level, o);
      putF64(q.sizes, i, lessSurface ? level - surface(c, q.terms, f32At(q.x, o), f32At(q.y, o)) : level);
    }
    putF64(out, f, count > 0 ? medianOf<f64>(q.sizes, count, q.spare) : NaN);
  }
}

/**
 * Of each frame to `out`, f64 [frames, 4]: the sum of its surface, of its observations' weights, and of those that share a node the squares of the residuals by weight,
 * and these weights; then two numbers, how many observations share a node and how many of these are shut out.
 */
export function levelSummary(problem: usize, out: usize): void {
  const q = changetype<LevelProblem>(problem);
  let shared: u32 = 0;
  let shutOut: u32 = 0;
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = q.p + (<usize>(f * q.terms) << 3);
    let sum: f64 = 0;
    let weights: f64 = 0;
    let squares: f64 = 0;
    let total: f64 = 0;
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const robust = f64At(q.robust, o);
      const sigma = f32At(q.sigma, o);
      const weight = robust / (sigma * sigma);
      sum += surface(c, q.terms, f32At(q.x, o), f32At(q.y, o));
      weights += weight;
      if (u32At(q.seen, u32At(q.node, o)) < 2) continue;
      shared++;
      if (robust < SHUT_OUT) shutOut++;
      // of what is shut out the residual may be infinite
      if (weight == 0) continue;
      const residual = f64At(q.residual, o);
      squares += weight * residual * residual;
      total += weight;
    }
    putF64(out, 4 * f, sum);
    putF64(out, 4 * f + 1, weights);
    putF64(out, 4 * f + 2, squares);
    putF64(out, 4 * f + 3, total);
  }
  putF64(out, 4 * q.frames, shared);
  putF64(out, 4 * q.frames + 1, shutOut);
}

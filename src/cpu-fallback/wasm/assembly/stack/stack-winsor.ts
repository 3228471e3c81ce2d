// Huber-consistent sigmas of groups of four sorted lists: standard deviations of samples pulled in to within 1.5 sigma of the median, again and again until
// they stay. A step ends with a root and divides the next from it, so that what groups do in between overlaps.
import { WINSOR_CONSISTENCY, WINSOR_CUTOFF, WINSOR_MAX_STEPS, WINSOR_TOLERANCE } from '../layout';
import { ACTIVE, excessAt, HIGH, LOW, RUNNING, SCALE, setAt, SHARE, SIGMA, WAITING } from './stack-scratch';

/** Makes ready the group whose records begin at `record`. */
export function startWinsor(record: usize): void {
  const one = f32x4.splat(1);
  const size = f32x4.convert_i32x4_s(i32x4.sub(v128.load(record, HIGH), v128.load(record, LOW)));
  const running = f32x4.gt(v128.load(record, SIGMA), f32x4.splat(0));
  v128.store(record, v128.and(v128.load(record, ACTIVE), running), RUNNING);
  v128.store(record, f32x4.div(one, size), SHARE);
  v128.store(record, f32x4.div(f32x4.splat(WINSOR_CONSISTENCY * WINSOR_CONSISTENCY), f32x4.sub(size, one)), SCALE);
}

/**
 * Turns the plain sigmas of an even number of groups into Huber-consistent ones, in the lanes that run, from n > 0 vectors of excess, 0 where no survivor is.
 * Sums take the ranks in their order, so that no lane's last digits depend on which others are in its vector.
 */
export function winsorised(scratch: usize, slots: u32, n: u32, groups: u32): void {
  const first = excessAt(setAt(scratch, slots, WAITING), slots);
  const next = excessAt(setAt(scratch, slots, WAITING + 1), slots) - first;
  for (let step: u32 = 0; step < WINSOR_MAX_STEPS; step++) {
    let any = false;
    for (let group: usize = 0; group < groups; group += 2) {
      if (stepPair(scratch + group * 16, first + group * next, first + (group + 1) * next, <usize>n << 4)) any = true;
    }
    if (!any) return;
  }
}

/** One step of two groups; false when none of their lanes moves any more. */
function stepPair(record: usize, excessA: usize, excessB: usize, bytes: usize): bool {
  let runningA = v128.load(record, RUNNING);
  let runningB = v128.load(record + 16, RUNNING);
  if (!v128.any_true(v128.or(runningA, runningB))) return false;
  const zero = f32x4.splat(0);
  const cutoff = f32x4.splat(WINSOR_CUTOFF);
  const tolerance = f32x4.splat(WINSOR_TOLERANCE);
  const a = v128.load(record, SIGMA);
  const b = v128.load(record + 16, SIGMA);
  const reachA = f32x4.mul(cutoff, a);
  const reachB = f32x4.mul(cutoff, b);
  const minusA = f32x4.neg(reachA);
  const minusB = f32x4.neg(reachB);
  let sumA = zero;
  let sumB = zero;
  let squaresA = zero;
  let squaresB = zero;
  let at: usize = 0;
  do {
    const w = f32x4.pmin(f32x4.pmax(v128.load(excessA + at), minusA), reachA);
    const y = f32x4.pmin(f32x4.pmax(v128.load(excessB + at), minusB), reachB);
    sumA = f32x4.add(sumA, w);
    sumB = f32x4.add(sumB, y);
    squaresA = f32x4.add(squaresA, f32x4.mul(w, w));
    squaresB = f32x4.add(squaresB, f32x4.mul(y, y));
    at += 16;
  } while (at != bytes);
  const nextA = v128.bitselect(consistent(sumA, squaresA, record), a, runningA);
  const nextB = v128.bitselect(consistent(sumB, squaresB, record + 16), b, runningB);
  const movesA = f32x4.gt(f32x4.abs(f32x4.sub(nextA, a)), f32x4.mul(tolerance, a));
  const movesB = f32x4.gt(f32x4.abs(f32x4.sub(nextB, b)), f32x4.mul(tolerance, b));
  runningA = v128.and(v128.and(runningA, movesA), f32x4.gt(nextA, zero));
  runningB = v128.and(v128.and(runningB, movesB), f32x4.gt(nextB, zero));
  v128.store(record, nextA, SIGMA);
  v128.store(record + 16, nextB, SIGMA);
  v128.store(record, runningA, RUNNING);
  v128.store(record + 16, runningB, RUNNING);
  return true;
}

/** Huber's factor times the standard deviation, from sum and squares. */
// @ts-ignore: decorator
@inline
function consistent(sum: v128, squares: v128, record: usize): v128 {
  const spread = f32x4.sub(squares, f32x4.mul(f32x4.mul(sum, sum), v128.load(record, SHARE)));
  return f32x4.sqrt(f32x4.mul(f32x4.pmax(spread, f32x4.splat(0)), v128.load(record, SCALE)));
}

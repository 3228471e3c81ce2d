// Where along a line there is light.
import { ACROSS, FINE, PIECE, Pieces, REACH } from './cut-line';
import { ranked } from '../select';
import { medianOfValid, scatterOfValid } from './valid-ranks';
import { f32At, putF32 } from '../words';

/** Least length of a trail, samples. */
export const LEAST_LENGTH: i32 = 130;
/** Samples to either side, the outer half of which a piece is compared with. */
const BESIDE: i32 = 12;
/** Pieces to either side that are looked at together with one for where the trail ends, and the share of a trail's pieces that must show it. */
const TOGETHER: i32 = 2;
const SHOWN_SIGMA: f64 = 2.5;
const SHOWN_SHARE: f64 = 0.6;
/** A quarter of its pieces may have less than this share of the median's light. */
const EVEN: f64 = 0.25;

/** Pieces `from` to `to - 1`. */
@unmanaged
export class PieceRange {
  from: i32;
  to: i32;
}

/** `out`: the pieces with light beyond that beside them. False where too little of the line has any. `scratch` has room for f32 [pieces] five times, and thrice ACROSS. */
export function litPieces(pieces: Pieces, scratch: usize, out: PieceRange): bool {
  const count = pieces.count;
  const light = scratch, beside = light + (<usize>count << 2), room = beside + (<usize>count << 2);
  for (let t = 0; t < count; t++) {
    const below = medianAcross(pieces, t, -BESIDE, -BESIDE / 2, room);
    const above = medianAcross(pieces, t, BESIDE / 2, BESIDE, room);
    putF32(light, t, medianAcross(pieces, t, -1, 1, room) - (below + above) / 2);
    putF32(beside, t, below - above);
  }
  const sigma = scatterOfValid(beside, count, room);
  // the run with the greatest sum: Kadane
  let best: f64 = 0, sum: f64 = 0;
  let from = 0, to = 0, begin = 0;
  for (let t = 0; t < count; t++) {
    if (sum <= 0) {
      sum = 0;
      begin = t;
    }
    sum += <f64><f32>(isShown(light, count, t, sigma) ? 1 - SHOWN_SHARE : -SHOWN_SHARE);
    if (sum > best) {
      best = sum;
      from = begin;
      to = t + 1;
    }
  }
  if ((to - from) * PIECE < LEAST_LENGTH) return false;
  // a row of stars has gaps, a trail has none
  const run = <u32>(to - from), first = light + (<usize>from << 2);
  const least = EVEN * <f64>ranked<f32>(first, run, run >> 1, room);
  if (!(<f64>ranked<f32>(first, run, run >> 2, room) > least)) return false;
  // pieces that only their neighbours' light has brought in
  for (let t = 0; t < TOGETHER; t++) {
    if (f32At(light, from) < least) from++;
    if (f32At(light, to - 1) < least) to--;
  }
  out.from = from;
  out.to = to;
  return true;
}

/** Whether a piece and its neighbours together stand out. */
function isShown(light: usize, count: i32, t: i32, sigma: f64): bool {
  const first = max<i32>(0, t - TOGETHER), end = min<i32>(count, t + TOGETHER + 1);
  let sum: f64 = 0;
  for (let k = first; k < end; k++) sum += f32At(light, k);
  return sum > SHOWN_SIGMA * sigma * sqrt<f64>(<f64>(end - first));
}

/** Median of a piece between two places across, in samples from the line. */
function medianAcross(pieces: Pieces, t: i32, from: i32, to: i32, room: usize): f64 {
  const first = t * ACROSS + (REACH + from) * FINE;
  return medianOfValid(pieces.means + (<usize>first << 2), (to - from) * FINE + 1, room);
}

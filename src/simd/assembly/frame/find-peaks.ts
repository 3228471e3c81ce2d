// Peaks of a frame that a saddle separates from every higher one nearby, highest first; the twin is `src/astrometry/stars/find-peaks.ts`.
import { Detection } from './detection';
import { saddleBelow, seekPeaks } from './seek-peaks';
import { f64At, putF32, u32At, putU32 } from '../words';

/** Numbers of a peak: sample index, height, height in sigmas. */
const NUMBERS: u32 = 3;
const NONE: u32 = 0xffffffff;

/** Where the search keeps what it has found; how it is told is `seekPeaks`'. */
@unmanaged
export class PeakSearch {
  /** f64 [.., 3]: room for one peak of every coarse sample, and for those of one row of cells. */
  peaks: usize;
  /** A bit for every sample: a peak that is listed. */
  listed: usize;
  /** u32 for every peak: the heap; and u32 [limit] and [ceil(height / reach), ceil(width / reach)]: the kept peaks by where they lie. */
  order: usize;
  next: usize;
  buckets: usize;
  /** u32 [limit] and f32 [limit]: samples and heights in sigmas of the peaks that are kept. */
  at: usize;
  snr: usize;
  /** How many are kept at most, and how near to each other they must be separated. */
  limit: u32;
  reach: u32;
}

/**
 * Peaks above `sigmas` times the noise times `gain`, of which `coarse` and `parabola` are the shares that the coarse image shows, and `moves` the way. A saddle lies below the lower of
 * two peaks by `depth` of its height and by `depthSigmas` of its sigmas. Returns how many are kept.
 */
export function findPeaks(
  detection: usize,
  searching: usize,
  gain: f64,
  sigmas: f64,
  coarse: f64,
  parabola: f64,
  moves: u32,
  depth: f64,
  depthSigmas: f64,
): u32 {
  const d = changetype<Detection>(detection);
  const s = changetype<PeakSearch>(searching);
  memory.fill(s.listed, 0, (<usize>(d.width * d.height) + 7) >> 3);
  let count: u32 = 0;
  for (let j: u32 = 0; j < d.ny; j++) {
    const row = s.peaks + (<usize>(count * NUMBERS) << 3);
    const found = seekPeaks(detection, j, gain, sigmas, coarse, parabola, moves, row);
    count += listed(s, row, found);
  }
  for (let k: u32 = 0; k < count; k++) putU32(s.order, k, k);
  for (let k = <i32>(count >> 1) - 1; k >= 0; k--) sink(s, k, count);
  const across = (d.width + s.reach - 1) / s.reach;
  const down = (d.height + s.reach - 1) / s.reach;
  memory.fill(s.buckets, 0xff, <usize>(across * down) << 2);
  let kept: u32 = 0;
  while (count > 0 && kept < s.limit) {
    const peak = s.peaks + (<usize>(u32At(s.order, 0) * NUMBERS) << 3);
    putU32(s.order, 0, u32At(s.order, --count));
    sink(s, 0, count);
    const at = <u32>f64At(peak, 0);
    const value = f64At(peak, 1);
    const snr = f64At(peak, 2);
    const limit = value - max<f64>(depth * value, (depthSigmas * value) / snr);
    const bx = (at % d.width) / s.reach, by = at / d.width / s.reach;
    if (!isSeparate(detection, s, at, limit, bx, by, across, down)) continue;
    const bucket = by * across + bx;
    putU32(s.next, kept, u32At(s.buckets, bucket));
    putU32(s.buckets, bucket, kept);
    putU32(s.at, kept, at);
    putF32(s.snr, kept++, snr);
  }
  return kept;
}

/** Moves peaks that were not listed before to the front; how many. */
function listed(s: PeakSearch, row: usize, found: u32): u32 {
  let to = row;
  for (let p: u32 = 0; p < found; p++) {
    const from = row + (<usize>(p * NUMBERS) << 3);
    const k = <u32>f64At(from, 0);
    const byte = s.listed + (k >> 3);
    const bit: u32 = 1 << (k & 7);
    if ((<u32>load<u8>(byte) & bit) != 0) continue;
    store<u8>(byte, <u8>(<u32>load<u8>(byte) | bit));
    memory.copy(to, from, NUMBERS << 3);
    to += NUMBERS << 3;
  }
  return <u32>(to - row) / (NUMBERS << 3);
}

/** Whether peak `a` comes before `b`: it is higher, or as high and first in the image. */
@inline
function isBefore(s: PeakSearch, a: u32, b: u32): bool {
  const left = s.peaks + (<usize>(a * NUMBERS) << 3), right = s.peaks + (<usize>(b * NUMBERS) << 3);
  const higher = f64At(left, 1) - f64At(right, 1);
  return higher > 0 || (higher == 0 && f64At(left, 0) < f64At(right, 0));
}

/** Puts entry `k` of the first `count` of the heap where it belongs. */
function sink(s: PeakSearch, k: u32, count: u32): void {
  const entry = u32At(s.order, k);
  for (;;) {
    let child: u32 = 2 * k + 1;
    if (child >= count) break;
    if (child + 1 < count && isBefore(s, u32At(s.order, child + 1), u32At(s.order, child))) child++;
    if (!isBefore(s, u32At(s.order, child), entry)) break;
    putU32(s.order, k, u32At(s.order, child));
    k = child;
  }
  putU32(s.order, k, entry);
}

function isSeparate(d: usize, s: PeakSearch, at: u32, limit: f64, bx: u32, by: u32, across: u32, down: u32): bool {
  const x1 = min<u32>(bx + 2, across), y1 = min<u32>(by + 2, down);
  for (let j: u32 = by == 0 ? 0 : by - 1; j < y1; j++) {
    for (let i: u32 = bx == 0 ? 0 : bx - 1; i < x1; i++) {
      for (let other = u32At(s.buckets, j * across + i); other != NONE; other = u32At(s.next, other))
        if (!saddleBelow(d, u32At(s.at, other), at, limit, s.reach)) return false;
    }
  }
  return true;
}

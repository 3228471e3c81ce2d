// Sorts four lists at once, one per lane: eights by the shortest network in registers (19 exchanges: Knuth, The Art of Computer Programming 3,
// 5.3.4), then bitonic merges (Batcher 1968) whose last three layers stay in registers as well.

const EIGHT: usize = 128;

/**
 * Writes the n vectors that stand `stride` bytes apart at `source` to `list`, every lane ascending, then infinities up to a multiple of 8. No NaN;
 * infinity is a value like others.
 */
export function sortLanes(source: usize, stride: usize, list: usize, n: u32): void {
  mergeLast(list, sortRuns(source, stride, list, n), n);
}

/** What `sortRuns` leaves out: makes one run of two, the first of `half` vectors. */
export function mergeLast(list: usize, half: u32, n: u32): void {
  const bytes = <usize>half << 4;
  const end = list + (<usize>((n + 7) & ~7) << 4);
  if (list + bytes < end) mergeRuns(list, end, bytes);
}

/** The same up to the last merge: one run, or two, of which the first is no shorter. Returns its length. */
export function sortRuns(source: usize, stride: usize, list: usize, n: u32): u32 {
  const whole = n & ~7;
  const step = stride << 3;
  let from = source;
  const eights = list + (<usize>whole << 4);
  for (let at = list; at < eights; at += EIGHT) {
    sortEight(from, stride, at);
    from += step;
  }
  let end = eights;
  if (whole < n) {
    const infinity = f32x4.splat(Infinity);
    let at = eights;
    for (let k = whole; k < n; k++) {
      v128.store(at, v128.load(from));
      from += stride;
      at += 16;
    }
    end += EIGHT;
    for (; at < end; at += 16) v128.store(at, infinity);
    sortEight(eights, 16, eights);
  }
  let half = EIGHT;
  for (; list + 2 * half < end; half <<= 1) mergeRuns(list, end, half);
  return <u32>(half >> 4);
}

/** Merges pairs of runs of `half` bytes; what is missing of the last one counts as infinities, which stay where they are. */
function mergeRuns(list: usize, end: usize, half: usize): void {
  for (let start = list; start + half < end; start += 2 * half) {
    const stop = min(start + 2 * half, end);
    let a = start + 2 * half - stop + start;
    for (let b = stop - 16; a < start + half; a += 16, b -= 16) exchange(a, b);
    for (let k = half >> 1; k >= EIGHT; k >>= 1) {
      for (let run = start; run + k < stop; run += 2 * k) {
        const last = min(run + k, stop - k);
        for (let at = run; at < last; at += 16) exchange(at, at + k);
      }
    }
    for (let at = start; at < stop; at += EIGHT) mergeEight(at);
  }
}

// @ts-ignore: decorator
@inline
function exchange(a: usize, b: usize): void {
  const x = v128.load(a);
  const y = v128.load(b);
  v128.store(a, f32x4.pmin(x, y));
  v128.store(b, f32x4.pmax(x, y));
}

/** Eight vectors `stride` apart, ascending to eight vectors at `target`. */
function sortEight(source: usize, stride: usize, target: usize): void {
  const s2 = stride * 2;
  const s4 = stride * 4;
  let a = v128.load(source);
  let b = v128.load(source + stride);
  let c = v128.load(source + s2);
  let d = v128.load(source + s2 + stride);
  let e = v128.load(source + s4);
  let f = v128.load(source + s4 + stride);
  let g = v128.load(source + s4 + s2);
  let h = v128.load(source + s4 + s2 + stride);
  let low = f32x4.pmin(a, c);
  c = f32x4.pmax(a, c);
  a = low;
  low = f32x4.pmin(b, d);
  d = f32x4.pmax(b, d);
  b = low;
  low = f32x4.pmin(e, g);
  g = f32x4.pmax(e, g);
  e = low;
  low = f32x4.pmin(f, h);
  h = f32x4.pmax(f, h);
  f = low;
  low = f32x4.pmin(a, e);
  e = f32x4.pmax(a, e);
  a = low;
  low = f32x4.pmin(b, f);
  f = f32x4.pmax(b, f);
  b = low;
  low = f32x4.pmin(c, g);
  g = f32x4.pmax(c, g);
  c = low;
  low = f32x4.pmin(d, h);
  h = f32x4.pmax(d, h);
  d = low;
  v128.store(target, f32x4.pmin(a, b));
  b = f32x4.pmax(a, b);
  low = f32x4.pmin(c, d);
  d = f32x4.pmax(c, d);
  c = low;
  low = f32x4.pmin(e, f);
  f = f32x4.pmax(e, f);
  e = low;
  v128.store(target, f32x4.pmax(g, h), 112);
  g = f32x4.pmin(g, h);
  low = f32x4.pmin(c, e);
  e = f32x4.pmax(c, e);
  c = low;
  low = f32x4.pmin(d, f);
  f = f32x4.pmax(d, f);
  d = low;
  low = f32x4.pmin(b, e);
  e = f32x4.pmax(b, e);
  b = low;
  low = f32x4.pmin(d, g);
  g = f32x4.pmax(d, g);
  d = low;
  v128.store(target, f32x4.pmin(b, c), 16);
  v128.store(target, f32x4.pmax(b, c), 32);
  v128.store(target, f32x4.pmin(d, e), 48);
  v128.store(target, f32x4.pmax(d, e), 64);
  v128.store(target, f32x4.pmin(f, g), 80);
  v128.store(target, f32x4.pmax(f, g), 96);
}

/** The last three layers of a bitonic merge, within eight vectors. */
function mergeEight(at: usize): void {
  let a = v128.load(at);
  let b = v128.load(at, 16);
  let c = v128.load(at, 32);
  let d = v128.load(at, 48);
  let e = v128.load(at, 64);
  let f = v128.load(at, 80);
  let g = v128.load(at, 96);
  let h = v128.load(at, 112);
  let low = f32x4.pmin(a, e);
  e = f32x4.pmax(a, e);
  a = low;
  low = f32x4.pmin(b, f);
  f = f32x4.pmax(b, f);
  b = low;
  low = f32x4.pmin(c, g);
  g = f32x4.pmax(c, g);
  c = low;
  low = f32x4.pmin(d, h);
  h = f32x4.pmax(d, h);
  d = low;
  low = f32x4.pmin(a, c);
  c = f32x4.pmax(a, c);
  a = low;
  low = f32x4.pmin(b, d);
  d = f32x4.pmax(b, d);
  b = low;
  low = f32x4.pmin(e, g);
  g = f32x4.pmax(e, g);
  e = low;
  low = f32x4.pmin(f, h);
  h = f32x4.pmax(f, h);
  f = low;
  v128.store(at, f32x4.pmin(a, b));
  v128.store(at, f32x4.pmax(a, b), 16);
  v128.store(at, f32x4.pmin(c, d), 32);
  v128.store(at, f32x4.pmax(c, d), 48);
  v128.store(at, f32x4.pmin(e, f), 64);
  v128.store(at, f32x4.pmax(e, f), 80);
  v128.store(at, f32x4.pmin(g, h), 96);
  v128.store(at, f32x4.pmax(g, h), 112);
}

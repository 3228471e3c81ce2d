// Kernel fix-hot-pixels (src/compute/contracts/fix-hot-pixels.ts); units are rows.
import { BLANK_LIMIT, BLANK_VALUE, FixHotPixelsJob as Job } from '../layout';

export function fixHotPixels(job: usize, from: u32, to: u32, scratch: usize): void {
  fixRows(job, from, to, 0, scratch);
}

/** Fixes rows `from` to `to`; where there are `marks`, bits of the pixels of a row in whole words, it only sets those of the pixels that are to be fixed. */
export function fixRows(job: usize, from: u32, to: u32, marks: usize, scratch: usize): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const step = <i32>Job.step(job);
  const image = Job.image_at(job);
  const fixed = Job.fixed_at(job);
  const inner = width - step;
  for (let y = <i32>from; y < <i32>to; y++) {
    const row = <usize>y * width * 4;
    let x: i32 = 0;
    if (y >= step && y < height - step) {
      for (; x < min(step, width); x++) fixAtEdge(job, x, y, marks, scratch);
      const thresholds = thresholdsOf(job, x, y);
      for (; x + 4 <= inner; x += 4) {
        const at = image + row + <usize>x * 4;
        if (marks == 0) v128.store(fixed + row + <usize>x * 4, v128.load(at));
        if (isCalm(at, <usize>width * step * 4, <usize>step * 4, thresholds)) continue;
        let suspects = suspectLanes(at, <usize>width * step * 4, <usize>step * 4, thresholds);
        while (suspects != 0) {
          fixOne(job, x + ctz(suspects), y, marks, scratch);
          suspects &= suspects - 1;
        }
      }
    }
    for (; x < width; x++) fixAtEdge(job, x, y, marks, scratch);
  }
}

// @ts-ignore: decorator
@inline
function thresholdOf(job: usize, x: i32, y: i32): f32 {
  const site = ((y + <i32>Job.originY(job)) & 1) * 2 + ((x + <i32>Job.originX(job)) & 1);
  if (site == 0) return Job.threshold00(job);
  if (site == 1) return Job.threshold01(job);
  return site == 2 ? Job.threshold10(job) : Job.threshold11(job);
}

function thresholdsOf(job: usize, x: i32, y: i32): v128 {
  const even = f32x4.splat(thresholdOf(job, x, y));
  const odd = f32x4.splat(thresholdOf(job, x + 1, y));
  return v128.bitselect(even, odd, i32x4(-1, 0, -1, 0));
}

/**
 * True where five of the neighbours of every lane lie within the threshold, as nearly everywhere: whatever the other three are, the median does too. A blank
 * is far from all samples; around a blank nothing is to be done.
 */
// @ts-ignore: decorator
@inline
function isCalm(at: usize, up: usize, left: usize, threshold: v128): bool {
  const v = v128.load(at);
  const b = v128.load(at - up);
  const c = v128.load(at - up + left);
  const d = v128.load(at - left);
  const e = v128.load(at + left);
  const g = v128.load(at + up);
  const least = f32x4.pmin(f32x4.pmin(f32x4.pmin(b, c), f32x4.pmin(d, e)), g);
  const most = f32x4.pmax(f32x4.pmax(f32x4.pmax(b, c), f32x4.pmax(d, e)), g);
  const reach = f32x4.pmax(f32x4.sub(v, least), f32x4.sub(most, v));
  return i32x4.all_true(f32x4.le(reach, threshold));
}

/**
 * Lanes whose median may lie beyond the threshold: at least 4 of the 8 neighbours do on one side, or one is blank (fewer samples then
 * make the median). All others are done.
 */
// @ts-ignore: decorator
@inline
function suspectLanes(at: usize, up: usize, left: usize, high: v128): i32 {
  const v = v128.load(at);
  const low = f32x4.neg(high);
  const a = v128.load(at - up - left);
  const b = v128.load(at - up);
  const c = v128.load(at - up + left);
  const d = v128.load(at - left);
  const e = v128.load(at + left);
  const f = v128.load(at + up - left);
  const g = v128.load(at + up);
  const h = v128.load(at + up + left);
  const least = f32x4.pmin(
    f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d)),
    f32x4.pmin(f32x4.pmin(e, f), f32x4.pmin(g, h)),
  );
  let below = i32x4.splat(0);
  let above = i32x4.splat(0);
  let x = f32x4.sub(a, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(b, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(c, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(d, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(e, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(f, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(g, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  x = f32x4.sub(h, v);
  below = i32x4.add(below, f32x4.lt(x, low));
  above = i32x4.add(above, f32x4.gt(x, high));
  // A true comparison is -1: three of them are the most that leave the median inside.
  const calm = v128.and(
    i32x4.ge_s(i32x4.min_s(below, above), i32x4.splat(-3)),
    f32x4.gt(least, f32x4.splat(BLANK_LIMIT)),
  );
  return ~i32x4.bitmask(calm) & 15;
}

/** The rule for a sample that may lack neighbours. */
function fixAtEdge(job: usize, x: i32, y: i32, marks: usize, scratch: usize): void {
  const at = (<usize>y * Job.width(job) + <usize>x) * 4;
  if (!isCalmAtEdge(job, x, y)) fixOne(job, x, y, marks, scratch);
  else if (marks == 0) store<f32>(Job.fixed_at(job) + at, load<f32>(Job.image_at(job) + at));
}

/** True where all neighbours that there are lie within the threshold: their median does, too. */
function isCalmAtEdge(job: usize, x: i32, y: i32): bool {
  const step = <i32>Job.step(job);
  const up = <usize>step * Job.width(job) * 4;
  const aside = <usize>step * 4;
  const at = Job.image_at(job) + (<usize>y * Job.width(job) + <usize>x) * 4;
  const isFirst = x < step;
  const isLast = x + step >= <i32>Job.width(job);
  const v = load<f32>(at);
  let most: f32 = 0;
  if (y >= step) {
    most = Mathf.abs(load<f32>(at - up) - v);
    if (!isFirst) most = max(most, Mathf.abs(load<f32>(at - up - aside) - v));
    if (!isLast) most = max(most, Mathf.abs(load<f32>(at - up + aside) - v));
  }
  if (!isFirst) most = max(most, Mathf.abs(load<f32>(at - aside) - v));
  if (!isLast) most = max(most, Mathf.abs(load<f32>(at + aside) - v));
  if (y + step < <i32>Job.height(job)) {
    most = max(most, Mathf.abs(load<f32>(at + up) - v));
    if (!isFirst) most = max(most, Mathf.abs(load<f32>(at + up - aside) - v));
    if (!isLast) most = max(most, Mathf.abs(load<f32>(at + up + aside) - v));
  }
  return most < thresholdOf(job, x, y);
}

/** The whole rule for one sample. */
function fixOne(job: usize, x: i32, y: i32, marks: usize, sorted: usize): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const image = Job.image_at(job);
  const at = (<usize>y * width + <usize>x) * 4;
  const v = load<f32>(image + at);
  if (marks == 0) store<f32>(Job.fixed_at(job) + at, v);
  if (!(v > BLANK_LIMIT)) return;
  const m = likeMedian(job, x, y, sorted);
  const e = <f64>v - m;
  // Also ends a sample without a median: no comparison holds for NaN.
  if (!(Math.abs(e) > <f64>thresholdOf(job, x, y))) return;
  const sign: f64 = e > 0 ? 1 : -1;
  const enough = <f64>Job.isolation(job) * Math.abs(e);
  for (let k = 0; k < 4; k++) {
    const nx = x + (k == 0 ? -1 : k == 1 ? 1 : 0);
    const ny = y + (k == 2 ? -1 : k == 3 ? 1 : 0);
    if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
    const n = load<f32>(image + (<usize>ny * width + <usize>nx) * 4);
    if (!(n > BLANK_LIMIT)) continue;
    // Most of what is looked at are stars, and their neighbours show it.
    if (sign * (<f64>n - likeMedian(job, nx, ny, sorted)) >= enough) return;
  }
  if (marks == 0) store<f32>(Job.fixed_at(job) + at, Job.blanks(job) == 1 ? BLANK_VALUE : <f32>m);
  else setMark(marks + markBytes(width) * y, x);
}

/** Median of the valid samples at distance `step`, NaN where there is none. */
function likeMedian(job: usize, x: i32, y: i32, sorted: usize): f64 {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const step = <i32>Job.step(job);
  const image = Job.image_at(job);
  if (x >= step && y >= step && x + step < width && y + step < height) {
    const row = <usize>step * width * 4;
    const at = image + (<usize>y * width + <usize>x) * 4;
    const m = medianOfEight(at - row, at, at + row, <usize>step * 4);
    if (m == m) return m;
  }
  let n: i32 = 0;
  for (let dy = -step; dy <= step; dy += step) {
    const row = y + dy;
    if (row < 0 || row >= height) continue;
    for (let dx = -step; dx <= step; dx += step) {
      const column = x + dx;
      if (column < 0 || column >= width || (dx == 0 && dy == 0)) continue;
      const v = load<f32>(image + (<usize>row * width + <usize>column) * 4);
      if (!(v > BLANK_LIMIT)) continue;
      insert(v, n++, sorted);
    }
  }
  return medianOfSorted(n, sorted);
}

/** Puts a sample among the first `n` of a sorted list. */
export function insert(v: f32, n: i32, sorted: usize): void {
  let k = n;
  for (; k > 0; k--) {
    const before = load<f32>(sorted + <usize>(k - 1) * 4);
    if (before <= v) break;
    store<f32>(sorted + <usize>k * 4, before);
  }
  store<f32>(sorted + <usize>k * 4, v);
}

/** NaN where there is none. */
export function medianOfSorted(n: i32, sorted: usize): f64 {
  if (n == 0) return NaN;
  const middle = sorted + <usize>(n >> 1) * 4;
  if (n & 1) return load<f32>(middle);
  return (<f64>load<f32>(middle - 4) + <f64>load<f32>(middle)) / 2;
}

/** Bytes of the marks of a row. */
// @ts-ignore: decorator
@inline
export function markBytes(width: u32): usize {
  return <usize>((width + 31) >> 5) * 4;
}

function setMark(row: usize, x: u32): void {
  const at = row + <usize>(x >> 5) * 4;
  store<u32>(at, load<u32>(at) | (1 << (x & 31)));
}

/** Median of the 8 samples `step` bytes around `at`, whose rows above and below are given; NaN where one is blank. The middle of the network of stack-sort.ts. */
function medianOfEight(above: usize, at: usize, below: usize, step: usize): f64 {
  let a = v128.load(above - step);
  let b = v128.load(above);
  let c = v128.load(above + step);
  let d = v128.load(at - step);
  let e = v128.load(at + step);
  let f = v128.load(below - step);
  let g = v128.load(below);
  let h = v128.load(below + step);
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
  if (!(f32x4.extract_lane(f32x4.pmin(a, b), 0) > BLANK_LIMIT)) return NaN;
  b = f32x4.pmax(a, b);
  low = f32x4.pmin(c, d);
  d = f32x4.pmax(c, d);
  c = low;
  low = f32x4.pmin(e, f);
  f = f32x4.pmax(e, f);
  e = f32x4.pmax(f32x4.pmax(c, low), b);
  d = f32x4.pmin(f32x4.pmin(d, f), f32x4.pmin(g, h));
  return (<f64>f32x4.extract_lane(d, 0) + <f64>f32x4.extract_lane(e, 0)) / 2;
}

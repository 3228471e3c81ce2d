// What the counts of one colour in one cell tell: ranks, and sums of the samples in a window of steps, exact in integers. They are what `SortedSamples` of src/photometry tells of the samples themselves.

let bins: usize = 0;
let before: usize = 0;
let steps: i32 = 0;
/** Steps [from, to) are in the sums. */
let from: i32 = 0;
let to: i32 = 0;
let sum: i64 = 0;
let squares: i64 = 0;

/** True once something was asked for that lies outside of what is counted one by one. */
export let failed: bool = false;

/** Looks at other counts from now on: their bins, and how many steps are counted; `lower` has room for their sums. */
export function lookAt(counts: usize, stepsCounted: i32, lower: usize): void {
  bins = counts;
  before = lower;
  steps = stepsCounted;
  from = to = 0;
  sum = squares = 0;
  failed = false;
  const end = counts + (<usize>(stepsCounted + 2) << 2);
  let n: u32 = 0;
  do {
    n += load<u32>(counts);
    store<u32>(lower, n);
    counts += 4;
    lower += 4;
  } while (counts < end);
}

@inline
function lower(step: i32): u32 {
  return load<u32>(before + (<usize>step << 2));
}

/** Samples of any size. */
export function total(): u32 {
  return lower(steps + 1);
}

/** Step of the sample of a rank. */
export function at(rank: u32): i32 {
  if (rank < lower(0) || rank >= lower(steps)) {
    failed = true;
    return 0;
  }
  let low = 0;
  let high = steps;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const isLow = lower(middle) <= rank;
    low = select(middle, low, isLow);
    high = select(high, middle, isLow);
  }
  return low;
}

/** A step that is counted, for any number of steps. */
function edge(step: i32): i32 {
  if (step < 0 && lower(0) > 0) failed = true;
  if (step > steps && lower(steps + 1) > lower(steps)) failed = true;
  return min<i32>(max<i32>(step, 0), steps);
}

/** Number of samples less than `value`, and of those up to it. */
export function below(value: f64): u32 {
  return lower(edge(<i32>ceil<f64>(value)));
}

export function upTo(value: f64): u32 {
  return lower(edge(<i32>floor<f64>(value) + 1));
}

/** Puts the samples from `low` to `high` into the sums: windows change little from one to the next. */
export function setWindow(low: f64, high: f64): void {
  const first = edge(<i32>ceil<f64>(low));
  const end = edge(<i32>floor<f64>(high) + 1);
  if (first >= to || end <= from) {
    from = to = first;
    sum = squares = 0;
  }
  while (from > first) addStep(--from, 1);
  while (to < end) addStep(to++, 1);
  while (from < first) addStep(from++, -1);
  while (to > end) addStep(--to, -1);
}

@inline
function addStep(step: i32, sign: i64): void {
  const n = sign * <i64>load<u32>(bins + (<usize>step << 2), 4);
  sum += n * step;
  squares += n * step * step;
}

/** Of the window: the sum of distances from `about`, and of their squares. */
export function sumAbout(about: f64): f64 {
  return <f64>sum - <f64>(lower(to) - lower(from)) * about;
}

export function squaresAbout(about: f64): f64 {
  return <f64>squares - 2 * about * <f64>sum + <f64>(lower(to) - lower(from)) * about * about;
}

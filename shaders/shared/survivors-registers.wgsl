// Survivors of up to CAPACITY slots in registers: every index of the private arrays is a constant once the loops are unrolled, and every question
// is put to all of their entries without a branch.
//!import survivors
//!import line-grid

// The valid samples in rising order, and ABSENT behind them.
var<private> sorted: array<f32, CAPACITY>;
// The sample of every slot, ABSENT where there is none (read by sums-held only; else no compiler keeps it).
var<private> held: array<f32, CAPACITY>;

// Above every sample.
const ABSENT: f32 = 3.2e38f;

// The pixel whose survivors this thread finds.
fn stacked_pixel(group: vec3<u32>, local: vec3<u32>, groups: vec3<u32>) -> u32 {
  return line_index(group, local, groups);
}

fn all_samples(plane: u32, pixel: u32) -> Survivors {
  var count = 0u;
  //!unroll
  for (var slot = 0u; slot < CAPACITY; slot++) {
    var value = sample(min(slot, params.slots - 1u), plane, pixel);
    value = select(ABSENT, value, (slot < params.slots) & (value > BLANK_LIMIT));
    count += select(0u, 1u, value < ABSENT);
    sorted[slot] = value;
    held[slot] = value;
  }
  //!sort sorted CAPACITY
  return survivors_of(0u, count);
}

fn at_rank(rank: u32) -> f32 {
  var value = sorted[0];
  //!unroll
  for (var k = 1u; k < CAPACITY; k++) {
    value = select(value, sorted[k], k == rank);
  }
  return value;
}

fn survivors_of(first: u32, count: u32) -> Survivors {
  return Survivors(first, count, at_rank(first), at_rank(first + max(count, 1u) - 1u));
}

fn middle_of(survivors: Survivors, plane: u32, pixel: u32) -> Middle {
  let lower = at_rank(survivors.first + (survivors.count - 1u) / 2u);
  let upper = at_rank(survivors.first + survivors.count / 2u);
  return Middle(lower, upper, 0.5f * (lower + upper));
}

// Standard deviation of the survivors, each pulled in to within `limit` of the median.
fn deviation_of(survivors: Survivors, middle: Middle, limit: f32, plane: u32, pixel: u32) -> f32 {
  var sum = 0.0f;
  var sum_of_squares = 0.0f;
  //!unroll
  for (var k = 0u; k < CAPACITY; k++) {
    let d = select(0.0f, clamp(deviation(sorted[k], middle), -limit, limit), k - survivors.first < survivors.count);
    sum += d;
    sum_of_squares += d * d;
  }
  return standard_deviation(survivors.count, sum, sum_of_squares);
}

// Survivors whose deviation is within [low, high].
fn clip(survivors: Survivors, middle: Middle, low: f32, high: f32, plane: u32, pixel: u32) -> Survivors {
  var below = 0u;
  var above = 0u;
  //!unroll
  for (var k = 0u; k < CAPACITY; k++) {
    let d = deviation(sorted[k], middle);
    let in = k - survivors.first < survivors.count;
    below += select(0u, 1u, in & (d < low));
    above += select(0u, 1u, in & (d >= low) & (d > high));
  }
  return survivors_of(survivors.first + below, survivors.count - below - above);
}

// Number of survivors whose deviation is below `low`: those that stand before what `clip` kept of them.
fn count_below(survivors: Survivors, kept: Survivors, middle: Middle, low: f32, plane: u32, pixel: u32) -> u32 {
  return kept.first - survivors.first;
}

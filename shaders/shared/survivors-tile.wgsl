// Survivors of up to CAPACITY slots, sorted in the workgroup's memory. All threads share the PIXELS pixels of a workgroup: they sort runs of RUN
// samples in registers and merge them in the tile. Then one thread goes on for each pixel, and reads the samples by rank.
//!import survivors
//!import rank-sums

// The sample of a rank of a pixel: see `place_of`.
var<workgroup> tile: array<f32, TILE>;
// A run in registers: every index of it is a constant once loops are unrolled.
var<private> held: array<f32, RUN>;
// Which pixel of the workgroup this thread works for.
var<private> column: u32;

// Above every sample.
const ABSENT: f32 = 3.2e38f;
const NO_PIXEL: u32 = 0xffffffffu;
const PARTS: u32 = TILE / RUN;

// The pixel whose survivors this thread finds, NO_PIXEL for those that only help to sort. All threads of a workgroup have to ask.
fn stacked_pixel(group: vec3<u32>, local: vec3<u32>, groups: vec3<u32>) -> u32 {
  let first = (group.y * groups.x + group.x) * PIXELS;
  for (var part = local.x; part < PARTS; part += WORKGROUP_X) {
    column = part % PIXELS;
    sort_run(part / PIXELS, group.z, min(first + column, params.pixels - 1u));
  }
  workgroupBarrier();
  // Bitonic merge (Batcher 1968): spans rise and fall in turn, each pass compares entries that lie RUN / 2 to 1 strides apart.
  for (var span = 2u * RUN; span <= CAPACITY; span *= 2u) {
    var stride = span / RUN;
    loop {
      for (var part = local.x; part < PARTS; part += WORKGROUP_X) {
        column = part % PIXELS;
        merge_run(part / PIXELS, span, stride);
      }
      workgroupBarrier();
      if (stride == 1u) {
        break;
      }
      stride = max(stride / RUN, 1u);
    }
  }
  column = local.x;
  return select(NO_PIXEL, first + local.x, local.x < PIXELS);
}

fn place_of(rank: u32) -> u32 {
  return rank * PIXELS + column;
}

// Negated samples fall where others rise.
fn sign_of(falls: bool) -> f32 {
  return select(1.0f, -1.0f, falls);
}

fn sort_run(run: u32, plane: u32, pixel: u32) {
  let sign = sign_of(run % 2u == 1u);
  //!unroll
  for (var k = 0u; k < RUN; k++) {
    let slot = run * RUN + k;
    let value = sample(min(slot, params.slots - 1u), plane, pixel);
    held[k] = sign * select(ABSENT, value, (slot < params.slots) & (value > BLANK_LIMIT));
  }
  //!sort held RUN
  let first = place_of(run * RUN);
  //!unroll
  for (var k = 0u; k < RUN; k++) {
    tile[first + k * PIXELS] = sign * held[k];
  }
}

// One pass over the entries of a thread; of one with fewer strides left than it compares, the first find all in order.
fn merge_run(run: u32, span: u32, stride: u32) {
  let rank = run / stride * stride * RUN + run % stride;
  let sign = sign_of((rank & span) != 0u);
  let first = place_of(rank);
  let step = stride * PIXELS;
  //!unroll
  for (var k = 0u; k < RUN; k++) {
    held[k] = sign * tile[first + k * step];
  }
  //!merge held RUN
  //!unroll
  for (var k = 0u; k < RUN; k++) {
    tile[first + k * step] = sign * held[k];
  }
}

// The sample of a rank among all valid ones, ABSENT behind the last.
fn at_rank(rank: u32) -> f32 {
  return tile[place_of(rank)];
}

fn all_samples(plane: u32, pixel: u32) -> Survivors {
  return survivors_of(0u, rank_of(ABSENT, false, 0u, min(params.slots, CAPACITY)));
}

// First rank of [first, end) whose sample is not below a value, or is above it; `end` where there is none.
fn rank_of(value: f32, above: bool, first: u32, end: u32) -> u32 {
  var low = first;
  var high = end;
  while (low < high) {
    let rank = (low + high) / 2u;
    let found = at_rank(rank);
    if (found < value || (above && found == value)) {
      low = rank + 1u;
    } else {
      high = rank;
    }
  }
  return low;
}

// The same of deviations from the median, among survivors.
fn rank_of_deviation(d: f32, above: bool, survivors: Survivors, middle: Middle) -> u32 {
  var low = survivors.first;
  var high = survivors.first + survivors.count;
  while (low < high) {
    let rank = (low + high) / 2u;
    let found = deviation(at_rank(rank), middle);
    if (found < d || (above && found == d)) {
      low = rank + 1u;
    } else {
      high = rank;
    }
  }
  return low;
}

fn survivors_of(first: u32, count: u32) -> Survivors {
  return Survivors(first, count, at_rank(first), at_rank(first + max(count, 1u) - 1u));
}

fn middle_of(survivors: Survivors, plane: u32, pixel: u32) -> Middle {
  let lower = at_rank(survivors.first + (survivors.count - 1u) / 2u);
  let upper = at_rank(survivors.first + survivors.count / 2u);
  return Middle(lower, upper, 0.5f * (lower + upper));
}

// Standard deviation of the survivors, each pulled in to within `limit` of the median. Of one median the question without a limit comes first.
fn deviation_of(survivors: Survivors, middle: Middle, limit: f32, plane: u32, pixel: u32) -> f32 {
  var first = survivors.first;
  var end = survivors.first + survivors.count;
  var beyond = vec2<f32>(0.0f);
  if (limit >= NO_LIMIT) {
    add_up_blocks(survivors, middle);
  } else {
    first = rank_of_deviation(-limit, false, survivors, middle);
    end = rank_of_deviation(limit, true, survivors, middle);
    let below = f32(first - survivors.first);
    let above = f32(survivors.first + survivors.count - end);
    beyond = vec2<f32>((above - below) * limit, (above + below) * limit * limit);
  }
  let sums = beyond + sums_of_ranks(first, end, middle);
  return standard_deviation(survivors.count, sums.x, sums.y);
}

// Survivors whose deviation is within [low, high].
fn clip(survivors: Survivors, middle: Middle, low: f32, high: f32, plane: u32, pixel: u32) -> Survivors {
  let first = rank_of_deviation(low, false, survivors, middle);
  return survivors_of(first, max(first, rank_of_deviation(high, true, survivors, middle)) - first);
}

// Number of survivors whose deviation is below `low`: those that stand before what `clip` kept of them.
fn count_below(survivors: Survivors, kept: Survivors, middle: Middle, low: f32, plane: u32, pixel: u32) -> u32 {
  return kept.first - survivors.first;
}

// Survivors of any number of slots without a private array: every question is answered by passing over the samples in the cube;
// the median by bisection on the integer keys whose order is that of the floats, which is exact.
//!import survivors
//!import line-grid
//!import sum

// The pixel whose survivors this thread finds.
fn stacked_pixel(group: vec3<u32>, local: vec3<u32>, groups: vec3<u32>) -> u32 {
  return line_index(group, local, groups);
}

fn all_samples(plane: u32, pixel: u32) -> Survivors {
  var found = Survivors(0u, 0u, NO_LIMIT, -NO_LIMIT);
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value > BLANK_LIMIT) {
      found = with_sample(found, value);
    }
  }
  return found;
}

fn with_sample(found: Survivors, value: f32) -> Survivors {
  return Survivors(0u, found.count + 1u, min(found.lowest, value), max(found.highest, value));
}

fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}

fn value_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, (key & 0x80000000u) != 0u));
}

fn middle_of(survivors: Survivors, plane: u32, pixel: u32) -> Middle {
  let rank = (survivors.count - 1u) / 2u;
  // The least key that more than `rank` survivors do not exceed; three pivots a pass halve the number of passes.
  var from_key = key_of(survivors.lowest);
  var to_key = key_of(survivors.highest);
  while (from_key < to_key) {
    let width = to_key - from_key;
    let keys = vec3<u32>(from_key + width / 4u, from_key + width / 2u, from_key + width / 2u + width / 4u);
    let pivots = vec3<f32>(value_of(keys.x), value_of(keys.y), value_of(keys.z));
    var counts = vec3<u32>(0u);
    for (var slot = 0u; slot < params.slots; slot++) {
      let value = sample(slot, plane, pixel);
      if (value >= survivors.lowest) {
        counts += select(vec3<u32>(0u), vec3<u32>(1u), vec3<f32>(value) <= pivots);
      }
    }
    if (counts.x > rank) {
      to_key = keys.x;
    } else if (counts.y > rank) {
      from_key = keys.x + 1u;
      to_key = keys.y;
    } else if (counts.z > rank) {
      from_key = keys.y + 1u;
      to_key = keys.z;
    } else {
      from_key = keys.z + 1u;
    }
  }
  let lower = value_of(from_key);
  var upper = lower;
  if (survivors.count % 2u == 0u) {
    var not_above = 0u;
    var next = survivors.highest;
    for (var slot = 0u; slot < params.slots; slot++) {
      let value = sample(slot, plane, pixel);
      if (value >= survivors.lowest && value <= lower) {
        not_above++;
      } else if (value > lower) {
        next = min(next, value);
      }
    }
    upper = select(next, lower, not_above > rank + 1u);
  }
  return Middle(lower, upper, 0.5f * (lower + upper));
}

// Standard deviation of the survivors, each pulled in to within `limit` of the median.
fn deviation_of(survivors: Survivors, middle: Middle, limit: f32, plane: u32, pixel: u32) -> f32 {
  var sum = vec2<f32>(0.0f);
  var sum_of_squares = vec2<f32>(0.0f);
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value >= survivors.lowest && value <= survivors.highest) {
      let d = clamp(deviation(value, middle), -limit, limit);
      sum = add(sum, d);
      sum_of_squares = add(sum_of_squares, d * d);
    }
  }
  return standard_deviation(survivors.count, sum.x, sum_of_squares.x);
}

// Survivors whose deviation is within [low, high].
fn clip(survivors: Survivors, middle: Middle, low: f32, high: f32, plane: u32, pixel: u32) -> Survivors {
  var kept = Survivors(0u, 0u, NO_LIMIT, -NO_LIMIT);
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value >= survivors.lowest && value <= survivors.highest) {
      let d = deviation(value, middle);
      if (d >= low && d <= high) {
        kept = with_sample(kept, value);
      }
    }
  }
  return kept;
}

// Number of survivors whose deviation is below `low`.
fn count_below(survivors: Survivors, kept: Survivors, middle: Middle, low: f32, plane: u32, pixel: u32) -> u32 {
  var count = 0u;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    count += select(0u, 1u, value >= survivors.lowest && deviation(value, middle) < low);
  }
  return count;
}

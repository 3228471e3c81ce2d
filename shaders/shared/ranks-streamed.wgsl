// Ranks of any number of slots: every step to another value passes over the samples in the cube.
//!import ranks
//!import sum

// The samples from one value to another, which are samples themselves: so what equals a surviving extreme survives.
fn survivors_between(lowest: f32, highest: f32, plane: u32, pixel: u32) -> Survivors {
  var below = 0u;
  var count = 0u;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    below += select(0u, 1u, value > BLANK_LIMIT && value < lowest);
    count += select(0u, 1u, value >= lowest && value <= highest);
  }
  return Survivors(below, count, lowest, highest);
}

fn lowest_of(survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  return Walk(survivors.lowest, 0u, equal_to(survivors.lowest, plane, pixel) - 1u);
}

fn highest_of(survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  return Walk(survivors.highest, 0u, equal_to(survivors.highest, plane, pixel) - 1u);
}

fn equal_to(value: f32, plane: u32, pixel: u32) -> u32 {
  var count = 0u;
  for (var slot = 0u; slot < params.slots; slot++) {
    count += select(0u, 1u, sample(slot, plane, pixel) == value);
  }
  return count;
}

fn next_up(walk: Walk, survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  if (walk.left > 0u) {
    return Walk(walk.value, walk.steps + 1u, walk.left - 1u);
  }
  var next = survivors.highest;
  var count = 0u;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value > walk.value && value <= next) {
      count = select(1u, count + 1u, value == next);
      next = value;
    }
  }
  return Walk(next, walk.steps + 1u, max(count, 1u) - 1u);
}

fn next_down(walk: Walk, survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  if (walk.left > 0u) {
    return Walk(walk.value, walk.steps + 1u, walk.left - 1u);
  }
  var next = survivors.lowest;
  var count = 0u;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value < walk.value && value >= next) {
      count = select(1u, count + 1u, value == next);
      next = value;
    }
  }
  return Walk(next, walk.steps + 1u, max(count, 1u) - 1u);
}

// Sums of the deviations d and of d^2 from one end to the other, both included, between which values lie.
fn sums_between(low: Walk, high: Walk, survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> vec2<f32> {
  let lowest = deviation(low.value, middle);
  let highest = deviation(high.value, middle);
  let equal_low = f32(low.left + 1u);
  let equal_high = f32(high.left + 1u);
  var sum = add(vec2<f32>(equal_low * lowest, 0.0f), equal_high * highest);
  var squares = add(vec2<f32>(equal_low * lowest * lowest, 0.0f), equal_high * highest * highest);
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value > low.value && value < high.value) {
      let d = deviation(value, middle);
      sum = add(sum, d);
      squares = add(squares, d * d);
    }
  }
  return vec2<f32>(sum.x, squares.x);
}

// Median of the distances from the median, by bisection on their bits, whose order is that of numbers above 0.
fn median_distance(survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> f32 {
  let rank = (survivors.count - 1u) / 2u;
  var from_key = 0u;
  var to_key = bitcast<u32>(max(abs(deviation(survivors.lowest, middle)), abs(deviation(survivors.highest, middle))));
  while (from_key < to_key) {
    let key = from_key + (to_key - from_key) / 2u;
    if (within_distance(bitcast<f32>(key), survivors, middle, plane, pixel).x > rank) {
      to_key = key;
    } else {
      from_key = key + 1u;
    }
  }
  let lower = bitcast<f32>(from_key);
  let found = within_distance(lower, survivors, middle, plane, pixel);
  let odd = survivors.count % 2u == 1u;
  return select(0.5f * (lower + bitcast<f32>(found.y)), lower, odd || found.x > rank + 1u);
}

// Number of survivors whose distance is not above a limit, and the bits of the least distance above it.
fn within_distance(limit: f32, survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> vec2<u32> {
  var count = 0u;
  var next = NO_LIMIT;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value >= survivors.lowest && value <= survivors.highest) {
      let distance = abs(deviation(value, middle));
      if (distance <= limit) {
        count++;
      } else {
        next = min(next, distance);
      }
    }
  }
  return vec2<u32>(count, bitcast<u32>(next));
}

// Survivors of up to CAPACITY slots: the valid samples of the pixel stand sorted in a private array.
//!import survivors

var<private> sorted: array<f32, CAPACITY>;

fn all_samples(plane: u32, pixel: u32) -> Survivors {
  var count = 0u;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value > BLANK_LIMIT) {
      var k = count;
      while (k > 0u) {
        let below = sorted[k - 1u];
        if (below <= value) {
          break;
        }
        sorted[k] = below;
        k--;
      }
      sorted[k] = value;
      count++;
    }
  }
  return survivors_of(0u, count);
}

fn survivors_of(first: u32, count: u32) -> Survivors {
  return Survivors(first, count, sorted[first], sorted[first + max(count, 1u) - 1u]);
}

fn middle_of(survivors: Survivors, plane: u32, pixel: u32) -> Middle {
  let lower = sorted[survivors.first + (survivors.count - 1u) / 2u];
  let upper = sorted[survivors.first + survivors.count / 2u];
  return Middle(lower, upper, 0.5f * (lower + upper));
}

// Standard deviation of the survivors, each pulled in to within `limit` of the median.
fn deviation_of(survivors: Survivors, middle: Middle, limit: f32, plane: u32, pixel: u32) -> f32 {
  var sum = 0.0f;
  var sum_of_squares = 0.0f;
  for (var k = 0u; k < survivors.count; k++) {
    let d = clamp(deviation(sorted[survivors.first + k], middle), -limit, limit);
    sum += d;
    sum_of_squares += d * d;
  }
  return standard_deviation(survivors.count, sum, sum_of_squares);
}

// Survivors whose deviation is within [low, high].
fn clip(survivors: Survivors, middle: Middle, low: f32, high: f32, plane: u32, pixel: u32) -> Survivors {
  var first = survivors.first;
  var end = survivors.first + survivors.count;
  while (first < end && deviation(sorted[first], middle) < low) {
    first++;
  }
  while (end > first && deviation(sorted[end - 1u], middle) > high) {
    end--;
  }
  return survivors_of(first, end - first);
}

// Number of survivors whose deviation is below `low`: those that stand before what `clip` kept of them.
fn count_below(survivors: Survivors, kept: Survivors, middle: Middle, low: f32, plane: u32, pixel: u32) -> u32 {
  return kept.first - survivors.first;
}

// The frame of the stacks that reject by rank; the kernel supplies `reject(all, plane, pixel)` of at least 3 samples.
//!import line-grid
//!import stack-bindings
//!import stack-samples
//!import stack-ranks
//!import stack-output

fn ranked_stack(plane: u32, pixel: u32) {
  let all = all_samples(plane, pixel);
  var survivors = all;
  if (all.count >= 3u) {
    survivors = reject(all, plane, pixel);
  }
  var median = 0.0f;
  if (survivors.count > 0u) {
    median = middle_of(survivors, plane, pixel).median;
  }
  let high = all.count - survivors.count - survivors.first;
  write_stack(survivors, params.combine == 1u, median, survivors.first, high, plane, pixel);
}

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

// Sums over the survivors in slot order, read from the cube.
//!import sum

// Weighted deviations from `median`, and weights.
fn sums_about(median: f32, survivors: Survivors, plane: u32, pixel: u32) -> vec2<f32> {
  var total = vec2<f32>(0.0f);
  var weights = vec2<f32>(0.0f);
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value > BLANK_LIMIT && value >= survivors.lowest && value <= survivors.highest) {
      let w = frame_weights[slot * params.planes + plane];
      total = add(total, w * (value - median));
      weights = add(weights, w);
    }
  }
  return vec2<f32>(total.x, weights.x);
}

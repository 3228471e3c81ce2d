// Sums over the survivors in slot order, of the samples that survivors-registers holds.
//!import sum

// Weighted deviations from `median`, and weights.
fn sums_about(median: f32, survivors: Survivors, plane: u32, pixel: u32) -> vec2<f32> {
  var total = vec2<f32>(0.0f);
  var weights = vec2<f32>(0.0f);
  //!unroll
  for (var slot = 0u; slot < CAPACITY; slot++) {
    let value = held[slot];
    let survives = (value < ABSENT) & (value >= survivors.lowest) & (value <= survivors.highest);
    let w = frame_weights[min(slot, params.slots - 1u) * params.planes + plane];
    total = select(total, add(total, w * (value - median)), survives);
    weights = select(weights, add(weights, w), survives);
  }
  return vec2<f32>(total.x, weights.x);
}

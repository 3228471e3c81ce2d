// The end of every stack kernel: combines the survivors in slot order and writes the five outputs of a pixel.
//!import sum

// `combined_by_median`: the value is `median`; else the weighted mean, summed about `median` so that float32 keeps the digits.
fn write_stack(survivors: Survivors, combined_by_median: bool, median: f32, low: u32, high: u32, plane: u32, pixel: u32) {
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
  let out = plane * params.pixels + pixel;
  if (survivors.count == 0u) {
    mean[out] = BLANK_VALUE;
    weight[out] = 0.0f;
  } else {
    mean[out] = select(median + total.x / weights.x, median, combined_by_median);
    weight[out] = weights.x;
  }
  used[out] = survivors.count;
  rejected_low[out] = low;
  rejected_high[out] = high;
}

// The end of every stack kernel: combines the survivors in slot order and writes the five outputs of a pixel.
//!import stack-sums

// `combined_by_median`: the value is `median`; else the weighted mean, summed about `median` so that float32 keeps the digits.
fn write_stack(survivors: Survivors, combined_by_median: bool, median: f32, low: u32, high: u32, plane: u32, pixel: u32) {
  let sums = sums_about(median, survivors, plane, pixel);
  let out = plane * params.pixels + pixel;
  if (survivors.count == 0u) {
    mean[out] = BLANK_VALUE;
    weight[out] = 0.0f;
  } else {
    mean[out] = select(median + sums.x / sums.y, median, combined_by_median);
    weight[out] = sums.y;
  }
  used[out] = survivors.count;
  rejected_low[out] = low;
  rejected_high[out] = high;
}

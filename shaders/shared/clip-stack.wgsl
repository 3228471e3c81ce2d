// The rejection loop that kappa-sigma and winsorised clipping share; the kernel supplies `sigma_of`.
//!import line-grid
//!import stack-bindings
//!import stack-samples
//!import stack-output

fn clip_stack(plane: u32, pixel: u32) {
  var survivors = all_samples(plane, pixel);
  var low = 0u;
  var high = 0u;
  for (var iteration = 0u; iteration < params.max_iterations && survivors.count >= 3u; iteration++) {
    let middle = middle_of(survivors, plane, pixel);
    let sigma = sigma_of(survivors, middle, plane, pixel);
    if (sigma <= 0.0f) {
      break;
    }
    var low_bound = -params.kappa_low * sigma;
    var kept = clip(survivors, middle, low_bound, params.kappa_high * sigma, plane, pixel);
    if (kept.count == 0u) {
      // The middle two lie apart and the thresholds between them: one sample must survive.
      low_bound = deviation(middle.lower, middle);
      kept = clip(survivors, middle, low_bound, low_bound, plane, pixel);
    }
    if (kept.count == survivors.count) {
      break;
    }
    let below = count_below(survivors, middle, low_bound, plane, pixel);
    low += below;
    high += survivors.count - kept.count - below;
    survivors = kept;
  }
  var median = 0.0f;
  if (survivors.count > 0u) {
    median = middle_of(survivors, plane, pixel).median;
  }
  write_stack(survivors, params.combine == 1u, median, low, high, plane, pixel);
}

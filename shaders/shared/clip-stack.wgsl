// The rejection loop that kappa-sigma and winsorised clipping share; the kernel supplies `sigma_of`.
//!import stack-bindings
//!import stack-samples
//!import stack-output

// Each question about the samples stands once: compilers take every call in where it stands, and registers by the dozen with it.
fn clip_stack(plane: u32, pixel: u32) {
  var survivors = all_samples(plane, pixel);
  var middle = Middle(0.0f, 0.0f, 0.0f);
  var low = 0u;
  var high = 0u;
  for (var iteration = 0u; survivors.count > 0u; iteration++) {
    middle = middle_of(survivors, plane, pixel);
    if (iteration >= params.max_iterations || survivors.count < 3u) {
      break;
    }
    let sigma = sigma_of(survivors, middle, plane, pixel);
    if (sigma <= 0.0f) {
      break;
    }
    var low_bound = -params.kappa_low * sigma;
    var high_bound = params.kappa_high * sigma;
    var kept = survivors;
    for (var attempt = 0u; attempt < 2u; attempt++) {
      kept = clip(survivors, middle, low_bound, high_bound, plane, pixel);
      if (kept.count > 0u) {
        break;
      }
      // The middle two lie apart and the thresholds between them: one sample must survive.
      low_bound = deviation(middle.lower, middle);
      high_bound = low_bound;
    }
    if (kept.count == survivors.count) {
      break;
    }
    let below = count_below(survivors, kept, middle, low_bound, plane, pixel);
    low += below;
    high += survivors.count - kept.count - below;
    survivors = kept;
  }
  write_stack(survivors, params.combine == 1u, middle.median, low, high, plane, pixel);
}

// The frame of the stacks that reject by rank; the kernel supplies `reject(all, plane, pixel)` of at least 3 samples.
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

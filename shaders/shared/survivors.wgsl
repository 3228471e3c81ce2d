// What is known of the samples of one pixel that still take part. Survivors are always a run of the sorted samples, because every
// rule rejects beyond a bound; so their extreme values say which they are.

struct Survivors {
  // Rank of the first survivor among all valid samples (the streamed variant has none).
  first: u32,
  count: u32,
  // Values of the least and the greatest survivor.
  lowest: f32,
  highest: f32,
}

// The middle two survivors (the same one twice for an odd count) and their mean.
struct Middle {
  lower: f32,
  upper: f32,
  median: f32,
}

// Deviation of a value from the median. By way of a sample the difference is exact where the median, halfway between two samples of
// tens of thousands of ADU, would be rounded by more than a decision about a value may depend on.
fn deviation(value: f32, middle: Middle) -> f32 {
  return (value - middle.lower) - 0.5f * (middle.upper - middle.lower);
}

// Greater than any deviation: clamping to it changes nothing.
const NO_LIMIT: f32 = 3.0e38f;

// Standard deviation (n - 1) from the sums of d and d^2, d = deviations from the median. |mean - median| <= sigma, so the
// subtraction loses at most one bit.
fn standard_deviation(count: u32, sum: f32, sum_of_squares: f32) -> f32 {
  let n = f32(count);
  return sqrt(max((sum_of_squares - sum * (sum / n)) / (n - 1.0f), 0.0f));
}

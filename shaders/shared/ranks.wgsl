// A walk over the survivors of a pixel in the order of their values, from either end; the variants supply its steps.

struct Walk {
  // The sample reached, and the number of steps to it.
  value: f32,
  steps: u32,
  // How many samples of the same value are still to come (used by the streamed variant only).
  left: u32,
}

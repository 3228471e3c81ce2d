// Where the taps of a support stand in a plane, and what their sums come to.

fn support_at(plane: u32, first: vec2<i32>) -> Support {
  let in_window = first - vec2<i32>(params.window_x, params.window_y);
  let last = in_window + i32(TAPS) - 1;
  let inside = all(in_window >= vec2<i32>(0)) && all(last < vec2<i32>(vec2<u32>(params.window_width, params.window_height)));
  let index = (plane * params.window_height + u32(in_window.y)) * params.window_width + u32(in_window.x);
  return Support(inside, index, 1u, params.window_width);
}

// Against dark rings: where the negative taps weigh too much beside the others, they are left out.
fn settled(sums: Sums) -> f32 {
  let positive = 0.5f * (sums.sizes + sums.signed);
  let negative = 0.5f * (sums.sizes - sums.signed);
  let above = positive.y - sums.least * positive.x;
  let below = negative.y - sums.least * negative.x;
  if (below > params.clamp_threshold * above) {
    return sums.origin + positive.y / positive.x;
  }
  return sums.origin + sums.signed.y / sums.signed.x;
}

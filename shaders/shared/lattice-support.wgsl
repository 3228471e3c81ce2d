// Where the taps of a support stand in a Bayer mosaic, and what their sums come to.

fn support_at(colour: u32, site: vec2<i32>) -> Support {
  let in_window = pixel_of(colour, site.x, site.y) - vec2<i32>(params.window_x, params.window_y);
  // Of red and blue the support spans 2 (TAPS - 1) pixels right and down, of green as much right and half of it up and down.
  let reach = i32(TAPS) - 1;
  let low = select(in_window, vec2<i32>(in_window.x, in_window.y - reach), colour == GREEN);
  let high = in_window + select(vec2<i32>(2 * reach), vec2<i32>(2 * reach, reach), colour == GREEN);
  let inside = all(low >= vec2<i32>(0)) && all(high < vec2<i32>(vec2<u32>(params.window_width, params.window_height)));
  let width = params.window_width;
  let index = u32(in_window.y) * width + u32(in_window.x);
  if (colour == GREEN) {
    return Support(inside, index, width + 1u, 1u - width);
  }
  return Support(inside, index, 2u, 2u * width);
}

// Nothing is clamped: samples stay linear in the pixels.
fn settled(sums: Sums) -> f32 {
  return sums.origin + sums.signed.y / sums.signed.x;
}

// The tap nearest to a position; the shader that imports this says what tap(plane, x, y) is.

// The fractions say it all.
alias Weights = vec2<f32>;

fn weights_at(fraction: vec2<f32>) -> Weights {
  return fraction;
}

fn interpolated(plane: u32, at: Position, fraction: Weights) -> f32 {
  let up = vec2<i32>(select(vec2<f32>(0.0f), vec2<f32>(1.0f), fraction >= vec2<f32>(0.5f)));
  return tap(plane, at.pixel.x + up.x, at.pixel.y + up.y);
}

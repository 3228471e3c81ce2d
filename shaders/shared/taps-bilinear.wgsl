// Bilinear values between the taps of a square lattice; the shader that imports this says what tap(plane, x, y) is, BLANK_VALUE where there is none.

// Of the second tap of each axis.
alias Weights = vec2<f32>;

fn weights_at(fraction: vec2<f32>) -> Weights {
  return fraction;
}

fn interpolated(plane: u32, at: Position, weights: Weights) -> f32 {
  // About the first valid tap: float32 keeps the digits, and a constant stays exactly constant.
  var origin = BLANK_VALUE;
  var sum = 0.0f;
  var valid = 0.0f;
  for (var j = 0; j < 2; j++) {
    let wy = select(1.0f - weights.y, weights.y, j == 1);
    for (var i = 0; i < 2; i++) {
      let w = wy * select(1.0f - weights.x, weights.x, i == 1);
      let value = tap(plane, at.pixel.x + i, at.pixel.y + j);
      if (value > BLANK_LIMIT) {
        if (origin <= BLANK_LIMIT) {
          origin = value;
        }
        sum += w * (value - origin);
        valid += w;
      }
    }
  }
  if (valid < 0.5f) {
    return BLANK_VALUE;
  }
  return origin + sum / valid;
}

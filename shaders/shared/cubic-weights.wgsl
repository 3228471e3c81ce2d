// The cubic convolution of Keys (1981, a = -1/2) at the four taps of an axis, the position a fraction f behind the second.
fn axis_weights(f: f32) -> array<f32, TAPS> {
  let g = 1.0f - f;
  return array<f32, TAPS>(
    -0.5f * g * g * f,
    1.0f + f * f * (1.5f * f - 2.5f),
    1.0f + g * g * (1.5f * g - 2.5f),
    -0.5f * f * f * g,
  );
}

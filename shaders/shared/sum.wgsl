// Compensated summation (Kahan 1965): x is the running total, y what its last addition rounded away.
fn add(sum: vec2<f32>, value: f32) -> vec2<f32> {
  let corrected = value - sum.y;
  let total = sum.x + corrected;
  return vec2<f32>(total, (total - sum.x) - corrected);
}

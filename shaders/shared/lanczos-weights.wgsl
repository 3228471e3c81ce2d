// Lanczos-3 (Duchon 1979), L(t) = sinc(t) sinc(t / 3), at the six taps of an axis: worked out to 2e-7, as the lookups of neighbouring threads in a
// table fall far apart.

// sin(pi t / 3) / (pi t / 3) for t in [0, 1].
fn third_sinc(t: f32) -> f32 {
  let s = 1.0966227112f * t * t;
  return 1.0f + s * (-1.6666667e-1f + s * (8.3333333e-3f + s * (-1.9841270e-4f + s * 2.7557319e-6f)));
}

// The position lies a fraction f behind the third tap. With g = 1 - f, sin(pi f) = pi f g q, and the sines of all taps follow from those of f and g.
fn axis_weights(f: f32) -> array<f32, TAPS> {
  let g = 1.0f - f;
  let z = f * g;
  let q = 1.0f + z * (1.0f + z * (3.5506594e-1f + z * (6.5198064e-2f + z * (7.3316535e-3f + z * 5.7798886e-4f))));
  // sin(pi (1 + f) / 3) = cos(pi (f - 1/2) / 3), the same for g.
  let s = 1.0966227112f * (0.25f - z);
  let u = 0.954929659f * z * q * (1.0f + s * (-0.5f + s * (4.1666667e-2f + s * (-1.3888889e-3f + s * 2.4801587e-5f))));
  let near = q * third_sinc(f);
  let far = q * third_sinc(g);
  let f1 = 1.0f / (1.0f + f);
  let g1 = 1.0f / (1.0f + g);
  let f2 = 1.0f / (2.0f + f);
  let g2 = 1.0f / (2.0f + g);
  return array<f32, TAPS>(z * g * far * f2 * f2, -u * f1 * f1, g * near, f * far, -u * g1 * g1, z * f * near * g2 * g2);
}

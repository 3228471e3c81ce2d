// Values between the taps of a square lattice; the shader that imports this says what tap(plane, x, y) is, BLANK_VALUE where there is none.
// Binding: 4 lanczos [3 LANCZOS_TABLE_SIZE + 2].

@group(0) @binding(4) var<storage, read> lanczos: array<f32>;

fn bilinear(plane: u32, at: Position) -> f32 {
  // About the first valid tap: float32 keeps the digits, and a constant stays exactly constant.
  var origin = BLANK_VALUE;
  var sum = 0.0f;
  var valid = 0.0f;
  for (var j = 0; j < 2; j++) {
    let wy = select(1.0f - at.fraction.y, at.fraction.y, j == 1);
    for (var i = 0; i < 2; i++) {
      let w = wy * select(1.0f - at.fraction.x, at.fraction.x, i == 1);
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

// Lanczos-3 at distance t in [0, 3], the table interpolated linearly.
fn lanczos_weight(t: f32) -> f32 {
  let place = t * f32(LANCZOS_TABLE_SIZE);
  let below = floor(place);
  let entry = u32(below);
  return lanczos[entry] + (place - below) * (lanczos[entry + 1u] - lanczos[entry]);
}

// Keys' cubic convolution (a = -1/2) at distance t in [0, 2].
fn cubic_weight(t: f32) -> f32 {
  if (t < 1.0f) {
    return 1.0f + t * t * (1.5f * t - 2.5f);
  }
  let rest = 2.0f - t;
  return -0.5f * rest * rest * (t - 1.0f);
}

// Lanczos-3 (6 taps along each axis) or the cubic (4 taps); clamped against dark rings where asked for.
fn convolved(plane: u32, at: Position, taps: u32, clamps: bool, clamp_threshold: f32) -> f32 {
  var weights_x: array<f32, 6>;
  var weights_y: array<f32, 6>;
  let before = f32(taps / 2u) - 1.0f;
  for (var k = 0u; k < taps; k++) {
    let distance = abs(vec2<f32>(f32(k) - before) - at.fraction);
    if (taps == 4u) {
      weights_x[k] = cubic_weight(distance.x);
      weights_y[k] = cubic_weight(distance.y);
    } else {
      weights_x[k] = lanczos_weight(distance.x);
      weights_y[k] = lanczos_weight(distance.y);
    }
  }
  let first = at.pixel - vec2<i32>(i32(before));
  // Sums run about the first valid tap, so that float32 keeps the digits; they are moved to the least tap afterwards.
  var full = 0.0f;
  var origin = BLANK_VALUE;
  var least = 0.0f;
  var positive = vec2<f32>(0.0f);
  var negative = vec2<f32>(0.0f);
  for (var j = 0u; j < taps; j++) {
    for (var i = 0u; i < taps; i++) {
      let w = weights_x[i] * weights_y[j];
      full += w;
      let value = tap(plane, first.x + i32(i), first.y + i32(j));
      if (value > BLANK_LIMIT) {
        if (origin <= BLANK_LIMIT) {
          origin = value;
        }
        let d = value - origin;
        least = min(least, d);
        // x: weights, y: weighted values.
        positive += select(vec2<f32>(0.0f), vec2<f32>(w, w * d), w > 0.0f);
        negative += select(vec2<f32>(0.0f), vec2<f32>(-w, -w * d), w < 0.0f);
      }
    }
  }
  if (positive.x - negative.x < 0.5f * full) {
    return BLANK_VALUE;
  }
  let above = positive.y - least * positive.x;
  let below = negative.y - least * negative.x;
  if (clamps && below > clamp_threshold * above) {
    return origin + positive.y / positive.x;
  }
  return origin + (positive.y - negative.y) / (positive.x - negative.x);
}

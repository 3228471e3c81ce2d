// Convolutions of TAPS x TAPS taps of a square lattice; the shader that imports this says what tap(plane, x, y) is, BLANK_VALUE where there is none,
// and what is stored at an index of the image; its variant, where the taps of a support stand (support_at) and what their sums come to (settled).
//!import axis-weights
//!import support

struct Weights {
  x: array<f32, TAPS>,
  y: array<f32, TAPS>,
}

// The taps of a support: whether all lie in the window, the index of the first one, and the steps to the next along either axis (modulo 2^32).
struct Support {
  inside: bool,
  index: u32,
  step_x: u32,
  step_y: u32,
}

// Over the valid taps of a support; x: weights, y: weighted deviations from `origin`.
struct Sums {
  origin: f32,
  // Least deviation from the origin.
  least: f32,
  signed: vec2<f32>,
  // The same with the weights' signs taken off.
  sizes: vec2<f32>,
}

fn weights_at(fraction: vec2<f32>) -> Weights {
  return Weights(axis_weights(fraction.x), axis_weights(fraction.y));
}

// Where all taps of the support are there, nothing is asked of each.
fn interpolated(plane: u32, at: Position, weights: Weights) -> f32 {
  let first = at.pixel - vec2<i32>(i32(TAPS / 2u) - 1);
  let support = support_at(plane, first);
  if (support.inside) {
    let value = convolved_whole(support, weights);
    if (value > BLANK_LIMIT) {
      return value;
    }
  }
  return convolved_with_gaps(plane, first, weights);
}

// The sum over a support that lies in the window, about the tap in its middle; BLANK_VALUE where one of its taps is blank.
fn convolved_whole(support: Support, weights: Weights) -> f32 {
  let wx = weights.x;
  let origin = stored(support.index + (TAPS / 2u - 1u) * (support.step_x + support.step_y));
  var least = origin;
  var sum = 0.0f;
  var size = 0.0f;
  for (var j = 0u; j < TAPS; j++) {
    let row = support.index + j * support.step_y;
    let wy = weight_of(weights.y, j);
    var line = 0.0f;
    var line_size = 0.0f;
    //!unroll
    for (var i = 0u; i < TAPS; i++) {
      let value = stored(row + i * support.step_x);
      least = min(least, value);
      line += wx[i] * (value - origin);
      line_size += abs(wx[i]) * (value - origin);
    }
    sum += wy * line;
    size += abs(wy) * line_size;
  }
  if (least <= BLANK_LIMIT) {
    return BLANK_VALUE;
  }
  let all = sums_of(weights.x) * sums_of(weights.y);
  return settled(Sums(origin, least - origin, vec2<f32>(all.x, sum), vec2<f32>(all.y, size)));
}

// The same where taps are missing: about the first valid tap, weights normalised over the valid ones.
fn convolved_with_gaps(plane: u32, first: vec2<i32>, weights: Weights) -> f32 {
  let wx = weights.x;
  var origin = BLANK_VALUE;
  var least = 0.0f;
  var signed = vec2<f32>(0.0f);
  var sizes = vec2<f32>(0.0f);
  for (var j = 0u; j < TAPS; j++) {
    let wy = weight_of(weights.y, j);
    //!unroll
    for (var i = 0u; i < TAPS; i++) {
      let value = tap(plane, first.x + i32(i), first.y + i32(j));
      let valid = value > BLANK_LIMIT;
      origin = select(origin, value, valid & (origin <= BLANK_LIMIT));
      let d = select(0.0f, value - origin, valid);
      let w = select(0.0f, wx[i] * wy, valid);
      least = min(least, d);
      signed += vec2<f32>(w, w * d);
      sizes += vec2<f32>(abs(w), abs(w) * d);
    }
  }
  let full = sums_of(weights.x).x * sums_of(weights.y).x;
  if (signed.x < 0.5f * full) {
    return BLANK_VALUE;
  }
  return settled(Sums(origin, least, signed, sizes));
}

// Of an axis: weights, and their sizes.
fn sums_of(w: array<f32, TAPS>) -> vec2<f32> {
  var sums = vec2<f32>(0.0f);
  //!unroll
  for (var k = 0u; k < TAPS; k++) {
    sums += vec2<f32>(w[k], abs(w[k]));
  }
  return sums;
}

// By choice and not by index: what is indexed by a variable does not stay in registers.
fn weight_of(w: array<f32, TAPS>, index: u32) -> f32 {
  var chosen = w[0];
  //!unroll
  for (var k = 1u; k < TAPS; k++) {
    chosen = select(chosen, w[k], k == index);
  }
  return chosen;
}

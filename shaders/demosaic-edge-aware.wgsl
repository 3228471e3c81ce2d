// CFA plane -> planes R, G, B: green along the smoother direction (Hamilton & Adams 1997), red and blue by colour differences.
// Thread: (x, y) = pixel of the window; it writes the three colours.
// Bindings: shared/cfa.wgsl.
//!import cfa

// Estimate and gradient of green between two greens, with the site's own colour at distance 2 on both sides.
fn along(green_a: f32, green_b: f32, own: f32, own_a: f32, own_b: f32) -> vec2<f32> {
  let second = 2.0f * own - own_a - own_b;
  return vec2<f32>(0.5f * (green_a + green_b) + 0.25f * second, abs(green_a - green_b) + abs(second));
}

// Green at a site: its own sample, the estimate of the smoother direction, or the mean of the valid direct neighbours.
fn green_at(x: i32, y: i32) -> f32 {
  let own = cfa_at(x, y);
  if (colour_at(x, y) == GREEN) {
    return own;
  }
  // North, west, east, south.
  let greens = vec4<f32>(cfa_at(x, y - 1), cfa_at(x - 1, y), cfa_at(x + 1, y), cfa_at(x, y + 1));
  let owns = vec4<f32>(cfa_at(x, y - 2), cfa_at(x - 2, y), cfa_at(x + 2, y), cfa_at(x, y + 2));
  let valid = greens > vec4<f32>(BLANK_LIMIT);
  if (own > BLANK_LIMIT && all(valid) && all(owns > vec4<f32>(BLANK_LIMIT))) {
    let horizontal = along(greens.y, greens.z, own, owns.y, owns.z);
    let vertical = along(greens.x, greens.w, own, owns.x, owns.w);
    let straight = select(vertical.x, horizontal.x, horizontal.y < vertical.y);
    return select(straight, 0.5f * (horizontal.x + vertical.x), horizontal.y == vertical.y);
  }
  let sum = dot(select(vec4<f32>(0.0f), greens, valid), vec4<f32>(1.0f));
  let count = dot(select(vec4<f32>(0.0f), vec4<f32>(1.0f), valid), vec4<f32>(1.0f));
  return select(BLANK_VALUE, sum / max(count, 1.0f), count > 0.0f);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let x = i32(id.x);
  let y = i32(id.y);
  let own_colour = colour_at(x, y);
  let green = green_at(x, y);
  // One pass over the neighbours serves red and blue; sums of samples and of differences to green, and their counts.
  var samples = array<vec2<f32>, 3>();
  var differences = array<vec2<f32>, 3>();
  for (var k = 0; k < 9; k++) {
    let nx = x + k % 3 - 1;
    let ny = y + k / 3 - 1;
    let colour = colour_at(nx, ny);
    let value = cfa_at(nx, ny);
    if (colour != GREEN && value > BLANK_LIMIT) {
      samples[colour] += vec2<f32>(value, 1.0f);
      let green_there = green_at(nx, ny);
      if (green_there > BLANK_LIMIT) {
        differences[colour] += vec2<f32>(value - green_there, 1.0f);
      }
    }
  }
  for (var colour = 0u; colour < 3u; colour++) {
    var value = BLANK_VALUE;
    if (colour == own_colour) {
      value = cfa_at(x, y);
    } else if (colour == GREEN) {
      value = green;
    } else if (green > BLANK_LIMIT && differences[colour].y > 0.0f) {
      value = green + differences[colour].x / differences[colour].y;
    } else if (samples[colour].y > 0.0f) {
      value = samples[colour].x / samples[colour].y;
    }
    write_colour(colour, id.x, id.y, value);
  }
}

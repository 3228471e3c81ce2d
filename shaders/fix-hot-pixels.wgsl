// Isolated hot and cold samples are replaced by the median of their like neighbours, or left out.
// Thread: (x, y) = pixel of the window.
// Bindings: 1 image, 2 fixed [height, width].

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read_write> fixed: array<f32>;

fn image_at(x: i32, y: i32) -> f32 {
  let inside = (u32(x) < params.width) & (u32(y) < params.height);
  return select(BLANK_VALUE, image[select(0u, u32(y) * params.width + u32(x), inside)], inside);
}

// Median of the valid samples among the 8 at distance `step`, or BLANK_VALUE.
fn ring_median(x: i32, y: i32) -> f32 {
  var ring: array<f32, 8>;
  var count = 0u;
  let step = i32(params.step);
  for (var j = -1; j <= 1; j++) {
    for (var i = -1; i <= 1; i++) {
      let value = image_at(x + i * step, y + j * step);
      if ((i != 0 || j != 0) && value > BLANK_LIMIT) {
        var k = count;
        while (k > 0u) {
          let below = ring[k - 1u];
          if (below <= value) {
            break;
          }
          ring[k] = below;
          k--;
        }
        ring[k] = value;
        count++;
      }
    }
  }
  if (count == 0u) {
    return BLANK_VALUE;
  }
  return 0.5f * (ring[(count - 1u) / 2u] + ring[count / 2u]);
}

fn threshold_at(x: u32, y: u32) -> f32 {
  let site = ((y + params.origin_y) & 1u) * 2u + ((x + params.origin_x) & 1u);
  return select(
    select(params.threshold00, params.threshold01, site == 1u),
    select(params.threshold10, params.threshold11, site == 3u),
    site >= 2u,
  );
}

// Greatest excess of the direct neighbours over their own medians, on the side of `sign`; no neighbour that counts: far below zero.
fn greatest_excess(x: i32, y: i32, sign: f32) -> f32 {
  var greatest = BLANK_VALUE;
  for (var k = 0; k < 4; k++) {
    let along = 2 * (k & 1) - 1;
    let nx = x + select(along, 0, k >= 2);
    let ny = y + select(0, along, k >= 2);
    let value = image_at(nx, ny);
    let median = ring_median(nx, ny);
    if (value > BLANK_LIMIT && median > BLANK_LIMIT) {
      greatest = max(greatest, sign * (value - median));
    }
  }
  return greatest;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let x = i32(id.x);
  let y = i32(id.y);
  var value = image_at(x, y);
  if (value > BLANK_LIMIT) {
    let median = ring_median(x, y);
    let excess = value - median;
    // Hot and cold are mirror images: with the excess's sign taken out one test serves both.
    if (median > BLANK_LIMIT && abs(excess) > threshold_at(id.x, id.y)) {
      let sign = select(-1.0f, 1.0f, excess > 0.0f);
      if (greatest_excess(x, y, sign) < params.isolation * abs(excess)) {
        value = select(median, BLANK_VALUE, params.blanks == 1u);
      }
    }
  }
  fixed[id.y * params.width + id.x] = value;
}

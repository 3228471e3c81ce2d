// Isolated hot and cold samples are replaced by the median of their like neighbours, or left out.
// Thread: (x, y) = pixel of the window.
// Bindings: 1 image, 2 fixed [height, width].

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read_write> fixed: array<f32>;

// Beyond every sample.
const FAR: f32 = 3.0e38f;

fn image_at(x: i32, y: i32) -> f32 {
  let inside = (u32(x) < params.width) & (u32(y) < params.height);
  return select(BLANK_VALUE, image[select(0u, u32(y) * params.width + u32(x), inside)], inside);
}

// Median of the valid samples among the 8 at distance `step`, or BLANK_VALUE.
fn ring_median(x: i32, y: i32) -> f32 {
  let step = i32(params.step);
  let width = i32(params.width);
  var above: vec4<f32>;
  var below: vec4<f32>;
  if (x >= step && y >= step && x + step < width && y + step < i32(params.height)) {
    let here = u32(y * width + x);
    let across = params.step;
    let down = params.step * params.width;
    above = vec4<f32>(image[here - down - across], image[here - down], image[here - down + across], image[here - across]);
    below = vec4<f32>(image[here + across], image[here + down - across], image[here + down], image[here + down + across]);
  } else {
    above = vec4<f32>(image_at(x - step, y - step), image_at(x, y - step), image_at(x + step, y - step), image_at(x - step, y));
    below = vec4<f32>(image_at(x + step, y), image_at(x - step, y + step), image_at(x, y + step), image_at(x + step, y + step));
  }
  var odd = false;
  let least = min(above, below);
  if (min(min(least.x, least.y), min(least.z, least.w)) <= BLANK_LIMIT) {
    // What is not there stands above and below in turn, which leaves the middle where it is.
    var count = 0u;
    //!unroll
    for (var k = 0u; k < 4u; k++) {
      let gone = above[k] <= BLANK_LIMIT;
      above[k] = select(above[k], select(FAR, -FAR, odd), gone);
      odd = odd != gone;
      count += select(1u, 0u, gone);
    }
    //!unroll
    for (var k = 0u; k < 4u; k++) {
      let gone = below[k] <= BLANK_LIMIT;
      below[k] = select(below[k], select(FAR, -FAR, odd), gone);
      odd = odd != gone;
      count += select(1u, 0u, gone);
    }
    if (count == 0u) {
      return BLANK_VALUE;
    }
  }
  // Two sorted fours, side by side, then the middle two of both.
  let low = min(vec4<f32>(above.xy, below.xy), vec4<f32>(above.zw, below.zw));
  let high = max(vec4<f32>(above.xy, below.xy), vec4<f32>(above.zw, below.zw));
  let s0 = min(low.xz, low.yw);
  let s3 = max(high.xz, high.yw);
  let m1 = max(low.xz, low.yw);
  let m2 = min(high.xz, high.yw);
  let s1 = min(m1, m2);
  let s2 = max(m1, m2);
  let lower = max(max(min(s0.x, s3.y), min(s1.x, s2.y)), max(min(s2.x, s1.y), min(s3.x, s0.y)));
  let upper = min(min(max(s0.x, s3.y), max(s1.x, s2.y)), min(max(s2.x, s1.y), max(s3.x, s0.y)));
  return select(0.5f * (lower + upper), lower, odd);
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

// Resamples the planes of one frame window onto a cell of the output grid, levels corrected, into one slot of the sample cube.
// Thread: (x, y) = pixel of the cell, z = plane.
// Bindings: 1 planes [planes, window_height, window_width]; 2 map [blocks_y, blocks_x, MAP_STRIDE]; 3 levels [planes, 1 + LEVEL_TERMS];
//   4 lanczos [3 LANCZOS_TABLE_SIZE + 2]; 5 cube [slots, planes, cell_height, cell_width].

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> planes: array<f32>;
@group(0) @binding(2) var<storage, read> map: array<f32>;
@group(0) @binding(3) var<storage, read> levels: array<f32>;
@group(0) @binding(4) var<storage, read> lanczos: array<f32>;
@group(0) @binding(5) var<storage, read_write> cube: array<f32>;

// A frame position as pixel and fraction in [0, 1): float32 alone would lose the fraction on large frames.
struct Position {
  pixel: vec2<i32>,
  fraction: vec2<f32>,
}

fn biquadratic(first: u32, u: f32, v: f32) -> f32 {
  var value = 0.0f;
  for (var k = 0u; k < 3u; k++) {
    let row = first + 3u * (2u - k);
    value = value * v + (map[row] + u * (map[row + 1u] + u * map[row + 2u]));
  }
  return value;
}

fn frame_position(x: u32, y: u32) -> Position {
  let blocks_x = (params.cell_width + BLOCK_SIZE - 1u) / BLOCK_SIZE;
  let first = ((y / BLOCK_SIZE) * blocks_x + x / BLOCK_SIZE) * MAP_STRIDE;
  let half_block = 0.5f * f32(BLOCK_SIZE);
  let u = (f32(x % BLOCK_SIZE) - (half_block - 0.5f)) / half_block;
  let v = (f32(y % BLOCK_SIZE) - (half_block - 0.5f)) / half_block;
  let offset = vec2<f32>(biquadratic(first + 2u, u, v), biquadratic(first + 11u, u, v));
  let whole = floor(offset);
  return Position(vec2<i32>(vec2<f32>(map[first], map[first + 1u])) + vec2<i32>(whole), offset - whole);
}

// Within [-0.5, size - 0.5], decided on whole pixels and fraction apart.
fn inside(pixel: i32, fraction: f32, size: u32) -> bool {
  let last = i32(size) - 1;
  return (pixel >= 0 && pixel < last) || (pixel == -1 && fraction >= 0.5f) || (pixel == last && fraction <= 0.5f);
}

// Sample of the window by frame pixel; BLANK_VALUE outside.
fn tap(plane: u32, x: i32, y: i32) -> f32 {
  let wx = u32(x - params.window_x);
  let wy = u32(y - params.window_y);
  let inside = (wx < params.window_width) & (wy < params.window_height);
  let index = (plane * params.window_height + wy) * params.window_width + wx;
  return select(BLANK_VALUE, planes[select(0u, index, inside)], inside);
}

fn nearest(plane: u32, at: Position) -> f32 {
  let up = vec2<i32>(select(vec2<f32>(0.0f), vec2<f32>(1.0f), at.fraction >= vec2<f32>(0.5f)));
  return tap(plane, at.pixel.x + up.x, at.pixel.y + up.y);
}

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

fn lanczos3(plane: u32, at: Position) -> f32 {
  var weights_x: array<f32, 6>;
  var weights_y: array<f32, 6>;
  for (var k = 0u; k < 6u; k++) {
    let from_pixel = f32(k) - 2.0f;
    weights_x[k] = lanczos_weight(abs(from_pixel - at.fraction.x));
    weights_y[k] = lanczos_weight(abs(from_pixel - at.fraction.y));
  }
  // Sums run about the first valid tap, so that float32 keeps the digits; they are moved to the least tap afterwards.
  var full = 0.0f;
  var origin = BLANK_VALUE;
  var least = 0.0f;
  var positive = vec2<f32>(0.0f);
  var negative = vec2<f32>(0.0f);
  for (var j = 0u; j < 6u; j++) {
    for (var i = 0u; i < 6u; i++) {
      let w = weights_x[i] * weights_y[j];
      full += w;
      let value = tap(plane, at.pixel.x + i32(i) - 2, at.pixel.y + i32(j) - 2);
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
  if (below > params.clamp_threshold * above) {
    return origin + positive.y / positive.x;
  }
  return origin + (positive.y - negative.y) / (positive.x - negative.x);
}

// Gain and level surface of the plane at a frame position.
fn corrected(plane: u32, at: Position, value: f32) -> f32 {
  let first = plane * (1u + LEVEL_TERMS);
  let x = (f32(at.pixel.x) + at.fraction.x - params.centre_x) * params.inv_scale;
  let y = (f32(at.pixel.y) + at.fraction.y - params.centre_y) * params.inv_scale;
  let level = levels[first + 1u] + levels[first + 2u] * x + levels[first + 3u] * y +
    levels[first + 4u] * x * x + levels[first + 5u] * x * y + levels[first + 6u] * y * y;
  return levels[first] * (value - level);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.cell_width || id.y >= params.cell_height) {
    return;
  }
  let at = frame_position(id.x, id.y);
  var value = BLANK_VALUE;
  if (inside(at.pixel.x, at.fraction.x, params.frame_width) && inside(at.pixel.y, at.fraction.y, params.frame_height)) {
    if (params.kernel == WARP_NEAREST) {
      value = nearest(id.z, at);
    } else if (params.kernel == WARP_BILINEAR) {
      value = bilinear(id.z, at);
    } else {
      value = lanczos3(id.z, at);
    }
    if (value > BLANK_LIMIT) {
      value = corrected(id.z, at, value);
    }
  }
  let plane = params.slot * params.planes + id.z;
  cube[(plane * params.cell_height + id.y) * params.cell_width + id.x] = value;
}

// Drops the raw samples of a frame window onto a cell of the output grid; each pixel of the cell gathers the drops that it overlaps.
// Thread: (x, y) = pixel of the cell, z = plane.
// Bindings: 1 image [planes (1 with bayer), window_height, window_width]; 2 map [blocks_y, blocks_x, MAP_STRIDE]; 3 levels [planes, 1 + LEVEL_TERMS];
// 4 radial [RADIAL_TABLE_SIZE + 2]; 5 frame_weights [slots, planes]; 6 cube [slots, planes, cell_height, cell_width];
// 7 sums [4 (sum, weight, square, frames), planes, cell_height, cell_width].
//!import block-map

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> map: array<f32>;
@group(0) @binding(3) var<storage, read> levels: array<f32>;
@group(0) @binding(4) var<storage, read> radial: array<f32>;
@group(0) @binding(5) var<storage, read> frame_weights: array<f32>;
@group(0) @binding(6) var<storage, read> cube: array<f32>;
@group(0) @binding(7) var<storage, read_write> sums: array<f32>;

// Mean of max(y, 0) along a line from y = a to y = b.
fn ramp(a: f32, b: f32) -> f32 {
  let low = min(a, b);
  let high = max(max(a, b), 0.0f);
  return select(high * high / (2.0f * max(high - low, 1e-30f)), 0.5f * (a + b), low >= 0.0f);
}

// Area between an edge and the lower side of the unit square, as far as it lies in the square.
fn under_edge(start: vec2<f32>, end: vec2<f32>) -> f32 {
  let x1 = clamp(start.x, 0.0f, 1.0f);
  let x2 = clamp(end.x, 0.0f, 1.0f);
  if (x1 == x2) {
    return 0.0f;
  }
  let slope = (end.y - start.y) / (end.x - start.x);
  let a = start.y + (x1 - start.x) * slope;
  let b = start.y + (x2 - start.x) * slope;
  return (x2 - x1) * (ramp(a, b) - ramp(a - 1.0f, b - 1.0f));
}

// Part of the drop about `site` that lies in the quadrilateral.
fn overlap(quad: array<vec2<f32>, 4>, site: vec2<f32>) -> f32 {
  let p0 = (quad[0] - site) / params.pixfrac + 0.5f;
  let p1 = (quad[1] - site) / params.pixfrac + 0.5f;
  let p2 = (quad[2] - site) / params.pixfrac + 0.5f;
  let p3 = (quad[3] - site) / params.pixfrac + 0.5f;
  return abs(under_edge(p0, p1) + under_edge(p1, p2) + under_edge(p2, p3) + under_edge(p3, p0));
}

fn radial_weight(from_centre: vec2<f32>) -> f32 {
  let place = min(1.0f, length(from_centre) * params.inv_radius) * f32(RADIAL_TABLE_SIZE);
  let entry = u32(place);
  return radial[entry] + (place - f32(entry)) * (radial[entry + 1u] - radial[entry]);
}

// Gain and level surface of the plane at a raw pixel.
fn levelled(plane: u32, from_centre: vec2<f32>, value: f32) -> f32 {
  let first = plane * (1u + LEVEL_TERMS);
  let x = from_centre.x * params.inv_scale;
  let y = from_centre.y * params.inv_scale;
  let level = levels[first + 1u] + levels[first + 2u] * x + levels[first + 3u] * y +
    levels[first + 4u] * x * x + levels[first + 5u] * x * y + levels[first + 6u] * y * y;
  return levels[first] * (value - level);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.cell_width || id.y >= params.cell_height) {
    return;
  }
  let pixels = params.cell_width * params.cell_height;
  let pixel = id.y * params.cell_width + id.x;
  let row = params.slot * params.planes + id.z;
  if (cube[row * pixels + pixel] <= BLANK_LIMIT) {
    return;
  }
  // Corners and raw pixels are counted from the integer base of the block: float32 alone would lose the fraction on large frames.
  let half_block = 0.5f * f32(BLOCK_SIZE);
  let first = block_first(id.x, id.y, params.cell_width);
  var quad: array<vec2<f32>, 4>;
  var least = vec2<f32>(1e30f);
  var most = vec2<f32>(-1e30f);
  for (var k = 0u; k < 4u; k++) {
    let right = select(0.0f, 1.0f, k == 1u || k == 2u);
    let above = select(0.0f, 1.0f, k >= 2u);
    let u = (f32(id.x % BLOCK_SIZE) - half_block + right) / half_block;
    let v = (f32(id.y % BLOCK_SIZE) - half_block + above) / half_block;
    quad[k] = vec2<f32>(biquadratic(first + 2u, u, v), biquadratic(first + 11u, u, v));
    least = min(least, quad[k]);
    most = max(most, quad[k]);
  }
  let base = vec2<i32>(vec2<f32>(map[first], map[first + 1u]));
  let half_drop = 0.5f * params.pixfrac;
  let window = vec2<i32>(params.window_x, params.window_y) - base;
  let window_size = vec2<i32>(vec2<u32>(params.window_width, params.window_height));
  let first_site = max(vec2<i32>(ceil(least - half_drop)), window);
  let last_site = min(vec2<i32>(floor(most + half_drop)), window + window_size - 1);
  let plane_start = select(id.z * params.window_width * params.window_height, 0u, params.bayer == 1u);
  let centre = vec2<f32>(params.centre_x, params.centre_y);
  let w = frame_weights[row];
  var sum = 0.0f;
  var weight = 0.0f;
  var square = 0.0f;
  for (var ky = first_site.y; ky <= last_site.y; ky++) {
    for (var kx = first_site.x; kx <= last_site.x; kx++) {
      let site = vec2<i32>(kx, ky) + base;
      let colour = (params.pattern >> (2u * u32((site.y & 1) * 2 + (site.x & 1)))) & 3u;
      if (params.bayer == 1u && colour != id.z) {
        continue;
      }
      let in_window = vec2<u32>(vec2<i32>(kx, ky) - window);
      let value = image[plane_start + in_window.y * params.window_width + in_window.x];
      let a = overlap(quad, vec2<f32>(f32(kx), f32(ky)));
      if (value > BLANK_LIMIT && a >= DRIZZLE_LEAST) {
        let from_centre = vec2<f32>(site) - centre;
        let r = radial_weight(from_centre);
        sum += w * r * a * levelled(id.z, from_centre, value);
        weight += w * r * a;
        square += w * r * r * a * a;
      }
    }
  }
  if (weight > 0.0f) {
    let quantity = params.planes * pixels;
    let out = id.z * pixels + pixel;
    sums[out] += sum;
    sums[out + quantity] += weight;
    sums[out + 2u * quantity] += square;
    sums[out + 3u * quantity] += 1.0f;
  }
}

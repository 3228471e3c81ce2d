// Adds one slot of a cube to running sums, weighted by how far from the middle of its frame each sample was taken.
// Thread: (x, y) = pixel of the cell, z = plane.
// Bindings: 1 cube [slots, planes, height, width]; 2 frame_weights [slots, planes]; 3 map [blocks_y, blocks_x, MAP_STRIDE];
// 4 radial [RADIAL_TABLE_SIZE + 2]; 5 mean, 6 sum, 7 weight, 8 square [planes, height, width].
//!import block-map

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cube: array<f32>;
@group(0) @binding(2) var<storage, read> frame_weights: array<f32>;
@group(0) @binding(3) var<storage, read> map: array<f32>;
@group(0) @binding(4) var<storage, read> radial: array<f32>;
@group(0) @binding(5) var<storage, read> mean: array<f32>;
@group(0) @binding(6) var<storage, read_write> sum: array<f32>;
@group(0) @binding(7) var<storage, read_write> weight: array<f32>;
@group(0) @binding(8) var<storage, read_write> square: array<f32>;

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let pixels = params.width * params.height;
  let pixel = id.y * params.width + id.x;
  let row = params.slot * params.planes + id.z;
  let value = cube[row * pixels + pixel];
  if (value > BLANK_LIMIT) {
    let at = block_position(id.x, id.y, params.width);
    let base = vec2<f32>(map[at.first], map[at.first + 1u]);
    let from_centre = (base - vec2<f32>(params.centre_x, params.centre_y)) + at.offset;
    let place = min(1.0f, length(from_centre) * params.inv_radius) * f32(RADIAL_TABLE_SIZE);
    let entry = u32(place);
    let r = radial[entry] + (place - f32(entry)) * (radial[entry + 1u] - radial[entry]);
    let w = frame_weights[row] * r;
    let out = id.z * pixels + pixel;
    sum[out] += w * (value - mean[out]);
    weight[out] += w;
    square[out] += w * r;
  }
}

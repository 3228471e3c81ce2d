// Adds one slot of a cube, weighted, to running sums.
// Thread: pixel = folded line index, plane = workgroup z.
// Bindings: 1 cube [slots, planes, pixels]; 2 frame_weights [slots, planes]; 3 sum, 4 weight, 5 used [planes, pixels].
//!import line-grid

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cube: array<f32>;
@group(0) @binding(2) var<storage, read> frame_weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> sum: array<f32>;
@group(0) @binding(4) var<storage, read_write> weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> used: array<u32>;

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let pixel = line_index(group, local, groups);
  if (pixel >= params.pixels) {
    return;
  }
  let row = params.slot * params.planes + group.z;
  let value = cube[row * params.pixels + pixel];
  if (value > BLANK_LIMIT) {
    let out = group.z * params.pixels + pixel;
    let w = frame_weights[row];
    sum[out] += w * value;
    weight[out] += w;
    used[out] += 1u;
  }
}

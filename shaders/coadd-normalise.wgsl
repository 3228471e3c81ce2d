// Running sums -> mean.
// Thread: pixel = folded line index, plane = workgroup z.
// Bindings: 1 sum, 2 weight, 3 mean [planes, pixels].
//!import line-grid

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sum: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;

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
  let out = group.z * params.pixels + pixel;
  let w = weight[out];
  if (w > 0.0f) {
    mean[out] = sum[out] / w;
  } else {
    mean[out] = BLANK_VALUE;
  }
}

// Raw samples -> (image - bias_scale bias - dark_scale dark) / flat.
// Thread: pixel = folded line index, plane = workgroup z.
// Bindings: 1 image, 2 bias, 3 dark, 4 flat, 5 calibrated [planes, pixels]; a master that is left out has one element.
//!import line-grid

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> dark: array<f32>;
@group(0) @binding(4) var<storage, read> flat_field: array<f32>;
@group(0) @binding(5) var<storage, read_write> calibrated: array<f32>;

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
  let at = group.z * params.pixels + pixel;
  var value = image[at];
  var valid = value > BLANK_LIMIT;
  if (params.bias_scale != 0.0f) {
    let b = bias[at];
    valid &= b > BLANK_LIMIT;
    value -= params.bias_scale * b;
  }
  if (params.dark_scale != 0.0f) {
    let d = dark[at];
    valid &= d > BLANK_LIMIT;
    value -= params.dark_scale * d;
  }
  if (params.has_flat != 0u) {
    let f = flat_field[at];
    valid &= f > 0.0f;
    value /= f;
  }
  calibrated[at] = select(BLANK_VALUE, value, valid);
}

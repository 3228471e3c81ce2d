// Takes out of a cube what its stack rejected: as many of the lowest and of the highest samples as were counted.
// Thread: pixel = folded line index, plane = workgroup z.
// Bindings: 1 cube [slots, planes, pixels]; 2 rejected_low, 3 rejected_high [planes, pixels].
//!import line-grid

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> cube: array<f32>;
@group(0) @binding(2) var<storage, read> rejected_low: array<u32>;
@group(0) @binding(3) var<storage, read> rejected_high: array<u32>;

// Blanks the first of the highest (side 1) or lowest (side -1) samples of a pixel.
fn drop_extreme(first: u32, side: f32) {
  let step = params.planes * params.pixels;
  var found = params.slots;
  var extreme = 0.0f;
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = cube[first + slot * step];
    if (value > BLANK_LIMIT && (found == params.slots || side * value > extreme)) {
      found = slot;
      extreme = side * value;
    }
  }
  if (found < params.slots) {
    cube[first + found * step] = BLANK_VALUE;
  }
}

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
  for (var k = 0u; k < rejected_low[at]; k++) {
    drop_extreme(at, -1.0f);
  }
  for (var k = 0u; k < rejected_high[at]; k++) {
    drop_extreme(at, 1.0f);
  }
}

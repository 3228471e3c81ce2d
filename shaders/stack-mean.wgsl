// Weighted mean of all valid samples, in slot order, no rejection.
// Thread: pixel = folded line index, plane = workgroup z; one thread combines all slots of one pixel of one plane.
// Bindings: shared/stack-bindings.wgsl.
//!import line-grid
//!import stack-bindings
//!import sum

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
  let plane = group.z;
  var count = 0u;
  var origin = 0.0f;
  var total = vec2<f32>(0.0f);
  var weights = vec2<f32>(0.0f);
  for (var slot = 0u; slot < params.slots; slot++) {
    let value = sample(slot, plane, pixel);
    if (value > BLANK_LIMIT) {
      // Sums run about the first valid sample, so that float32 keeps the digits of small differences of large values.
      origin = select(origin, value, count == 0u);
      let w = frame_weights[slot * params.planes + plane];
      total = add(total, w * (value - origin));
      weights = add(weights, w);
      count++;
    }
  }
  let out = plane * params.pixels + pixel;
  mean[out] = select(BLANK_VALUE, origin + total.x / weights.x, count > 0u);
  weight[out] = weights.x;
  used[out] = count;
  rejected_low[out] = 0u;
  rejected_high[out] = 0u;
}

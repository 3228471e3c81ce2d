// Median of all valid samples.
// Thread: pixel = folded line index, plane = workgroup z; one thread combines all slots of one pixel of one plane.
// Bindings: shared/stack-bindings.wgsl. Variants: `stack-samples` and `stack-sums` hold up to CAPACITY slots in registers or pass over the cube.
//!import stack-bindings
//!import stack-samples
//!import stack-output

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let pixel = stacked_pixel(group, local, groups);
  if (pixel >= params.pixels) {
    return;
  }
  let plane = group.z;
  let survivors = all_samples(plane, pixel);
  var median = 0.0f;
  if (survivors.count > 0u) {
    median = middle_of(survivors, plane, pixel).median;
  }
  write_stack(survivors, true, median, 0u, 0u, plane, pixel);
}

// Drops the least and the greatest samples by count, then the weighted mean or the median of the survivors.
// Thread: pixel = folded line index, plane = workgroup z; one thread combines all slots of one pixel of one plane.
// Bindings: shared/stack-bindings.wgsl. Variants: `stack-samples` and `stack-ranks` are sorted (up to CAPACITY slots) or streamed
// (any number).
//!import ranked-stack

fn reject(all: Survivors, plane: u32, pixel: u32) -> Survivors {
  if (params.drop_low >= all.count || params.drop_high >= all.count - params.drop_low) {
    return all;
  }
  var low = lowest_of(all, plane, pixel);
  for (var k = 0u; k < params.drop_low; k++) {
    low = next_up(low, all, plane, pixel);
  }
  var high = highest_of(all, plane, pixel);
  for (var k = 0u; k < params.drop_high; k++) {
    high = next_down(high, all, plane, pixel);
  }
  return survivors_between(low.value, high.value, plane, pixel);
}

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
  ranked_stack(group.z, pixel);
}

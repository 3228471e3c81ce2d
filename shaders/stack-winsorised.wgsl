// Winsorised sigma clipping, then the weighted mean or the median of the survivors.
// Thread: pixel = folded line index, plane = workgroup z; one thread combines all slots of one pixel of one plane.
// Bindings: shared/stack-bindings.wgsl. Variants: `stack-samples` and `stack-sums` hold up to CAPACITY slots in registers or pass over the cube.
//!import clip-stack

// Robust sigma: samples beyond WINSOR_CUTOFF sigma are pulled in until sigma settles.
fn sigma_of(survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> f32 {
  var sigma = 0.0f;
  var limit = NO_LIMIT;
  var factor = 1.0f;
  for (var step = 0u; step <= WINSOR_MAX_STEPS; step++) {
    let next = factor * deviation_of(survivors, middle, limit, plane, pixel);
    let settled = abs(next - sigma) <= WINSOR_TOLERANCE * sigma;
    sigma = next;
    if (settled) {
      break;
    }
    limit = WINSOR_CUTOFF * sigma;
    factor = WINSOR_CONSISTENCY;
  }
  return sigma;
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
  clip_stack(group.z, pixel);
}

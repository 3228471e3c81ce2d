// Generalised extreme studentised deviate test (Rosner 1983), then the weighted mean or the median of the survivors.
// Thread: pixel = folded line index, plane = workgroup z; one thread combines all slots of one pixel of one plane.
// Bindings: shared/stack-bindings.wgsl, and 8 critical [slots + 1]. Variants: `stack-samples` and `stack-ranks` are sorted (up to CAPACITY slots) or streamed
// (any number).
//!import ranked-stack

@group(0) @binding(8) var<storage, read> critical: array<f32>;

fn reject(all: Survivors, plane: u32, pixel: u32) -> Survivors {
  let most = all.count * params.most_per_mille / 1000u;
  let middle = middle_of(all, plane, pixel);
  var low = lowest_of(all, plane, pixel);
  var high = highest_of(all, plane, pixel);
  var lowest = low.value;
  var highest = high.value;
  for (var taken = 0u; taken < most; taken++) {
    let count = all.count - taken;
    if (count < 3u || low.value >= high.value) {
      break;
    }
    let sums = sums_between(low, high, all, middle, plane, pixel);
    let average = sums.x / f32(count);
    let below = average - deviation(low.value, middle);
    let above = deviation(high.value, middle) - average;
    if (above >= below) {
      high = next_down(high, all, plane, pixel);
    } else {
      low = next_up(low, all, plane, pixel);
    }
    if (max(above, below) > critical[count] * standard_deviation(count, sums.x, sums.y)) {
      lowest = low.value;
      highest = high.value;
    }
  }
  return survivors_between(lowest, highest, plane, pixel);
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

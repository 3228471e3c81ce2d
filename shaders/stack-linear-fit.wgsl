// Clipping about a straight line through the sorted samples, then the weighted mean or the median of the survivors.
// Thread: pixel = folded line index, plane = workgroup z; one thread combines all slots of one pixel of one plane.
// Bindings: shared/stack-bindings.wgsl. Variants: `stack-samples` and `stack-ranks` are sorted (up to CAPACITY slots) or streamed
// (any number).
//!import ranked-stack

// v = level + slope (rank - centre), as deviation from the median.
struct Line {
  level: f32,
  slope: f32,
  centre: f32,
}

fn residual(value: f32, rank: u32, line: Line, middle: Middle) -> f32 {
  return (deviation(value, middle) - line.level) - line.slope * (f32(rank) - line.centre);
}

fn reject(all: Survivors, plane: u32, pixel: u32) -> Survivors {
  var survivors = all;
  for (var iteration = 0u; iteration < params.max_iterations && survivors.count >= 3u; iteration++) {
    let kept = clip_about_line(survivors, plane, pixel);
    let settled = kept.count == survivors.count;
    survivors = kept;
    if (settled) {
      break;
    }
  }
  return survivors;
}

// One fit, and what it leaves: residuals change their sign twice, so the two ends never meet.
fn clip_about_line(survivors: Survivors, plane: u32, pixel: u32) -> Survivors {
  let count = survivors.count;
  let middle = middle_of(survivors, plane, pixel);
  let line = line_through(survivors, middle, plane, pixel);
  var residuals = vec2<f32>(0.0f);
  var walk = lowest_of(survivors, plane, pixel);
  for (var k = 0u; k < count; k++) {
    residuals = add(residuals, abs(residual(walk.value, k, line, middle)));
    walk = next_up(walk, survivors, plane, pixel);
  }
  let scatter = residuals.x / f32(count);
  if (scatter <= LINEAR_FIT_ROUNDING * (survivors.highest - survivors.lowest)) {
    return survivors;
  }
  var low = lowest_of(survivors, plane, pixel);
  var below = 0u;
  while (below < count && residual(low.value, below, line, middle) < -params.kappa_low * scatter) {
    below++;
    low = next_up(low, survivors, plane, pixel);
  }
  var high = highest_of(survivors, plane, pixel);
  var above = 0u;
  while (above < count && residual(high.value, count - 1u - above, line, middle) > params.kappa_high * scatter) {
    above++;
    high = next_down(high, survivors, plane, pixel);
  }
  return survivors_between(low.value, high.value, plane, pixel);
}

// Least squares with ranks about their middle, whose squares add up to n (n^2 - 1) / 12.
fn line_through(survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> Line {
  let n = f32(survivors.count);
  let centre = 0.5f * (n - 1.0f);
  var sum = vec2<f32>(0.0f);
  var tilt = vec2<f32>(0.0f);
  var walk = lowest_of(survivors, plane, pixel);
  for (var k = 0u; k < survivors.count; k++) {
    let d = deviation(walk.value, middle);
    sum = add(sum, d);
    tilt = add(tilt, (f32(k) - centre) * d);
    walk = next_up(walk, survivors, plane, pixel);
  }
  return Line(sum.x / n, 12.0f * tilt.x / (n * (n * n - 1.0f)), centre);
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

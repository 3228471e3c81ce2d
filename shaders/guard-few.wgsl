// Moves slot + 1 of the cube to slot, without the samples that stand alone where few frames overlap.
// Thread: (x, y) = pixel of the cell, z = plane.
// Bindings: shared/guard.wgsl.
//!import guard

// True where the sample at (x, y) of the plane, r off its median, is to go. `source` is the first sample of its slot and plane.
fn stands_alone(x: u32, y: u32, plane: u32, source: u32, r: f32) -> bool {
  let first = plane * params.width * params.height;
  let m = median[first + y * params.width + x];
  var d = 0.0f;
  var sum = 0.0f;
  var count = 0.0f;
  for (var j = -1; j <= 1; j++) {
    for (var i = -1; i <= 1; i++) {
      let qx = u32(i32(x) + i);
      let qy = u32(i32(y) + j);
      let same_block = (qx / BLOCK_SIZE == x / BLOCK_SIZE) & (qy / BLOCK_SIZE == y / BLOCK_SIZE);
      if (same_block && qx < params.width && qy < params.height) {
        let q = qy * params.width + qx;
        let mq = median[first + q];
        if (mq > BLANK_LIMIT) {
          if (i == 0 || j == 0) {
            d = max(d, abs(m - mq));
          }
          let vq = cube[source + q];
          if (vq > BLANK_LIMIT) {
            sum += vq - mq;
            count += 1.0f;
          }
        }
      }
    }
  }
  let w = frame_weights[params.slot * params.planes + plane];
  let kappa = select(params.kappa_low, params.kappa_high, r > 0.0f);
  let limit = guard_limit(kappa, w, weight[first + y * params.width + x], d);
  return abs(r) > limit || (abs(r) > GUARD_NEAR * limit && sign(r) * sum / count > GUARD_AROUND * limit);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let pixels = params.width * params.height;
  let pixel = id.y * params.width + id.x;
  let at = id.z * pixels + pixel;
  let source = ((params.slot + 1u) * params.planes + id.z) * pixels;
  let target_slot = (params.slot * params.planes + id.z) * pixels;
  var value = cube[source + pixel];
  let n = used[at];
  let spared = n < 3u || n > params.max_samples || 2u * (rejected_low[at] + rejected_high[at] + 1u) >= n;
  if (!spared && value > BLANK_LIMIT && median[at] > BLANK_LIMIT) {
    let r = value - median[at];
    if (stands_alone(id.x, id.y, id.z, source, r)) {
      value = BLANK_VALUE;
      if (r > 0.0f) {
        rejected_high[at] += 1u;
      } else {
        rejected_low[at] += 1u;
      }
    }
  }
  cube[target_slot + pixel] = value;
}

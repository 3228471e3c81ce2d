// Moves slot + 1 of the cube to slot, without the samples that stand alone where few frames overlap.
// Thread: (x, y) = pixel of the cell, z = plane.
// Bindings: shared/guard.wgsl.
//!import guard

// How far a sample of a pair, of inverse variance w, may lie off the other one of inverse variance w_other; `d` is the greatest step of the other to a direct neighbour.
fn pair_limit(kappa: f32, w: f32, w_other: f32, d: f32) -> f32 {
  let variance = 1.0f / w_other;
  let step = max(0.0f, d - PAIR_STEP_NOISE * GUARD_STEP_NOISE * sqrt(variance));
  return PAIR_KAPPA * kappa * sqrt(1.0f / w + variance) + params.pair_slope * step;
}

// True where a sample that lies r off what it is compared with, its surroundings `around` on average, is beyond the limit.
fn is_beyond(r: f32, around: f32, limit: f32) -> bool {
  return abs(r) > limit || (abs(r) > GUARD_NEAR * limit && sign(r) * around > GUARD_AROUND * limit);
}

// True where the sample v at (x, y) of the plane is to go, r off what it is compared with: the median or, of a pair, the other sample. `source` is the first
// sample of its slot and plane.
fn stands_alone(x: u32, y: u32, plane: u32, source: u32, v: f32, r: f32, is_pair: bool) -> bool {
  let first = plane * params.width * params.height;
  let compared = v - r;
  var d = 0.0f;
  var own = 0.0f;
  var sum = 0.0f;
  var count = 0.0f;
  for (var j = -1; j <= 1; j++) {
    for (var i = -1; i <= 1; i++) {
      let qx = u32(i32(x) + i);
      let qy = u32(i32(y) + j);
      let same_block = (qx / BLOCK_SIZE == x / BLOCK_SIZE) & (qy / BLOCK_SIZE == y / BLOCK_SIZE);
      if (same_block && qx < params.width && qy < params.height) {
        let q = qy * params.width + qx;
        let vq = cube[source + q];
        let is_known = vq > BLANK_LIMIT;
        var mq = median[first + q];
        var counts = mq > BLANK_LIMIT;
        if (is_pair) {
          mq = 2.0f * mq - vq;
          counts = is_known && used[first + q] == 2u;
        }
        if (counts) {
          if (i == 0 || j == 0) {
            d = max(d, abs(compared - mq));
            own = max(own, abs(v - vq));
          }
          if (is_known) {
            sum += vq - mq;
            count += 1.0f;
          }
        }
      }
    }
  }
  let w = frame_weights[params.slot * params.planes + plane];
  let weight_of_all = weight[first + y * params.width + x];
  let kappa = select(params.kappa_low, params.kappa_high, r > 0.0f);
  let around = sum / count;
  if (!is_pair) {
    return is_beyond(r, around, guard_limit(kappa, w, weight_of_all, d));
  }
  let w_other = weight_of_all - w;
  let brighter_goes = r < 0.0f && is_beyond(r, around, pair_limit(params.kappa_high, w_other, w, own));
  return is_beyond(r, around, pair_limit(kappa, w, w_other, d)) && !brighter_goes;
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
  let spared = n < select(2u, 3u, params.pair_slope < 0.0f) || n > params.max_samples || 2u * (rejected_low[at] + rejected_high[at] + 1u) >= max(n, 3u);
  if (!spared && value > BLANK_LIMIT && median[at] > BLANK_LIMIT) {
    let r = select(1.0f, 2.0f, n == 2u) * (value - median[at]);
    if (stands_alone(id.x, id.y, id.z, source, value, r, n == 2u)) {
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

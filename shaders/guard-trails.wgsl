// Takes out of one slot of the cube what lies on or beside a line of samples that stand out: trails of satellites and aircraft.
// Workgroup: one block of the cell, z = plane; thread k looks at column k. The two maps of a block are kept as bits, a word for 32 pixels of a row.
// Bindings: shared/guard.wgsl.
//!import guard

const WORDS: u32 = BLOCK_SIZE / 32u;
var<workgroup> bright: array<atomic<u32>, BLOCK_SIZE * WORDS>;
var<workgroup> trails: array<atomic<u32>, BLOCK_SIZE * WORDS>;

fn step_to(m: f32, index: u32) -> f32 {
  let q = median[index];
  return select(0.0f, abs(m - q), q > BLANK_LIMIT);
}

// True where the sample at (x, y) of the cell is brighter than its noise and the slope of the median explain.
fn stands_out(x: u32, y: u32, plane: u32) -> bool {
  let pixels = params.width * params.height;
  let pixel = y * params.width + x;
  let at = plane * pixels + pixel;
  let v = cube[(params.slot * params.planes + plane) * pixels + pixel];
  let m = median[at];
  if (!(v > BLANK_LIMIT && m > BLANK_LIMIT) || used[at] < 3u) {
    return false;
  }
  let in_x = x % BLOCK_SIZE;
  let in_y = y % BLOCK_SIZE;
  var d = 0.0f;
  if (in_x > 0u) {
    d = max(d, step_to(m, at - 1u));
  }
  if (in_x + 1u < BLOCK_SIZE && x + 1u < params.width) {
    d = max(d, step_to(m, at + 1u));
  }
  if (in_y > 0u) {
    d = max(d, step_to(m, at - params.width));
  }
  if (in_y + 1u < BLOCK_SIZE && y + 1u < params.height) {
    d = max(d, step_to(m, at + params.width));
  }
  let w = frame_weights[params.frame * params.planes + plane];
  return v - m > guard_limit(params.kappa, w, weight[at], d);
}

// 1 where the pixel at (x, y) of the block stands out, 0 elsewhere and outside.
fn bit_at(x: i32, y: i32) -> u32 {
  let side = i32(BLOCK_SIZE);
  if (x < 0 || y < 0 || x >= side || y >= side) {
    return 0u;
  }
  return (atomicLoad(&bright[u32(y) * WORDS + u32(x) / 32u]) >> (u32(x) % 32u)) & 1u;
}

// Rows and columns of the block that lie in the cell.
fn block_end(origin: vec2<u32>) -> vec2<i32> {
  return vec2<i32>(min(vec2<u32>(BLOCK_SIZE), vec2<u32>(params.width, params.height) - origin));
}

// How many pixels of a window stand out; it lies on a line of slope j / TRAIL_SLOPES through (x, y) and begins `first` pixels from there.
// Of a window to the side the pixels outside the block are those nearest to them inside.
fn in_window(x: i32, y: i32, swapped: bool, j: i32, first: i32, aside: i32, end: vec2<i32>) -> u32 {
  var count = 0u;
  for (var k = first; k < first + i32(TRAIL_WINDOW); k++) {
    let across = ((j * k + i32(TRAIL_SLOPES / 2u)) >> TRAIL_SLOPE_BITS) + aside;
    var q = vec2<i32>(x + select(k, across, swapped), y + select(across, k, swapped));
    if (aside != 0) {
      q = clamp(q, vec2<i32>(0), end - 1);
    }
    count += bit_at(q.x, q.y);
  }
  return count;
}

fn is_on_line(x: i32, y: i32, end: vec2<i32>) -> bool {
  let aside = i32(TRAIL_ASIDE);
  for (var line = 0; line < 4 * i32(TRAIL_SLOPES); line++) {
    let swapped = line >= 2 * i32(TRAIL_SLOPES);
    let j = line % (2 * i32(TRAIL_SLOPES)) - i32(TRAIL_SLOPES);
    for (var first = 1 - i32(TRAIL_WINDOW); first <= 0; first += i32(TRAIL_WINDOW - 1u) / 2) {
      if (in_window(x, y, swapped, j, first, 0, end) >= TRAIL_NEED
        && in_window(x, y, swapped, j, first, -aside, end) <= TRAIL_ASIDE_MOST
        && in_window(x, y, swapped, j, first, aside, end) <= TRAIL_ASIDE_MOST) {
        return true;
      }
    }
  }
  return false;
}

fn is_near(x: i32, y: i32) -> bool {
  let reach = i32(params.reach);
  let side = i32(BLOCK_SIZE);
  for (var j = -reach; j <= reach; j++) {
    for (var i = -reach; i <= reach; i++) {
      let qx = x + i;
      let qy = y + j;
      if (i * i + j * j <= reach * reach && qx >= 0 && qy >= 0 && qx < side && qy < side) {
        if (((atomicLoad(&trails[u32(qy) * WORDS + u32(qx) / 32u]) >> (u32(qx) % 32u)) & 1u) == 1u) {
          return true;
        }
      }
    }
  }
  return false;
}

fn take_out(x: u32, y: u32, plane: u32) {
  let pixels = params.width * params.height;
  let pixel = y * params.width + x;
  let at = plane * pixels + pixel;
  let sample = (params.slot * params.planes + plane) * pixels + pixel;
  let v = cube[sample];
  let n = used[at];
  let gone = rejected_low[at] + rejected_high[at];
  if (v > BLANK_LIMIT && median[at] > BLANK_LIMIT && n >= 3u && 2u * (gone + 1u) < n) {
    cube[sample] = BLANK_VALUE;
    if (v < median[at]) {
      rejected_low[at] += 1u;
    } else {
      rejected_high[at] += 1u;
    }
  }
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let column = local.x;
  let x = group.x * BLOCK_SIZE + column;
  let y0 = group.y * BLOCK_SIZE;
  let end = min(BLOCK_SIZE, params.height - y0);
  let word = column / 32u;
  let bit = 1u << (column % 32u);
  for (var y = 0u; y < end; y++) {
    if (x < params.width && stands_out(x, y0 + y, group.z)) {
      atomicOr(&bright[y * WORDS + word], bit);
    }
  }
  workgroupBarrier();
  for (var y = 0u; y < end; y++) {
    if (bit_at(i32(column), i32(y)) == 1u && is_on_line(i32(column), i32(y), block_end(vec2<u32>(group.x * BLOCK_SIZE, y0)))) {
      atomicOr(&trails[y * WORDS + word], bit);
    }
  }
  workgroupBarrier();
  for (var y = 0u; y < end; y++) {
    if (x < params.width && is_near(i32(column), i32(y))) {
      take_out(x, y0 + y, group.z);
    }
  }
}

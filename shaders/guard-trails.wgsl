// Takes out of one slot of the cube what lies on or beside a line of samples that stand out: trails of satellites and aircraft.
// Workgroup: one block of the cell, z = plane. The maps of a block are kept as bits, a word for 32 pixels of a row; the pixels that stand out are listed, so
// that the threads share the lines through them evenly.
// Bindings: shared/guard.wgsl.
//!import guard

const WORDS: u32 = BLOCK_SIZE / 32u;
const LINES: u32 = 4u * TRAIL_SLOPES;
var<workgroup> found: array<atomic<u32>, BLOCK_SIZE * WORDS>;
var<workgroup> trails: array<atomic<u32>, BLOCK_SIZE * WORDS>;
// The map of what stands out, when it is complete.
var<workgroup> bright: array<u32, BLOCK_SIZE * WORDS>;
// Places of the pixels that stand out, two to a word.
var<workgroup> listed: array<atomic<u32>, BLOCK_SIZE * BLOCK_SIZE / 2u>;
var<workgroup> list_length: atomic<u32>;
// Whether any line was found: told by many threads, read by all.
var<workgroup> trail_told: atomic<u32>;
var<workgroup> any_trail: u32;

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
  let side = BLOCK_SIZE - 1u;
  let inside = (u32(x) | u32(y)) <= side;
  let word = bright[(u32(y) & side) * WORDS + (u32(x) & side) / 32u];
  return select(0u, (word >> (u32(x) & 31u)) & 1u, inside);
}

// A line of slope j / TRAIL_SLOPES through (x, y).
struct Line {
  x: i32,
  y: i32,
  swapped: bool,
  j: i32,
}

// How many pixels of a line stand out, `count` of them from the one `first` pixels from its middle on, `aside` pixels to the side of it.
// To the side the pixels outside the block are those nearest to them inside.
fn in_run(line: Line, first: i32, count: u32, aside: i32, end: vec2<i32>) -> u32 {
  var found_there = 0u;
  for (var n = 0u; n < count; n++) {
    let k = first + i32(n);
    let across = ((line.j * k + i32(TRAIL_SLOPES / 2u)) >> TRAIL_SLOPE_BITS) + aside;
    var q = vec2<i32>(line.x, line.y) + select(vec2<i32>(k, across), vec2<i32>(across, k), line.swapped);
    if (aside != 0) {
      q = clamp(q, vec2<i32>(0), end - 1);
    }
    found_there += bit_at(q.x, q.y);
  }
  return found_there;
}

fn stands_free(line: Line, first: i32, end: vec2<i32>) -> bool {
  let aside = i32(TRAIL_ASIDE);
  return in_run(line, first, TRAIL_WINDOW, -aside, end) <= TRAIL_ASIDE_MOST
    && in_run(line, first, TRAIL_WINDOW, aside, end) <= TRAIL_ASIDE_MOST;
}

// True where a window along the line holds enough pixels that stand out and those to its sides do not. The windows share their halves: each
// has one that begins or ends beside the middle, which holds what the other half and the middle cannot.
fn is_trail(line: Line, end: vec2<i32>) -> bool {
  let half = i32(TRAIL_WINDOW / 2u);
  let middle = bit_at(line.x, line.y);
  let before = in_run(line, -half, TRAIL_WINDOW / 2u, 0, end);
  let after = in_run(line, 1, TRAIL_WINDOW / 2u, 0, end);
  if (max(before, after) < TRAIL_NEED - 1u - TRAIL_WINDOW / 2u) {
    return false;
  }
  let far_before = in_run(line, -2 * half, TRAIL_WINDOW / 2u, 0, end);
  let far_after = in_run(line, half + 1, TRAIL_WINDOW / 2u, 0, end);
  return (far_before + before + middle >= TRAIL_NEED && stands_free(line, -2 * half, end))
    || (before + middle + after >= TRAIL_NEED && stands_free(line, -half, end))
    || (middle + after + far_after >= TRAIL_NEED && stands_free(line, 0, end));
}

// A word of a row of the trails, moved by `by` pixels, |by| <= 32.
fn moved(row: u32, word: u32, by: i32) -> u32 {
  let place = 32 * i32(word) + by;
  let at = place >> 5u;
  let shift = u32(place & 31);
  let here = select(0u, atomicLoad(&trails[row * WORDS + (u32(at) & (WORDS - 1u))]), u32(at) < WORDS);
  if (shift == 0u) {
    return here;
  }
  let next = select(0u, atomicLoad(&trails[row * WORDS + (u32(at + 1) & (WORDS - 1u))]), u32(at + 1) < WORDS);
  return (here >> shift) | (next << (32u - shift));
}

// The pixels of a word that lie within `reach` of a trail.
fn near_trails(row: u32, word: u32) -> u32 {
  let reach = i32(params.reach);
  var near = 0u;
  for (var j = -reach; j <= reach; j++) {
    let other = i32(row) + j;
    if (other >= 0 && other < i32(BLOCK_SIZE)) {
      for (var i = -reach; i <= reach; i++) {
        if (i * i + j * j <= reach * reach) {
          near |= moved(u32(other), word, i);
        }
      }
    }
  }
  return near;
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

@compute @workgroup_size(WORKGROUP_X)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let origin = group.xy * BLOCK_SIZE;
  let end = min(vec2<u32>(BLOCK_SIZE), vec2<u32>(params.width, params.height) - origin);
  let column = thread % BLOCK_SIZE;
  for (var y = thread / BLOCK_SIZE; y < end.y; y += WORKGROUP_X / BLOCK_SIZE) {
    if (column < end.x && stands_out(origin.x + column, origin.y + y, group.z)) {
      atomicOr(&found[y * WORDS + column / 32u], 1u << (column % 32u));
      let n = atomicAdd(&list_length, 1u);
      atomicOr(&listed[n / 2u], (y * BLOCK_SIZE + column) << (16u * (n % 2u)));
    }
  }
  workgroupBarrier();
  if (thread < BLOCK_SIZE * WORDS) {
    bright[thread] = atomicLoad(&found[thread]);
  }
  workgroupBarrier();
  // Neighbouring threads take neighbouring lines through the same pixel.
  let lines = atomicLoad(&list_length) * LINES;
  for (var n = thread; n < lines; n += WORKGROUP_X) {
    let entry = n / LINES;
    let place = (atomicLoad(&listed[entry / 2u]) >> (16u * (entry % 2u))) & 0xffffu;
    let direction = i32(n % LINES);
    let slopes = 2 * i32(TRAIL_SLOPES);
    let swapped = direction >= slopes;
    let line = Line(i32(place % BLOCK_SIZE), i32(place / BLOCK_SIZE), swapped, direction - select(0, slopes, swapped) - i32(TRAIL_SLOPES));
    if (is_trail(line, vec2<i32>(end))) {
      atomicOr(&trails[place / 32u], 1u << (place % 32u));
      atomicStore(&trail_told, 1u);
    }
  }
  workgroupBarrier();
  if (thread == 0u) {
    any_trail = atomicLoad(&trail_told);
  }
  if (workgroupUniformLoad(&any_trail) == 0u) {
    return;
  }
  if (thread < BLOCK_SIZE * WORDS) {
    bright[thread] = near_trails(thread / WORDS, thread % WORDS);
  }
  workgroupBarrier();
  for (var y = thread / BLOCK_SIZE; y < end.y; y += WORKGROUP_X / BLOCK_SIZE) {
    if (column < end.x && bit_at(i32(column), i32(y)) == 1u) {
      take_out(origin.x + column, origin.y + y, group.z);
    }
  }
}

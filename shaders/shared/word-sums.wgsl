// Sum of a buffer's words, by workgroup: what a read of a sum adds up on the host (src/gpu/word-sums.ts).
// Thread: every (64 * workgroups)-th word from its own number on.
// Bindings: 0 words, 1 sums [workgroups], each its lower and its upper 32 bits.

@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<vec2<u32>>;

var<workgroup> of_threads: array<vec2<u32>, 64>;

fn plus(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  var sum = vec2<u32>(0u, 0u);
  let count = arrayLength(&words);
  for (var i = group.x * 64u + local; i < count; i += groups.x * 64u) {
    sum = plus(sum, vec2<u32>(words[i], 0u));
  }
  of_threads[local] = sum;
  workgroupBarrier();
  if (local == 0u) {
    for (var other = 1u; other < 64u; other++) {
      sum = plus(sum, of_threads[other]);
    }
    sums[group.x] = sum;
  }
}

/** Copies `count` floats from `from` to `to`, the last one first. */
export function turnRound(from: usize, count: u32, to: usize): void {
  let at = from + (<usize>count << 2);
  for (; at >= from + 16; to += 16) {
    at -= 16;
    const v = v128.load(at);
    v128.store(to, i32x4.shuffle(v, v, 3, 2, 1, 0));
  }
  for (; at > from; to += 4) {
    at -= 4;
    store<f32>(to, load<f32>(at));
  }
}

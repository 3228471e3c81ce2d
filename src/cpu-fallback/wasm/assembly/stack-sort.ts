// Sorts four lists at once, one per lane: Batcher's merge exchange (Knuth, The Art of Computer Programming 3, algorithm 5.2.2 M), a network
// for any count.

// @ts-ignore: decorator
@inline
function exchange(a: usize, b: usize): void {
  const x = v128.load(a);
  const y = v128.load(b);
  v128.store(a, f32x4.pmin(x, y));
  v128.store(b, f32x4.pmax(x, y));
}

/** Ascending order of every lane of the n vectors at `list`. No NaN; infinity is a value like others. */
export function sortLanes(list: usize, n: u32): void {
  if (n < 2) return;
  const top: u32 = 1 << (31 - clz(n - 1));
  const end = list + (<usize>n << 4);
  for (let p = top; p > 0; p >>= 1) {
    let q = top;
    let r: u32 = 0;
    let d = p;
    while (true) {
      const distance = <usize>d << 4;
      if (p == 1) {
        for (let a = list + (<usize>r << 4); a + distance < end; a += 32) exchange(a, a + distance);
      } else {
        const run = <usize>p << 4;
        for (let start = list + (<usize>r << 4); start + distance < end; start += 2 * run) {
          const stop = min(start + run, end - distance);
          for (let a = start; a < stop; a += 16) exchange(a, a + distance);
        }
      }
      if (q == p) break;
      d = q - p;
      q >>= 1;
      r = p;
    }
  }
}

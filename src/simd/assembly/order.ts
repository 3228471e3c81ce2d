import { f64At, u32At } from './words';

/** Numbers of `count` keys (f64, none NaN) in rising order of the keys, like ones as they stand, to `order`; `spare` has as much room. */
export function orderOf(keys: usize, count: u32, order: usize, spare: usize): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(order + (<usize>i << 2), i);
  let from = order;
  let to = spare;
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let begin: u32 = 0; begin < count; begin += width << 1) {
      const middle = min<u32>(begin + width, count);
      const end = min<u32>(middle + width, count);
      let a = begin;
      let b = middle;
      for (let k = begin; k < end; k++) {
        const first = a < middle && (b >= end || f64At(keys, u32At(from, a)) <= f64At(keys, u32At(from, b)));
        store<u32>(to + (<usize>k << 2), first ? u32At(from, a++) : u32At(from, b++));
      }
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from != order) memory.copy(order, from, <usize>count << 2);
}

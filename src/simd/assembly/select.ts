// Medians by selection without branches that a processor has to guess: src/photometry/select-median.ts says what is right.

/** From so few values on they are sorted. */
const FEW: u32 = 12;

/**
 * Median of `count` values (f32 or f64, at least one, none NaN) at `values`, the mean of the middle two for an even count. They stay as they are; `spare` has room for
 * twice as many.
 */
export function medianOf<T extends number>(values: usize, count: u32, spare: usize): f64 {
  const half = count >> 1;
  const upper = ranked<T>(values, count, half, spare);
  if ((count & 1) != 0) return <f64>upper;
  let below: u32 = 0;
  let greatest = <T>-Infinity;
  for (let k: u32 = 0; k < count; k++) {
    const v = load<T>(values + <usize>k * sizeof<T>());
    const isBelow = v < upper;
    below += u32(isBelow);
    greatest = select<T>(max<T>(greatest, v), greatest, isBelow);
  }
  const lower = below == half ? greatest : upper;
  return 0.5 * (<f64>lower + <f64>upper);
}

/** The value of rank `rank` (0 is the least) of `count` f64, as `medianOf` takes them. */
export function rankOf(values: usize, count: u32, rank: u32, spare: usize): f64 {
  return ranked<f64>(values, count, rank, spare);
}

/** The same of f32. */
export function rankOfFloats(values: usize, count: u32, rank: u32, spare: usize): f64 {
  return ranked<f32>(values, count, rank, spare);
}

/** The median of f32. */
export function medianOfFloats(values: usize, count: u32, spare: usize): f64 {
  return medianOf<f32>(values, count, spare);
}

/** The value of rank `rank`: what is on its side of a pivot goes to one of two halves of `spare` in turn. */
export function ranked<T extends number>(values: usize, count: u32, rank: u32, spare: usize): T {
  const size = sizeof<T>();
  let to = spare;
  let other = spare + <usize>count * size;
  while (count > FEW) {
    const end = values + <usize>count * size;
    const a = load<T>(values);
    const b = load<T>(values + <usize>(count >> 1) * size);
    const c = load<T>(end - size);
    const pivot = max<T>(min<T>(a, b), min<T>(max<T>(a, b), c));
    let low = to;
    let high = to + <usize>(count - 1) * size;
    for (let at = values; at < end; at += size) {
      const v = load<T>(at);
      store<T>(low, v);
      store<T>(high, v);
      const isLow = usize(v < pivot);
      low += isLow * size;
      high -= (1 - isLow) * size;
    }
    const below = <u32>((low - to) / size);
    if (rank < below) {
      values = to;
      count = below;
    } else if (below > 0) {
      values = low;
      count -= below;
      rank -= below;
    } else {
      // the pivot is the least: it and its like are passed over
      let rest = to;
      for (let at = values; at < end; at += size) {
        const v = load<T>(at);
        store<T>(rest, v);
        rest += usize(v > pivot) * size;
      }
      const like = count - <u32>((rest - to) / size);
      if (rank < like) return pivot;
      values = to;
      count -= like;
      rank -= like;
    }
    const next = other;
    other = to;
    to = next;
  }
  for (let k: u32 = 0; k < count; k++) {
    const v = load<T>(values + <usize>k * size);
    let at = to + <usize>k * size;
    for (; at > to && load<T>(at - size) > v; at -= size) store<T>(at, load<T>(at - size));
    store<T>(at, v);
  }
  return load<T>(to + <usize>rank * size);
}

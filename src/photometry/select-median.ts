// Median of many values without sorting them, and of few.

/** So few values are sorted by insertion, without a copy to be made. */
const FEW = 24;

/**
 * Median of a non-empty array without NaN, whose order it changes; the mean of the middle two for an even count. Selection by partitioning
 * (Hoare 1961, algorithm 65): linear time, where sorting takes most of the time that large arrays get.
 */
export function selectMedian(values: Float32Array | Float64Array): number {
  const n = values.length;
  const half = n >> 1;
  const upper = selectRank(values, half);
  if (n % 2 === 1) return upper;
  // what lies before the selected place is no greater than it
  let lower = values[0];
  for (let i = 1; i < half; i++) if (values[i] > lower) lower = values[i];
  return 0.5 * (lower + upper);
}

/** Moves the value of rank `rank` (0 is the least) to its place, no greater ones before it and no smaller ones after it; that value. None is NaN. */
export function selectRank(values: Float32Array | Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const v = values[i];
      values[i++] = values[j];
      values[j--] = v;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return values[rank];
}

/** `selectMedian` of `values[from .. to - 1]`, at least one, which stay as they are: mostly few, as of the frames that show a star. `spare` has room for some. */
export function medianBetween(values: Float64Array, from: number, to: number, spare: Float64Array): number {
  const count = to - from;
  if (count > FEW || count > spare.length) return selectMedian(values.slice(from, to));
  for (let k = 0; k < count; k++) {
    const v = values[from + k];
    let at = k;
    for (; at > 0 && spare[at - 1] > v; at--) spare[at] = spare[at - 1];
    spare[at] = v;
  }
  const half = count >> 1;
  return count % 2 === 1 ? spare[half] : 0.5 * (spare[half - 1] + spare[half]);
}

// Median of many values without sorting them.

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

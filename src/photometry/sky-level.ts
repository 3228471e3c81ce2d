// The level of plain sky among values that a nebula lifts, where the surface under them is known already and only its constant is not.

export interface SkyLevel {
  readonly level: number;
  /** False where no crowd of values tells the level: it is then the value below which a twentieth of them lie. */
  readonly found: boolean;
}

/** Values within this many `scatter` lie on the level. */
const ON_LEVEL = 2;
/** A crowd is this share of the values, and this many: less is noise, or a dark lane. */
const MIN_SHARE = 0.05;
const MIN_CROWD = 6;
const ROUNDS = 8;

/**
 * The lowest level on which values crowd: nebulae only add light. `scatter` is the deviation of a value of plain sky. From the densest window of that crowd the
 * level settles as a mean with weights that fall fast above it and slowly below. NaN are left out; without any value the level is 0.
 */
export function fitSkyLevel(values: ArrayLike<number>, scatter: number): SkyLevel {
  const sorted = Float64Array.from(values)
    .filter((v) => !Number.isNaN(v))
    .sort();
  const crowd = Math.max(MIN_CROWD, MIN_SHARE * sorted.length);
  const width = 2 * ON_LEVEL * scatter;
  let [first, most] = [-1, 0];
  for (let from = 0, to = 0; from < sorted.length; from++) {
    if (first >= 0 && sorted[from] > sorted[first] + width) break;
    while (to < sorted.length && sorted[to] - sorted[from] <= width) to++;
    if (to - from < crowd || to - from <= most) continue;
    [first, most] = [from, to - from];
  }
  if (first < 0) return { level: sorted[Math.floor(MIN_SHARE * sorted.length)] ?? 0, found: false };
  let level = sorted[first + (most >> 1)];
  for (let round = 0; round < ROUNDS && scatter > 0; round++) {
    let [sum, total] = [0, 0];
    for (const v of sorted) {
      const t = (v - level) / scatter;
      const weight = Math.exp(t > 0 ? (-t * t) / 2 : (-t * t) / 8);
      sum += weight * v;
      total += weight;
    }
    level = sum / total;
  }
  return { level, found: true };
}

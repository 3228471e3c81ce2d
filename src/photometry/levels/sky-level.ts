// The level of plain sky among values that a nebula lifts, where the surface under them is known already and only its constant is not.

export interface SkyLevel {
  readonly level: number;
  /** False where no crowd of values tells the level: it is then the value below which a twentieth of them lie. */
  readonly found: boolean;
}

/** Values within this many `scatter` lie on the level. */
const ON_LEVEL = 2;
/** Values within this many `scatter` are near the level once it has settled, and those further below it are at most this share of them: a nebula thins out slowly to where it is darkest. */
const NEAR_LEVEL = 2.5;
const MAX_BELOW = 1 / 3;
/** A crowd is this share of the values, and this many: less is noise, or a dark lane. */
const MIN_SHARE = 0.05;
const MIN_CROWD = 6;
const ROUNDS = 8;

/**
 * The lowest level on which values crowd: nebulae only add light. `scatter` is the deviation of a value of plain sky. From the densest window that begins where
 * that crowd does, or up to half a window above, the level settles as a mean with weights that fall fast above it and slowly below. NaN are left out; without any value the level is 0.
 */
export function fitSkyLevel(values: ArrayLike<number>, scatter: number): SkyLevel {
  const sorted = Float64Array.from(values)
    .filter((v) => !Number.isNaN(v))
    .sort();
  const crowd = Math.max(MIN_CROWD, MIN_SHARE * sorted.length);
  const width = 2 * ON_LEVEL * scatter;
  let [first, most, begin] = [-1, 0, Infinity];
  for (let from = 0, to = 0; from < sorted.length && sorted[from] - begin <= width / 2; from++) {
    while (to < sorted.length && sorted[to] - sorted[from] <= width) to++;
    if (to - from < crowd || to - from <= most) continue;
    if (first < 0) begin = sorted[from];
    [first, most] = [from, to - from];
  }
  const darkest = { level: sorted[Math.floor(MIN_SHARE * sorted.length)] ?? 0, found: false };
  if (first < 0) return darkest;
  let level = sorted[first + (most >> 1)];
  for (let round = 0; round < ROUNDS && scatter > 0; round++) {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < sorted.length; i++) {
      const v = sorted[i];
      const t = (v - level) / scatter;
      const weight = Math.exp(t > 0 ? (-t * t) / 2 : (-t * t) / 8);
      sum += weight * v;
      total += weight;
    }
    level = sum / total;
  }
  const on = sorted.filter((v) => Math.abs(v - level) <= NEAR_LEVEL * scatter).length;
  const below = sorted.filter((v) => v - level < -NEAR_LEVEL * scatter).length;
  return on >= crowd && below <= MAX_BELOW * on ? { level, found: true } : darkest;
}

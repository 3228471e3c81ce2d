// How far samples of sharper and softer frames may differ at stars before the guard for few frames takes them for outliers.

/** Steps to the next pixel's median by which a sample of a frame of the same seeing may be off: stars lie at other phases, and shapes differ. */
export const GUARD_SLOPE = 2.5;
/** The guard looks at half of its limit too, where the surroundings stand out as well; a star's do. */
const SAFETY = 2;
/** Share of the frames whose seeing is allowed for; what differs more is a spoilt frame. */
const SHARE = 0.9;
/** Pairs are not judged where the softest frame is wider than the sharpest by this factor: noise hides its steps, and a sharp star in it is a ray. */
const MOST_UNLIKE = 1.6;
/** The slope of pairs that stay as they are (contracts/guard-few.ts). */
export const PAIRS_STAY = -1;
const FWHM_PER_SIGMA = 2.3548;

/**
 * The peak of a star is (typical / own)^2 times as high in a frame of another seeing as in the median, and falls to the next pixel by the share
 * 1 - exp(-1 / (2 sigma^2)) there (Gaussian profile). `fwhmPx`: stars' median width in each frame, px; frames without one (NaN, 0) do not count.
 */
export function guardSlope(fwhmPx: readonly number[]): number {
  const known = fwhmPx.filter((fwhm) => fwhm > 0).sort((a, b) => a - b);
  if (known.length < 2) return GUARD_SLOPE;
  const typical = known[known.length >> 1];
  const excess = known.map((fwhm) => Math.abs((typical / fwhm) ** 2 - 1)).sort((a, b) => a - b);
  return GUARD_SLOPE + (SAFETY * excess[Math.ceil(SHARE * (excess.length - 1))]) / fallOf(typical);
}

/**
 * As `guardSlope`, between two frames: where two overlap, the one may be the sharpest and the other the softest of those whose seeing is allowed for, and the
 * steps are those of the softer one; PAIRS_STAY where no allowance would do. Without SAFETY: with it stars gain little, and in even sky rays of 30 sigma would stay for the noise of steps.
 */
export function pairSlope(fwhmPx: readonly number[]): number {
  const known = fwhmPx.filter((fwhm) => fwhm > 0).sort((a, b) => a - b);
  if (known.length < 2) return GUARD_SLOPE;
  const aside = ((1 - SHARE) / 2) * (known.length - 1);
  const [sharp, soft] = [known[Math.floor(aside)], known[known.length - 1 - Math.floor(aside)]];
  if (soft > MOST_UNLIKE * sharp) return PAIRS_STAY;
  return Math.max(guardSlope(fwhmPx), GUARD_SLOPE + ((soft / sharp) ** 2 - 1) / fallOf(soft));
}

/** Part of its peak by which a star falls to the next pixel. */
const fallOf = (fwhm: number) => 1 - Math.exp(-0.5 * (FWHM_PER_SIGMA / fwhm) ** 2);

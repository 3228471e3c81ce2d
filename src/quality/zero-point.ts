// Whether a star's light counts the same wherever on the mosaic it stands: each frame is the yardstick for the stars it shows.
import type { ProductStar } from './product-stars.js';
import { median, scatter } from './robust.js';
import type { FrameStars, TableStar } from './star-table.js';

/** One channel of a mosaic. Per cent of the flux. */
export interface ZeroPoint {
  /** Stars of S/N 30 and more that entered. */
  readonly stars: number;
  /** Robust scatter of single stars: zero point, noise, sampling and neighbours together. */
  readonly scatter: number;
  /** Scatter of the zero point between parts of the mosaic, the noise of the parts taken off; NaN with fewer than three parts. */
  readonly flatness: number;
  readonly parts: number;
}

/** A star's deviation, for the map: position, ln(flux) less what the frames say. */
export interface StarDeviation {
  readonly x: number;
  readonly y: number;
  readonly deviation: number;
}

/** The mosaic is looked at in this many parts along either side. */
const PARTS = 6;
const MIN_STARS_A_PART = 6;
const MIN_SNR = 30;
/** Standard error of a median over that of a mean, for normal samples. */
const MEDIAN_ERROR = 1.2533;

/**
 * Deviation of each star: ln of its flux on the mosaic less the mean over the frames of ln(flux in the frame x gain of the frame), the
 * gains being those under which frames agree with each other (`gains`, NaN where unknown). What a frame shows in one place and in another it
 * shows with one zero point; so a mosaic whose zero point changes across it shows, whatever it was made from.
 */
export function starDeviations(
  frames: readonly FrameStars[],
  gains: readonly number[],
  channel: number,
  table: readonly TableStar[],
  mosaic: ReadonlyMap<number, ProductStar>,
): StarDeviation[] {
  const sums = new Map<number, { sum: number; n: number }>();
  frames.forEach(({ stars, index, star }, f) => {
    if (!(gains[f] > 0)) return;
    for (let k = 0; k < star.length; k++) {
      const flux = stars.channelFlux[channel][index[k]];
      if (!(flux > 0) || !mosaic.has(star[k])) continue;
      const entry = sums.get(star[k]) ?? { sum: 0, n: 0 };
      entry.sum += Math.log(flux * gains[f]);
      entry.n++;
      sums.set(star[k], entry);
    }
  });
  const deviations = table.flatMap(({ number, x, y, snr }): StarDeviation[] => {
    const entry = sums.get(number);
    const flux = mosaic.get(number)?.flux[channel] ?? NaN;
    if (!entry || !(flux > 0) || snr < MIN_SNR) return [];
    return [{ x, y, deviation: Math.log(flux) - entry.sum / entry.n }];
  });
  const middle = median(deviations.map(({ deviation }) => deviation));
  return deviations.map((d) => ({ ...d, deviation: d.deviation - middle }));
}

/** What `starDeviations` of a mosaic of `nx` x `ny` pixels come to; a part with fewer than six stars has no say in the flatness. */
export function zeroPoint(deviations: readonly StarDeviation[], nx: number, ny: number): ZeroPoint {
  const parts = new Map<number, number[]>();
  for (const { x, y, deviation } of deviations) {
    const part = Math.floor((y / ny) * PARTS) * PARTS + Math.floor((x / nx) * PARTS);
    const members = parts.get(part);
    if (members) members.push(deviation);
    else parts.set(part, [deviation]);
  }
  const full = [...parts.values()].filter((list) => list.length >= MIN_STARS_A_PART);
  const medians = full.map((list) => median(list));
  const mean = medians.reduce((a, b) => a + b, 0) / medians.length;
  const variance = medians.reduce((a, m) => a + (m - mean) ** 2, 0) / medians.length;
  const noise = full.reduce((a, l) => a + (MEDIAN_ERROR * scatter(l)) ** 2 / l.length, 0) / full.length;
  return {
    stars: deviations.length,
    scatter: 100 * scatter(deviations.map(({ deviation }) => deviation)),
    flatness: full.length < 3 ? NaN : 100 * Math.sqrt(Math.max(0, variance - noise)),
    parts: full.length,
  };
}

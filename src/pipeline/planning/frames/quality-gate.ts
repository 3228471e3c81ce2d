// One score for a frame that is poor in several respects at once, though in none enough to be rejected for it alone (quality_gate_enabled).

/** How poor a frame is in each respect: 0 as the typical frame or better, 1 as poor as is counted; NaN where its pixels and stars do not tell. */
export interface GateTerms {
  /** Width of its stars: 1 at twice the typical. */
  readonly sharpness: number;
  /** Ellipticity of its stars: 1 at 0.4 above the typical. */
  readonly shape: number;
  /** Light lost: 1 when no star shines through. */
  readonly transparency: number;
  /** Noise on the common flux scale: 1 at twice the typical. */
  readonly noise: number;
  /** Stars lost: 1 when there are none. */
  readonly stars: number;
}

const WEIGHTS: Readonly<Record<keyof GateTerms, number>> = {
  sharpness: 0.3,
  shape: 0.2,
  transparency: 0.2,
  noise: 0.2,
  stars: 0.1,
};
const POOR_ELLIPTICITY = 0.4;

/** A frame and the typical values of its set. */
export interface GateFacts {
  readonly fwhm: number;
  readonly ellipticity: number;
  /** Flux of its stars over what is expected. */
  readonly transparency: number;
  readonly noise: number;
  readonly stars: number;
}

export function gateTerms(frame: GateFacts, typical: GateFacts): GateTerms {
  const part = (value: number) => Math.min(1, Math.max(0, value));
  return {
    sharpness: part(frame.fwhm / typical.fwhm - 1),
    shape: part((frame.ellipticity - typical.ellipticity) / POOR_ELLIPTICITY),
    transparency: part(1 - frame.transparency / typical.transparency),
    noise: part(frame.noise / typical.noise - 1),
    stars: part(1 - frame.stars / typical.stars),
  };
}

/** Weighted mean of the terms that are known, 0 to 1, lower is better; NaN where none is. */
export function gateScore(terms: GateTerms): number {
  let [sum, weights] = [0, 0];
  for (const key of Object.keys(WEIGHTS) as (keyof GateTerms)[]) {
    if (Number.isNaN(terms[key])) continue;
    sum += WEIGHTS[key] * terms[key];
    weights += WEIGHTS[key];
  }
  return weights > 0 ? sum / weights : NaN;
}

// Frames that would spoil the mosaic: out of focus, trailed or clouded, told by their stars against those of the other frames.
import { starsFound } from '../../../astrometry/stars/brightest-stars.js';
import type { RunConfig } from '../../../config/table.js';
import type { FrameReason } from '../../../frames/frame-reason.js';
import { medianOf } from '../../../photometry/mesh-repair.js';
import type { MeasuredFrame } from '../grid/placed-frame.js';
import { gateScore, gateTerms, type GateFacts, type GateTerms } from './quality-gate.js';

/** Quality of one frame; NaN where its stars do not tell. */
export interface FrameQuality {
  readonly fwhmArcsec: number;
  readonly ellipticity: number;
  /** Flux of its stars, in units of what its exposure lets expect; 1 is typical. */
  readonly transparency: number;
  /** Why the frame is not used. */
  readonly reason?: FrameReason;
}

/** With fewer measured frames there is no bulk to be worse than. */
const MIN_FRAMES = 5;
/** Fewer stars give no figure that a frame may be judged by. */
const MIN_STARS = 5;
/** Above the set's median by less than this, an elongation belongs to the optics. */
const ELLIPTICITY_EXCESS = 0.2;

type Thresholds = Pick<
  RunConfig,
  | 'quality_max_fwhm_ratio'
  | 'quality_max_ellipticity'
  | 'quality_min_transparency'
  | 'quality_gate_enabled'
  | 'quality_gate_threshold'
>;

/**
 * `gains[frame][channel]` bring a frame's flux to the common scale; `expected` is its relative exposure. A threshold of 0 is off. Each is a ratio to
 * the median of the set, so that a poor night as a whole stays; limits that would take more than half of the frames do not fit the set and take none.
 */
export function judgeFrames(
  frames: readonly MeasuredFrame[],
  gains: readonly (readonly number[])[],
  expected: readonly number[],
  thresholds: Thresholds,
): FrameQuality[] {
  const figures = frames.map(({ record, wcs, stars, tile }, f): FrameQuality => {
    const enough = stars.count >= MIN_STARS;
    const scale = wcs.pixelScaleArcsec((record.width + 1) / 2, (record.height + 1) / 2);
    const mean = gains[f].reduce((sum, gain) => sum + gain, 0) / gains[f].length;
    return {
      fwhmArcsec: enough ? stars.medianFwhm * scale : NaN,
      ellipticity: enough ? stars.medianEllipticity : NaN,
      // the scale of a finished tile is its maker's choice
      transparency: tile ? NaN : 1 / (mean * expected[f]),
    };
  });
  const fwhm = typical(figures.map((figure) => figure.fwhmArcsec));
  const round = typical(figures.map((figure) => figure.ellipticity));
  const gate = thresholds.quality_gate_enabled ? termsOf(frames, gains, figures) : undefined;
  const judged = figures.map((figure, f) => {
    const reason =
      reasonAgainst(figure, fwhm, round, thresholds) ??
      (gate && gateReason(gate[f], thresholds.quality_gate_threshold));
    return reason ? { ...figure, reason } : figure;
  });
  return 2 * judged.filter(({ reason }) => reason).length > frames.length ? figures : judged;
}

/** Why a frame breaks a limit; of several the one that it breaks most, for stars that a cloud dims are also measured as wide and long. */
function reasonAgainst(
  { fwhmArcsec, ellipticity, transparency }: FrameQuality,
  fwhm: number,
  round: number,
  limits: Thresholds,
): FrameReason | undefined {
  const { quality_max_fwhm_ratio, quality_max_ellipticity, quality_min_transparency } = limits;
  const shown = (value: number) => Number(value.toPrecision(3));
  const mostRound = Math.max(quality_max_ellipticity, round + ELLIPTICITY_EXCESS);
  const broken: { readonly by: number; readonly reason: FrameReason }[] = [];
  if (quality_max_fwhm_ratio > 0)
    broken.push({
      by: fwhmArcsec / (quality_max_fwhm_ratio * fwhm),
      reason: {
        code: 'quality_reject_fwhm',
        params: { value: shown(fwhmArcsec), typical: shown(fwhm), limit: quality_max_fwhm_ratio },
      },
    });
  if (quality_max_ellipticity > 0)
    broken.push({
      by: ellipticity / mostRound,
      reason: {
        code: 'quality_reject_ellipticity',
        params: { value: shown(ellipticity), limit: shown(mostRound) },
      },
    });
  if (quality_min_transparency > 0)
    broken.push({
      by: quality_min_transparency / transparency,
      reason: {
        code: 'quality_reject_transparency',
        params: { percent: shown(100 * transparency), limit: shown(100 * quality_min_transparency) },
      },
    });
  return broken.filter(({ by }) => by > 1).sort((a, b) => b.by - a.by)[0]?.reason;
}

/** The terms of the quality gate, each against the typical frame of the set. */
function termsOf(
  frames: readonly MeasuredFrame[],
  gains: readonly (readonly number[])[],
  figures: readonly FrameQuality[],
): GateTerms[] {
  const facts = frames.map(({ measure, stars }, f): GateFacts => {
    const { noise } = measure.background;
    const middle = noise.length >> 1;
    return {
      fwhm: figures[f].fwhmArcsec,
      ellipticity: figures[f].ellipticity,
      transparency: figures[f].transparency,
      noise: noise[middle] * gains[f][middle],
      stars: starsFound(stars),
    };
  });
  const median = (of: (fact: GateFacts) => number) => typical(facts.map(of));
  const set: GateFacts = {
    fwhm: median((fact) => fact.fwhm),
    ellipticity: median((fact) => fact.ellipticity),
    transparency: median((fact) => fact.transparency),
    noise: median((fact) => fact.noise),
    stars: median((fact) => fact.stars),
  };
  return facts.map((fact) => gateTerms(fact, set));
}

function gateReason(terms: GateTerms, limit: number): FrameReason | undefined {
  const score = gateScore(terms);
  if (!(score > limit)) return undefined;
  const shown = (value: number) => (Number.isNaN(value) ? '?' : Number(value.toFixed(2)));
  const { sharpness, shape, transparency, noise, stars } = terms;
  return {
    code: 'quality_reject_gate',
    params: {
      score: shown(score),
      limit,
      sharpness: shown(sharpness),
      shape: shown(shape),
      transparency: shown(transparency),
      noise: shown(noise),
      stars: shown(stars),
    },
  };
}

/** Median of the figures that are there, NaN (nothing is worse) where they are too few. */
function typical(values: readonly number[]): number {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length >= MIN_FRAMES ? medianOf(known) : NaN;
}

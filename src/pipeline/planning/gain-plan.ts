// Gains of all frames against each other, per channel, from the stars that several frames show.
import { apertureRadius } from '../../astrometry/stars/aperture-flux.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { FEW_ENTRIES, memoryFor } from '../../photometry/levels/level-observations.js';
import { oneByOne, type OneByOne } from '../../photometry/one-by-one.js';
import { solveGains, type FrameFluxes, type GainSolution } from '../../photometry/gains/gain-solve.js';
import { picked } from '../../photometry/picked.js';
import { poolGains, type PooledGains } from '../../photometry/gains/pool-gains.js';
import { spoiltStars } from '../../photometry/gains/spoilt-stars.js';
import type { Disc } from '../../photometry/background/disc-pixels.js';
import type { FrameEdges } from './grid/frame-extent.js';
import type { OutputGrid } from './grid/output-grid.js';
import { pointingGroups } from './sky/pointing-groups.js';
import { type NumberedStars, numberStars } from './frames/shared-stars.js';

/** A measured frame as the gain plan sees it. */
export interface GainFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
  /** What of its sides does not go into the mosaic, where something does not. */
  readonly edges?: FrameEdges;
  readonly stars: StarList;
  /** Standard deviation of a raw pixel per channel, ADU. */
  readonly noise: readonly number[];
  /** Raw pixels per sample of each channel: 4, 2, 4 on a CFA, else 1. */
  readonly sparsity: readonly number[];
  /** Electrons of an ADU per channel, where known. */
  readonly electronsPerAdu?: readonly number[];
  /** What the frame's fluxes are expected to be relative to the others': its relative exposure. */
  readonly expected: number;
}

export interface GainPlan {
  /** `[frame][channel]`, the factor to the common scale. */
  readonly gains: readonly (readonly number[])[];
  readonly solutions: readonly GainSolution[];
  /** Frames far brighter or fainter than their exposure lets expect, with that ratio: the farthest of their channels. */
  readonly unusual: readonly { readonly frame: number; readonly ratio: number }[];
  /** Relative widths of the colours of transparency, as `poolGains` gives them. */
  readonly colours: Pick<PooledGains, 'frameColour' | 'groupColour'>;
  /** `[frame]`: where stars lie that the frame shows brighter than the others do, as far as their light hides what lies on them. */
  readonly spoilt: readonly (readonly Disc[])[];
  /** `[frame]`: the stars that tell the gains. */
  readonly shared: readonly NumberedStars[];
}

/** Stars brighter or fainter by more than this than exposures say are worth a word: heavy clouds, or a wrong header. */
const UNUSUAL_RATIO = 10;
/** Out to this many radii of the aperture a star is so steep that differences of seeing pass for what lies on it (guard-slope.ts). */
const SPOILT_RADII = 2.5;
/** And so far beyond, pixels, a warp still wants the samples that are left out. */
const WARP_REACH_PX = 4;

export function planGains(grid: OutputGrid, frames: readonly GainFrame[]): GainPlan {
  const matched = numberStars(grid, frames);
  const channels = frames[0].noise.length;
  const expected = frames.map((frame) => frame.expected);
  const group = pointingGroups(frames);
  const stars = matched.reduce((sum, { star }) => sum + star.length, 0);
  // one memory for the solves of all channels: what one leaves behind would stand beside the next until it is collected
  const memory = memoryFor(stars);
  const alone = Array.from({ length: channels }, (_, channel) =>
    solveGains(
      ofFrames(frames.length, stars, (f) => fluxes(frames[f], channel, matched[f])),
      expected,
      group,
      memory,
    ),
  );
  const pooled = poolGains(alone, group, expected);
  const solutions = alone.map((solution, c): GainSolution => ({ ...solution, gains: pooled.gains[c] }));
  const gains = frames.map((_, f) => frameGains(solutions, f, expected[f]));
  return {
    gains,
    solutions,
    unusual: unusualFrames(solutions, expected),
    colours: pooled,
    spoilt: spoiltPlaces(frames, matched, stars, gains),
    shared: matched,
  };
}

/** What is made of each frame: once where all `stars` of all frames are few, since it is asked for several times; else there is no room for it. */
function ofFrames<T>(frames: number, stars: number, make: (f: number) => T): OneByOne<T> {
  return stars > FEW_ENTRIES ? oneByOne(frames, make) : Array.from({ length: frames }, (_, f) => make(f));
}

/**
 * Only stars that lie in a frame with all of what is left out around them are compared: one that an edge cuts makes whole ones look too bright, and
 * whatever is left out of a frame must stand in those that judge it, or the mosaic has a hole there.
 */
function spoiltPlaces(
  frames: readonly GainFrame[],
  matched: readonly NumberedStars[],
  total: number,
  gains: GainPlan['gains'],
): Disc[][] {
  const widest = frames.reduce(
    (most, frame) => (frame.stars.count > 0 ? Math.max(most, SPOILT_RADII * radiusOf(frame)) : most),
    0,
  );
  const compared = (f: number) => entriesWithin(frames[f], matched[f].index, widest + WARP_REACH_PX);
  const scaled = ofFrames(frames.length, total, (f) => {
    const frame = frames[f];
    const { stars, noise, sparsity } = frame;
    const { index, star } = matched[f];
    const entries = compared(f);
    const gain = gains[f].reduce((a, b) => a + b, 0) / gains[f].length;
    // samples as they are, whatever their colour: of all sums the one with the least noise
    const share = sparsity.map((of, c) => gains[f][c] / (gain * of));
    const variance = share.reduce((total, of, c) => total + of ** 2 * sparsity[c] * noise[c] ** 2, 0);
    const sums = new Float64Array(entries.length);
    for (let c = 0; c < share.length; c++) {
      const light = stars.channelFlux[c];
      for (let k = 0; k < sums.length; k++) sums[k] += share[c] * light[index[entries[k]]];
    }
    return {
      star: picked(star, entries),
      flux: Float32Array.from(sums),
      sigma: Math.sqrt(Math.PI * variance) * radiusOf(frame),
      gain,
    };
  });
  return spoiltStars(scaled).map((entries, f) => {
    if (entries.length === 0) return [];
    const { stars } = frames[f];
    const radius = SPOILT_RADII * radiusOf(frames[f]);
    const ofFrame = compared(f);
    return entries.map((k) => {
      const i = matched[f].index[ofFrame[k]];
      return { x: stars.x[i] - 1, y: stars.y[i] - 1, radius };
    });
  });
}

/** Which of the stars `index` have `margin` pixels to all sides that go into the mosaic: their places in that list. */
function entriesWithin({ nx, ny, edges, stars }: GainFrame, index: Int32Array, margin: number): Int32Array {
  const beyondX = margin + (edges?.x ?? 0);
  const beyondY = margin + (edges?.y ?? 0);
  const entries = new Int32Array(index.length);
  let count = 0;
  for (let entry = 0; entry < index.length; entry++) {
    const x = stars.x[index[entry]] - 1;
    const y = stars.y[index[entry]] - 1;
    if (x >= beyondX && x <= nx - 1 - beyondX && y >= beyondY && y <= ny - 1 - beyondY)
      entries[count++] = entry;
  }
  return entries.slice(0, count);
}

/** Radius of the aperture that the frame's stars were measured in. */
const radiusOf = ({ stars, sparsity }: GainFrame) =>
  apertureRadius(
    stars.medianFwhm,
    sparsity.some((of) => of > 1),
  );

/**
 * The measured gain is kept all the same: bounded, it would leave wrong fluxes, and weights by noise variance (1 / gain^2) already make such a frame
 * count for little.
 */
function unusualFrames(solutions: readonly GainSolution[], expected: readonly number[]): GainPlan['unusual'] {
  return expected.flatMap((exposure, frame) => {
    const ratios = solutions
      .map(({ gains }) => 1 / (gains[frame] * exposure))
      .filter((ratio) => ratio > UNUSUAL_RATIO || ratio < 1 / UNUSUAL_RATIO)
      .sort((a, b) => Math.abs(Math.log(b)) - Math.abs(Math.log(a)));
    return ratios.length > 0 ? [{ frame, ratio: ratios[0] }] : [];
  });
}

/** A channel without enough stars takes the mean of the others; a frame without any keeps what its exposure says. */
export function frameGains(
  solutions: readonly Pick<GainSolution, 'gains'>[],
  frame: number,
  expected: number,
): number[] {
  const own = solutions.map(({ gains }) => gains[frame]);
  const known = own.filter((gain) => !Number.isNaN(gain));
  const otherwise = known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : 1 / expected;
  return own.map((gain) => (Number.isNaN(gain) ? otherwise : gain));
}

function fluxes(frame: GainFrame, channel: number, matched: NumberedStars): FrameFluxes {
  const { stars, noise, sparsity, electronsPerAdu } = frame;
  // Sky noise in the aperture, its channel scaled to full density.
  const sigma = noise[channel] * Math.sqrt(sparsity[channel] * Math.PI) * radiusOf(frame);
  return {
    star: matched.star,
    flux: picked(stars.channelFlux[channel], matched.index),
    sigma: new Float32Array(matched.index.length).fill(sigma),
    ...(electronsPerAdu && { photons: sparsity[channel] / electronsPerAdu[channel] }),
  };
}

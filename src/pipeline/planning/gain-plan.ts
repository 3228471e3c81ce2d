// Gains of all frames against each other, per channel, from the stars that several frames show.
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { solveGains, type FrameFluxes, type GainSolution } from '../../photometry/gain-solve.js';
import type { OutputGrid } from './output-grid.js';

/** A measured frame as the gain plan sees it. */
export interface GainFrame {
  readonly wcs: CelestialWcs;
  readonly stars: StarList;
  /** Standard deviation of a raw pixel per channel, ADU. */
  readonly noise: readonly number[];
  /** Raw pixels per sample of each channel: 4, 2, 4 on a CFA, else 1. */
  readonly sparsity: readonly number[];
  /** What the frame's fluxes are expected to be relative to the others': its relative exposure. */
  readonly expected: number;
}

export interface GainPlan {
  /** `[frame][channel]`, the factor to the common scale. */
  readonly gains: readonly (readonly number[])[];
  readonly solutions: readonly GainSolution[];
  /** Frames far brighter or fainter than their exposure lets expect, with that ratio: the farthest of their channels. */
  readonly unusual: readonly { readonly frame: number; readonly ratio: number }[];
}

/** Stars of two frames within this many pixels of the output grid are one star. */
const MATCH_RADIUS_PX = 1.5;
/** Brightest unsaturated stars of a frame that are matched. */
const MAX_STARS = 400;
/** Stars brighter or fainter by more than this than exposures say are worth a word: heavy clouds, or a wrong header. */
const UNUSUAL_RATIO = 10;
/** Side of the cells of the search; at least twice the radius. */
const SEARCH_CELL_PX = 4;

export function planGains(grid: OutputGrid, frames: readonly GainFrame[]): GainPlan {
  const matched = matchStars(grid, frames);
  const channels = frames[0].noise.length;
  const expected = frames.map((frame) => frame.expected);
  const solutions = Array.from({ length: channels }, (_, channel) =>
    solveGains(
      frames.map((frame, f) => fluxes(frame, channel, matched[f])),
      expected,
    ),
  );
  return {
    gains: frames.map((_, f) => frameGains(solutions, f, expected[f])),
    solutions,
    unusual: unusualFrames(solutions, expected),
  };
}

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
function frameGains(solutions: readonly GainSolution[], frame: number, expected: number): number[] {
  const own = solutions.map(({ gains }) => gains[frame]);
  const known = own.filter((gain) => !Number.isNaN(gain));
  const otherwise = known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : 1 / expected;
  return own.map((gain) => (Number.isNaN(gain) ? otherwise : gain));
}

interface Matched {
  /** Index into the frame's star list, and the star's common number. */
  readonly index: readonly number[];
  readonly star: readonly number[];
}

/** Gives each star of each frame a number that all frames share, by position on the output grid. */
function matchStars(grid: OutputGrid, frames: readonly GainFrame[]): Matched[] {
  const cells = new Map<number, number[]>();
  const known: { x: number; y: number }[] = [];
  const key = (cx: number, cy: number) => (cx + 1) * 2 ** 26 + cy + 1;
  return frames.map(({ wcs, stars }) => {
    const index: number[] = [];
    const numbers: number[] = [];
    for (let i = 0; i < stars.count && index.length < MAX_STARS; i++) {
      if (stars.saturated[i]) continue;
      const sky = wcs.pixelToSky(stars.x[i], stars.y[i]);
      const at = sky && grid.wcs.skyToPixel(sky[0], sky[1]);
      if (!at) continue;
      const [x, y] = at;
      const [cx, cy] = [Math.floor(x / SEARCH_CELL_PX), Math.floor(y / SEARCH_CELL_PX)];
      let best = -1;
      let bestDistance = MATCH_RADIUS_PX;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          for (const candidate of cells.get(key(cx + dx, cy + dy)) ?? []) {
            const distance = Math.hypot(known[candidate].x - x, known[candidate].y - y);
            if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
          }
        }
      }
      if (best < 0) {
        best = known.push({ x, y }) - 1;
        const cell = cells.get(key(cx, cy));
        if (cell) cell.push(best);
        else cells.set(key(cx, cy), [best]);
      }
      index.push(i);
      numbers.push(best);
    }
    return { index, star: numbers };
  });
}

function fluxes({ stars, noise, sparsity }: GainFrame, channel: number, matched: Matched): FrameFluxes {
  // Sky noise in the aperture of 1.2 FWHM, its channel scaled to full density.
  const sigma = noise[channel] * Math.sqrt(sparsity[channel] * Math.PI) * 1.2 * stars.medianFwhm;
  return {
    star: Int32Array.from(matched.star),
    flux: Float32Array.from(matched.index, (i) => stars.channelFlux[channel][i]),
    sigma: new Float32Array(matched.index.length).fill(sigma),
  };
}

// Gains of all frames by the sky that they share, as `linear_fit` takes them.
import { solveSkyLines, type SkyLines } from '../../photometry/gains/sky-lines.js';
import { frameGains } from './gain-plan.js';
import { observedLevels, type LevelFrame } from './sky/observed-levels.js';
import type { OutputGrid } from './grid/output-grid.js';

export interface SkyLineGains {
  /** `[frame][channel]`, the factor to the common scale. */
  readonly gains: readonly (readonly number[])[];
  /** Per channel. */
  readonly solutions: readonly Pick<SkyLines, 'gains' | 'residualScale'>[];
  /** Frames whose gain is what exposures say in every channel: the sky tells none. */
  readonly flat: readonly number[];
  /** Frames with a line in some channel that was too steep or too shallow to be used. */
  readonly unlikely: readonly number[];
}

/** `expected`: relative exposures. A channel without a line takes the mean of the others; a frame without any keeps what its exposure says. */
export function planSkyLines(
  grid: OutputGrid,
  frames: readonly Omit<LevelFrame, 'gains' | 'held'>[],
  expected: readonly number[],
): SkyLineGains {
  const exposed = frames.map((frame, f): LevelFrame => {
    const gains = frame.grid.level.map(() => 1 / expected[f]);
    return { ...frame, gains, held: undefined };
  });
  const lines = observedLevels(grid, exposed).map(solveSkyLines);
  const solutions = lines.map(({ gains, residualScale }) => ({
    gains: gains.map((gain, f) => gain / expected[f]),
    residualScale,
  }));
  const of = (isSuch: (f: number) => boolean) => [...frames.keys()].filter(isSuch);
  return {
    gains: frames.map((_, f) => frameGains(solutions, f, expected[f])),
    solutions,
    flat: of((f) => solutions.every(({ gains }) => Number.isNaN(gains[f]))),
    unlikely: of((f) => lines.some(({ unlikely }) => unlikely.includes(f))),
  };
}

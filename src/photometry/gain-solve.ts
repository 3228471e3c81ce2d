// Transparency of each frame from the stars that several frames share: the gain of the global photometric solve.
import type { FrameLevels } from './level-observations.js';
import { solveLevels } from './level-solve.js';
import { medianOf } from './mesh-repair.js';

/** Stars of one frame in one channel, arrays of one length: number of the star (common to all frames, from 0), flux and its standard deviation, ADU. */
export interface FrameFluxes {
  readonly star: Int32Array;
  readonly flux: Float32Array;
  readonly sigma: Float32Array;
}

export interface GainSolution {
  /** Factor per frame that brings its fluxes to the common scale; NaN for a frame that shares too few stars. */
  readonly gains: Float64Array;
  /** Stars per frame that entered, those seen in one frame only left out. */
  readonly shared: Int32Array;
  /** Robust scatter of ln flux about the solution, in units of its own noise. */
  readonly residualScale: number;
}

/** A frame is measured by at least this many shared stars: fewer tell more about themselves than about the frame. */
const MIN_SHARED_STARS = 5;
/** A star fainter than this many sigma only adds noise, and its logarithm a bias. */
const MIN_SIGNAL_TO_NOISE = 10;
/** Floor of the relative error: flat field, undersampling and colour keep bright stars from agreeing better. */
const RELATIVE_FLOOR = 0.01;

/**
 * ln flux = ln F[star] + ln t[frame] + noise, solved robustly for all frames at once (the level solve of order 0 on logarithms), gain = 1/t.
 * `expected` holds what t is before any star is seen (relative exposures); in each group of frames that hang together by shared stars the
 * median of ln(t / expected) is 0, so gains say how a frame differs from its group, and groups without a common star stay as exposed, even
 * when clouds passed over one of them.
 */
export function solveGains(frames: readonly FrameFluxes[], expected: readonly number[]): GainSolution {
  const stars = frames.reduce((most, { star }) => star.reduce((a, b) => Math.max(a, b), most), -1) + 1;
  const seen = new Int32Array(stars);
  for (const { star } of frames) for (let i = 0; i < star.length; i++) seen[star[i]]++;
  const lists = frames.map(({ star, flux, sigma }, f): FrameLevels => {
    const node = new Int32Array(star.length);
    const [level, error] = [new Float32Array(star.length), new Float32Array(star.length)];
    let good = 0;
    for (let i = 0; i < star.length; i++) {
      if (seen[star[i]] < 2 || !(flux[i] > MIN_SIGNAL_TO_NOISE * sigma[i])) continue;
      node[good] = star[i];
      level[good] = Math.log(flux[i] / expected[f]);
      error[good++] = Math.hypot(sigma[i] / flux[i], RELATIVE_FLOOR);
    }
    const zeros = new Float32Array(good);
    return {
      node: node.subarray(0, good),
      level: level.subarray(0, good),
      sigma: error.subarray(0, good),
      x: zeros,
      y: zeros,
    };
  });
  const shared = Int32Array.from(lists, ({ node }) => node.length);
  const { coefficients, component, components, residualScale } = solveLevels(lists, { order: 0 });
  const logs = Float64Array.from(frames, (_, f) => coefficients[6 * f]);
  // The level solve sets the parts' medians alike, which is right for skies and meaningless for different stars.
  for (let part = 0; part < components; part++) {
    const members = [...logs.keys()].filter((f) => component[f] === part && shared[f] >= MIN_SHARED_STARS);
    if (members.length === 0) continue;
    const middle = medianOf(members.map((f) => logs[f]));
    for (const f of members) logs[f] -= middle;
  }
  return {
    gains: logs.map((log, f) => (shared[f] >= MIN_SHARED_STARS ? Math.exp(-log) / expected[f] : NaN)),
    shared,
    residualScale,
  };
}

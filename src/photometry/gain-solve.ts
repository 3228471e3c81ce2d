// Transparency of each frame from the stars that several frames share: the gain of the global photometric solve.
import type { FrameLevels } from './level-observations.js';
import { solveLevels, type LevelSolution } from './level-solve.js';
import { medianOf } from './mesh-repair.js';
import { photonNoise } from './photon-noise.js';
import { StarColumns } from './star-columns.js';

/** Stars of one frame in one channel, arrays of one length: number of the star (common to all frames, from 0), flux and its standard deviation by the sky, ADU. */
export interface FrameFluxes {
  readonly star: Int32Array;
  readonly flux: Float32Array;
  readonly sigma: Float32Array;
  /** Variance of a flux by its own photons, per ADU of it; without it stars themselves tell, which they do to a factor of 2 or worse. */
  readonly photons?: number;
}

export interface GainSolution {
  /** Factor per frame that brings its fluxes to the common scale; NaN for a frame that shares too few stars. */
  readonly gains: Float64Array;
  /** Stars per frame that entered, those seen in one frame only left out. */
  readonly shared: Int32Array;
  /** Robust scatter of ln flux about the solution, in units of its own noise. */
  readonly residualScale: number;
  /** Number of the part of the mosaic that hangs together by shared stars, per frame. */
  readonly component: Int32Array;
  /** Inverse variance of ln gain per frame, if the fluxes of its stars were known. */
  readonly information: Float64Array;
  /** `[groups, groups]`: the quadratic form that the stars are of ln gains common to all frames of a group; its rows sum to 0. */
  readonly groupInformation: Float64Array;
}

/** A frame is measured by at least this many shared stars: fewer tell more about themselves than about the frame. */
const MIN_SHARED_STARS = 5;
/** Stars fainter than this many sigma tell next to nothing; those just above it keep stars from entering in the frames only that show them brighter. */
const MIN_SIGNAL_TO_NOISE = 5;
/** Floor of the relative error: flat field, undersampling and colour keep bright stars from agreeing better. */
const RELATIVE_FLOOR = 0.01;

/**
 * ln flux = ln F[star] + ln t[frame] + noise, solved robustly for all frames at once (the level solve of order 0 on logarithms), gain = 1/t.
 * Twice: what the first solve tells of the stars' fluxes tells the noise of their own photons in frames where nothing else does, and which stars are bright enough whatever the noise of
 * one frame makes of them: faint stars chosen by what each frame shows would enter where noise makes them brighter.
 * `expected` holds what t is before any star is seen (relative exposures); in each group of frames that hang together by shared stars the
 * median of ln(t / expected) is 0, so gains say how a frame differs from its group, and groups without a common star stay as exposed, even
 * when clouds passed over one of them. `group` numbers frames that see the same sky from 0, for `groupInformation`.
 */
export function solveGains(
  frames: readonly FrameFluxes[],
  expected: readonly number[],
  group: Int32Array = new Int32Array(frames.length),
): GainSolution {
  const nowhere = new Float32Array(frames.reduce((most, { star }) => Math.max(most, star.length), 0));
  const { coefficients, model, entered } = firstSolve(frames, expected, nowhere);
  const untold = [...frames.keys()].filter((f) => frames[f].photons === undefined);
  const told = photonNoise(
    untold.map((f) => ({ ...frames[f], model: model[f].map((v) => v * expected[f]) })),
    RELATIVE_FLOOR,
  );
  const second = frames.map((frame, f) =>
    enter(frame, model[f], expected[f], frame.photons ?? told, nowhere),
  );
  const solution = solveLevels(second, { order: 0, start: coefficients });
  const columns = new StarColumns(second, solution);
  // a frame that shows few stars well by itself had no place to start from: what it shows of the others' stars would pass for their light
  const shared = columns.sharedStars().map((stars, f) => Math.min(stars, entered[f]));
  return {
    gains: gaugedGains(solution, shared, expected),
    shared,
    residualScale: solution.residualScale,
    component: solution.component,
    ...columns.information(group),
  };
}

/**
 * What each star of each frame should show by the first solve, over the exposure, NaN where nothing tells; with its coefficients and how many stars of each frame entered. What
 * else it was made of goes with it: with thousands of frames that is most of what planning needs of memory.
 */
function firstSolve(frames: readonly FrameFluxes[], expected: readonly number[], nowhere: Float32Array) {
  const first = frames.map((frame, f) =>
    enter(frame, relative(frame.flux, expected[f]), expected[f], 0, nowhere),
  );
  const start = solveLevels(first, { order: 0 });
  const { coefficients } = start;
  const logs = new StarColumns(first, start).means();
  const model = frames.map(({ star }, f) => {
    const light = new Float64Array(star.length);
    for (let i = 0; i < light.length; i++) light[i] = Math.exp((logs[star[i]] ?? NaN) + coefficients[6 * f]);
    return light;
  });
  return { coefficients, model, entered: first.map(({ node }) => node.length) };
}

/** Fluxes over what the exposure lets expect. */
function relative(flux: Float32Array, expected: number): Float64Array {
  const light = new Float64Array(flux.length);
  for (let i = 0; i < light.length; i++) light[i] = flux[i] / expected;
  return light;
}

/**
 * Stars that are bright enough by `flux` (over the expected factor), each with ln of what the frame shows, about `flux`, and its noise. `nowhere`: zeros for the places of as many,
 * of which logarithms of fluxes know nothing.
 */
function enter(
  { star, flux: shown, sigma }: FrameFluxes,
  flux: Float64Array,
  expected: number,
  photons: number,
  nowhere: Float32Array,
): FrameLevels {
  const node = new Int32Array(star.length);
  const [level, error] = [new Float32Array(star.length), new Float32Array(star.length)];
  let good = 0;
  for (let i = 0; i < star.length; i++) {
    const light = flux[i] * expected;
    const noise = Math.sqrt(sigma[i] * sigma[i] + photons * light);
    if (!(light > MIN_SIGNAL_TO_NOISE * noise)) continue;
    node[good] = star[i];
    // the tangent of the logarithm leaves the mean of the noise where it is
    level[good] = Math.log(flux[i]) + shown[i] / light - 1;
    error[good++] = Math.sqrt((noise / light) * (noise / light) + RELATIVE_FLOOR * RELATIVE_FLOOR);
  }
  return {
    node: node.subarray(0, good),
    level: level.subarray(0, good),
    sigma: error.subarray(0, good),
    x: nowhere.subarray(0, good),
    y: nowhere.subarray(0, good),
  };
}

/** The level solve sets the parts' medians alike, which is right for skies and meaningless for different stars: here the median of each is 1 over what is expected. */
function gaugedGains(
  { coefficients, component, components }: LevelSolution,
  shared: Int32Array,
  expected: readonly number[],
): Float64Array {
  const logs = Float64Array.from(expected, (_, f) => coefficients[6 * f]);
  for (let part = 0; part < components; part++) {
    const members = [...logs.keys()].filter((f) => component[f] === part && shared[f] >= MIN_SHARED_STARS);
    if (members.length === 0) continue;
    const middle = medianOf(members.map((f) => logs[f]));
    for (const f of members) logs[f] -= middle;
  }
  return logs.map((log, f) => (shared[f] >= MIN_SHARED_STARS ? Math.exp(-log) / expected[f] : NaN));
}

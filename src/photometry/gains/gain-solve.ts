// Transparency of each frame from the stars that several frames share: the gain of the global photometric solve.
import type { SamplePasses } from '../../simd/sample-passes.js';
import { gatherNodeLevels, memoryFor, type NodeLevels } from '../levels/level-observations.js';
import { solveObservations, type LevelSolution } from '../levels/level-solve.js';
import { medianOf } from '../mesh-repair.js';
import { oneByOne, type OneByOne } from '../one-by-one.js';
import { photonNoise, type ShownStars } from './photon-noise.js';
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
 * Frames are asked for several times, in turn; of thousands of them the solve takes some 50 bytes an observation, all in the memory that is `given`, whose content is void, or in that of `memoryFor`.
 */
export function solveGains(
  frames: OneByOne<FrameFluxes>,
  expected: readonly number[],
  group: Int32Array = new Int32Array(frames.length),
  given?: SamplePasses,
): GainSolution {
  const [room, most] = sizesOf(frames);
  const memory = given ?? memoryFor(room);
  const entry = new EnteredStars(most);
  const light = new Float64Array(most);
  const { coefficients, logs, entered } = firstSolve();
  /** What a frame should show of a star over the exposure, NaN where nothing tells. */
  const modelOf = (f: number, star: number) => Math.exp((logs[star] ?? NaN) + coefficients[6 * f]);
  const untold = [...expected.keys()].filter((f) => frames.at(f)!.photons === undefined);
  const told = photonNoise(
    oneByOne(untold.length, (k): ShownStars => {
      const f = untold[k];
      const { star, flux, sigma } = frames.at(f)!;
      return { flux, sigma, model: (i) => modelOf(f, star[i]) * expected[f] };
    }),
    RELATIVE_FLOOR,
  );
  const second = oneByOne(frames.length, (f) => {
    const frame = frames.at(f)!;
    for (let i = 0; i < frame.star.length; i++) light[i] = modelOf(f, frame.star[i]);
    return entry.of(frame, light, expected[f], frame.photons ?? told);
  });
  const obs = gatherNodeLevels(memory, second, room);
  const solution = solveObservations(obs, { order: 0, start: coefficients });
  const columns = new StarColumns(obs, solution);
  // a frame that shows few stars well by itself had no place to start from: what it shows of the others' stars would pass for their light
  const shared = columns.sharedStars().map((stars, f) => Math.min(stars, entered[f]));
  return {
    gains: gaugedGains(solution, shared, expected),
    shared,
    residualScale: solution.residualScale,
    component: solution.component,
    ...columns.information(group),
  };

  /** Means of ln flux by star, coefficients of the frames, and how many stars of each frame entered. */
  function firstSolve() {
    const first = oneByOne(frames.length, (f) => {
      const frame = frames.at(f)!;
      for (let i = 0; i < frame.flux.length; i++) light[i] = frame.flux[i] / expected[f];
      return entry.of(frame, light, expected[f], 0);
    });
    const gathered = gatherNodeLevels(memory, first, room);
    const start = solveObservations(gathered, { order: 0 });
    return {
      coefficients: start.coefficients,
      logs: new StarColumns(gathered, start).means(),
      entered: gathered.counts,
    };
  }
}

/** How many stars all frames have together, and the most that one has. */
function sizesOf(frames: OneByOne<FrameFluxes>): readonly [number, number] {
  let [all, most] = [0, 0];
  for (let f = 0; f < frames.length; f++) {
    const { length } = frames.at(f)!.star;
    all += length;
    most = Math.max(most, length);
  }
  return [all, most];
}

/** Stars of one frame after the other that are bright enough, in arrays of which the next frame's take the place. */
class EnteredStars {
  readonly #node: Int32Array;
  readonly #level: Float32Array;
  readonly #error: Float32Array;

  constructor(most: number) {
    this.#node = new Int32Array(most);
    this.#level = new Float32Array(most);
    this.#error = new Float32Array(most);
  }

  /** Those bright enough by `flux` (over the expected factor), each with ln of what the frame shows, about `flux`, and its noise. */
  of(
    { star, flux: shown, sigma }: FrameFluxes,
    flux: Float64Array,
    expected: number,
    photons: number,
  ): NodeLevels {
    const [node, level, error] = [this.#node, this.#level, this.#error];
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
    };
  }
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

// How much of the noise of raw pixels is photons: told by how their variance grows with their level, over the cells of background meshes.
import { sharedPasses } from '../../simd/sample-passes.js';

/** Cells of one frame, one array a channel: level and standard deviation of a raw pixel, ADU. */
export interface NoisyCells {
  readonly level: readonly Float32Array[];
  readonly noise: readonly Float32Array[];
}

/** ADU of one electron: what the variance grows by for each ADU of level. */
export interface PhotonGain {
  /** Per channel. */
  readonly aduPerElectron: readonly number[];
  /** Largest standard error of them, as a fraction. */
  readonly relativeError: number;
  /** Cells that were looked at, over all channels. */
  readonly cells: number;
}

/** Cells looked at: more only cost time. */
const MAX_CELLS = 2000;
/** Channels of one sensor whose variances lie off a common line by more than this were scaled apart. */
const SAME_LINE = 0.04;
/** Neighbouring cells have structure in common, so errors are larger than the scatter of as many independent cells tells. */
const ERROR_FACTOR = 2;

interface Line {
  /** Slope and intercept, ADU and ADU^2. */
  readonly slope: number;
  readonly intercept: number;
  readonly relativeError: number;
}

/**
 * Variance = intercept + slope x level, robustly, for all channels at once, whose sky levels differ, or for each by itself where one line does not hold
 * them (white balance in the camera). Read noise, pedestal and quantisation are in the intercept. Undefined where nothing can be said: few cells, levels alike,
 * or no growth. What error is too large is the caller's to say. The lines are fitted in WebAssembly (`src/simd/assembly/plan/photon-line.ts`).
 */
export function photonGain(frames: readonly NoisyCells[]): PhotonGain | undefined {
  const channels = frames[0]?.level.length ?? 0;
  const total = frames.reduce((sum, { level }) => sum + level.reduce((n, cells) => n + cells.length, 0), 0);
  const stride = Math.max(1, Math.ceil(total / MAX_CELLS));
  const most = Math.ceil(total / stride);
  const memory = sharedPasses();
  const [x, y, spare, out] = [8, 8, 32, 0].map((bytes) => memory.take(bytes * most + (bytes ? 0 : 24)));
  const [levels, variances] = [x, y].map((at) => new Float64Array(memory.buffer, at, most));
  const start = [0];
  for (let c = 0; c < channels; c++) start.push(gather(frames, c, stride, start[c], levels, variances));
  const cells = start[channels];
  const { passes } = memory;
  const found = new Float64Array(memory.buffer, out, 3);
  const fitted = (from: number, to: number): Line | undefined => {
    if (!passes.photonLine(x + 8 * from, y + 8 * from, to - from, spare, out)) return undefined;
    const [slope, intercept, error] = found;
    return { slope, intercept, relativeError: ERROR_FACTOR * error };
  };
  const common = fitted(0, cells);
  const isOn = ({ slope, intercept }: Line, from: number, to: number) =>
    Math.abs(passes.photonRatio(x + 8 * from, y + 8 * from, to - from, slope, intercept, spare) - 1) <
    SAME_LINE;
  const ofChannels = Array.from({ length: channels }, (_, c) => [start[c], start[c + 1]] as const);
  if (common && ofChannels.every(([from, to]) => isOn(common, from, to))) {
    const aduPerElectron = ofChannels.map(() => common.slope);
    return { aduPerElectron, relativeError: common.relativeError, cells };
  }
  const lines = ofChannels.map(([from, to]) => fitted(from, to));
  if (!lines.every((line) => line !== undefined)) return undefined;
  return {
    aduPerElectron: lines.map(({ slope }) => slope),
    relativeError: Math.max(...lines.map(({ relativeError }) => relativeError)),
    cells,
  };
}

/** Writes level and variance of every `stride`-th cell, counted over all frames and their channels, as far as it is of channel `c`, from place `to` on; returns where they end. */
function gather(
  frames: readonly NoisyCells[],
  c: number,
  stride: number,
  to: number,
  levels: Float64Array,
  variances: Float64Array,
): number {
  let before = 0;
  let end = to;
  for (const { level, noise } of frames) {
    for (let k = 0; k < c; k++) before += level[k].length;
    const own = level[c];
    const deviations = noise[c];
    for (let i = (stride - (before % stride)) % stride; i < own.length; i += stride) {
      levels[end] = own[i];
      variances[end++] = deviations[i] * deviations[i];
    }
    for (let k = c; k < level.length; k++) before += level[k].length;
  }
  return end;
}

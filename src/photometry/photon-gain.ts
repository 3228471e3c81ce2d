// How much of the noise of raw pixels is photons: told by how their variance grows with their level, over the cells of background meshes.
import { selectMedian } from './select-median.js';

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
const MIN_CELLS = 60;
const ROUNDS = 4;
const CLIP_SIGMA = 3;
/** Levels must spread over this share of the noise of a pixel: within less, what a cell's mean is off by chance passes for light. */
const MIN_SPREAD = 0.2;
/** Channels of one sensor whose variances lie off a common line by more than this were scaled apart. */
const SAME_LINE = 0.04;
/** Neighbouring cells have structure in common, so errors are larger than the scatter of as many independent cells tells. */
const ERROR_FACTOR = 2;

/** Of the middle variance. */
const LEAST_FIT = 0.2;

interface Line {
  /** Slope and intercept, ADU and ADU^2. */
  readonly slope: number;
  readonly intercept: number;
  readonly relativeError: number;
}

/**
 * Variance = intercept + slope x level, robustly, for all channels at once, whose sky levels differ, or for each by itself where one line does not hold
 * them (white balance in the camera). Read noise, pedestal and quantisation are in the intercept. Undefined where nothing can be said: few cells, levels alike,
 * or no growth. What error is too large is the caller's to say.
 */
export function photonGain(frames: readonly NoisyCells[]): PhotonGain | undefined {
  const channels = frames[0]?.level.length ?? 0;
  const total = frames.reduce((sum, { level }) => sum + level.reduce((n, cells) => n + cells.length, 0), 0);
  const stride = Math.max(1, Math.ceil(total / MAX_CELLS));
  const lists = Array.from({ length: channels }, () => ({ x: [] as number[], y: [] as number[] }));
  let at = 0;
  for (const { level, noise } of frames)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < level[c].length; i++) {
        if (at++ % stride !== 0) continue;
        lists[c].x.push(level[c][i]);
        lists[c].y.push(noise[c][i] ** 2);
      }
  const cells = lists.reduce((sum, { x }) => sum + x.length, 0);
  const common = fitLine(
    lists.flatMap(({ x }) => x),
    lists.flatMap(({ y }) => y),
  );
  const holds =
    common &&
    lists.every(({ x, y }) => Math.abs(median(x, (v, i) => y[i] / valueAt(common, v)) - 1) < SAME_LINE);
  if (common && holds) {
    const aduPerElectron = lists.map(() => common.slope);
    return { aduPerElectron, relativeError: common.relativeError, cells };
  }
  const lines = lists.map(({ x, y }) => fitLine(x, y));
  if (!lines.every((line) => line !== undefined)) return undefined;
  return {
    aduPerElectron: lines.map(({ slope }) => slope),
    relativeError: Math.max(...lines.map(({ relativeError }) => relativeError)),
    cells,
  };
}

const valueAt = ({ slope, intercept }: Pick<Line, 'slope' | 'intercept'>, x: number) => intercept + slope * x;

/** Median of what `of` makes of the values. */
const median = (values: readonly number[], of: (value: number, i: number) => number): number =>
  selectMedian(Float64Array.from(values, of));

/** Variances scatter in proportion to themselves: weights 1 / fit^2, and what lies beyond 3 robust deviations has none. */
function fitLine(x: readonly number[], y: readonly number[]): Line | undefined {
  if (x.length < MIN_CELLS) return undefined;
  const middle = median(y, (v) => v);
  let line = { slope: 0, intercept: middle };
  let limit = Infinity;
  const weights = new Float64Array(x.length);
  // a line that dips below is held off 0: such weights would be all that counts
  const fitAt = (v: number) => Math.max(valueAt(line, v), LEAST_FIT * middle);
  for (let round = 0; round < ROUNDS; round++) {
    let [n, w, wx, wy] = [0, 0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      const fit = fitAt(x[i]);
      weights[i] = Math.abs(y[i] / fit - 1) <= limit ? 1 / fit ** 2 : 0;
      if (weights[i] > 0) n++;
      w += weights[i];
      wx += weights[i] * x[i];
      wy += weights[i] * y[i];
    }
    const [meanX, meanY] = [wx / w, wy / w];
    let [xx, xy] = [0, 0];
    for (let i = 0; i < x.length; i++) {
      xx += weights[i] * (x[i] - meanX) ** 2;
      xy += weights[i] * (x[i] - meanX) * (y[i] - meanY);
    }
    if (!(n >= MIN_CELLS && xx / w > MIN_SPREAD ** 2 * middle)) return undefined;
    const slope = xy / xx;
    line = { slope, intercept: meanY - slope * meanX };
    const scatter = 1.4826 * median(x, (v, i) => Math.abs(y[i] / fitAt(v) - 1));
    limit = CLIP_SIGMA * scatter;
    if (round === ROUNDS - 1 && slope > 0)
      return { ...line, relativeError: (ERROR_FACTOR * scatter) / Math.sqrt(xx) / slope };
  }
  return undefined;
}

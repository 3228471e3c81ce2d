// Gains of all channels together: air dims all colours nearly alike, so what one channel tells of a frame it tells of the others, as far as the data bear it out.
import type { GainSolution } from './gain-solve.js';
import { likeliestWidth } from './likeliest-width.js';
import { medianOf } from '../mesh-repair.js';
import { poolGroups } from './pool-groups.js';

export interface PooledGains {
  /** `[channel][frame]`; a frame without a gain in one of the channels keeps what it has beside its group, and stays without it in that channel. */
  readonly gains: readonly Float64Array[];
  /** Relative widths that the data gave the colours of transparency: of frames within their groups, and of groups; NaN where nothing is pooled. */
  readonly frameColour: number;
  readonly groupColour: number;
}

/** Variance of a ln gain that nothing is known of. */
const FREE = 1;

/**
 * ln gain = grey(frame) + colour(group, channel) + colour(frame, channel), both colours with priors about 0 of the widths under which what each channel told
 * alone is likeliest. Where colours differ by no more than noise the width is 0 and all channels become one; where haze or the height over the horizon gives
 * the groups of a session colours of their own, the width is theirs, and gains stay what the stars of each channel say. `group` numbers frames that see the
 * same sky from 0 (`expected`: their relative exposures): their gains err together, for groups hang together by the few stars at their borders, frames within a group by all.
 */
export function poolGains(
  solutions: readonly GainSolution[],
  group: Int32Array,
  expected: readonly number[],
): PooledGains {
  const logs = solutions.map(({ gains }) => gains.map((gain, f) => -Math.log(gain * expected[f])));
  const whole = [...group.keys()].filter((f) => logs.every((of) => !Number.isNaN(of[f])));
  if (solutions.length < 2 || whole.length < 2)
    return { gains: solutions.map(({ gains }) => gains), frameColour: NaN, groupColour: NaN };
  const variance = solutions.map(({ information }) => information.map((of) => (of > 0 ? 1 / of : FREE)));
  const groups = group.reduce((most, g) => Math.max(most, g + 1), 0);
  const count = new Int32Array(groups);
  for (const f of whole) count[group[f]]++;
  const inWhole = new Set(whole);
  // of the same frames with the same weights in all channels: means of frames of which clouds dimmed some differ by as much as their weights do
  const common = whole.map((f) => [f, variance.reduce((sum, of) => sum + of[f], 0)] as const);
  const means = logs.map((of, c) => {
    const telling = variance[c].slice();
    for (const [f, sum] of common) telling[f] = sum;
    // where no frame has all channels, those that have this one
    const frames = known(of).filter((f) => inWhole.has(f) || count[group[f]] === 0);
    return groupMeans(of, telling, frames, group, groups);
  });
  for (let g = 0; g < groups; g++) fillFromOthers(means, g);

  const deviation = (f: number) => logs.map((of, c) => of[f] - means[c][group[f]]);
  const several = whole.filter((f) => count[group[f]] > 1);
  const frameColour = likeliestWidth((width) =>
    several.reduce((sum, f) => {
      // the mean of n frames took 1/n of what each differs by
      const left = 1 - 1 / count[group[f]];
      const own = variance.map((of) => of[f] * left);
      return sum + left * grey(deviation(f), own, width ** 2 * left).logLikelihood;
    }, 0),
  );
  const information = solutions.map(({ groupInformation }) => groupInformation);
  const { levels, part, width: groupColour } = poolGroups(means, information);
  const pooled = logs.map((of, c) => of.map((log, f) => log + levels[c][group[f]] - means[c][group[f]]));
  for (const f of whole) {
    const own = variance.map((of) => of[f]);
    const { posterior } = grey(deviation(f), own, frameColour ** 2);
    pooled.forEach((of, c) => (of[f] = levels[c][group[f]] + posterior[c]));
  }
  // the median of each part that hangs together is 0: of the same frames in all channels, where there are any, so that channels go together
  const parts = part.reduce((most, p) => Math.max(most, p + 1), 0);
  for (const of of pooled)
    for (let p = 0; p < parts; p++) {
      const own = known(of).filter((f) => part[group[f]] === p);
      const members = own.filter((f) => inWhole.has(f));
      if (own.length === 0) continue;
      const middle = medianOf((members.length > 0 ? members : own).map((f) => of[f]));
      for (const f of own) of[f] -= middle;
    }
  const gains = pooled.map((of) => of.map((log, f) => Math.exp(-log) / expected[f]));
  return { gains, frameColour, groupColour };
}

const known = (values: Float64Array) => [...values.keys()].filter((f) => !Number.isNaN(values[f]));

/** A group that no frame tells of in one channel is taken for what the others say of it on average; 0 where none does. */
function fillFromOthers(means: readonly Float64Array[], g: number): void {
  const told = means.map((of) => of[g]).filter((mean) => !Number.isNaN(mean));
  const mean = told.length > 0 ? told.reduce((a, b) => a + b, 0) / told.length : 0;
  for (const of of means) if (Number.isNaN(of[g])) of[g] = mean;
}

/** Means of the logs per group, weighted by what the stars told of each; NaN for a group without frames. */
function groupMeans(
  logs: Float64Array,
  variance: Float64Array,
  frames: readonly number[],
  group: Int32Array,
  groups: number,
): Float64Array {
  const [sums, weights] = [new Float64Array(groups), new Float64Array(groups)];
  for (const f of frames) {
    sums[group[f]] += logs[f] / variance[f];
    weights[group[f]] += 1 / variance[f];
  }
  return sums.map((sum, g) => (weights[g] > 0 ? sum / weights[g] : NaN));
}

/** Values of one quantity in all channels with their variances: what they become when they differ by a width of `between` (a variance), and how likely that makes them. */
function grey(
  values: readonly number[],
  variance: readonly number[],
  between: number,
): { posterior: number[]; logLikelihood: number } {
  let [weights, sum, logLikelihood] = [0, 0, 0];
  values.forEach((value, c) => {
    const w = 1 / (variance[c] + between);
    weights += w;
    sum += w * value;
    logLikelihood += 0.5 * Math.log(w);
  });
  const mean = sum / weights;
  logLikelihood -= 0.5 * Math.log(weights);
  values.forEach((value, c) => (logLikelihood -= (0.5 * (value - mean) ** 2) / (variance[c] + between)));
  const posterior = values.map((value, c) => mean + (between / (between + variance[c])) * (value - mean));
  return { posterior, logLikelihood };
}

import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { solveGains, type FrameFluxes, type GainSolution } from '../../../src/photometry/gains/gain-solve.js';
import { poolGains } from '../../../src/photometry/gains/pool-gains.js';
import { poolGroups } from '../../../src/photometry/gains/pool-groups.js';

const PANELS = 6;
const FRAMES = 6;
const group = Int32Array.from({ length: PANELS * FRAMES }, (_, f) => Math.floor(f / FRAMES));
const expected = Array.from(group, () => 1);

/** A row of panels of 60 stars each, of which neighbours share 12; relative noise per channel; `colour[channel][panel]` is ln transparency beside what all channels have in common. */
function session(noise: readonly number[], colour: readonly (readonly number[])[]) {
  const random = randomStream(11);
  const grey = Array.from(group, () => 0.1 * random.normal());
  const solutions = noise.map((sigma, c) => {
    const frames = Array.from(group, (panel, f): FrameFluxes => {
      const star = Int32Array.from({ length: 60 }, (_, k) => 48 * panel + k);
      const t = Math.exp(grey[f] + colour[c][panel]);
      const flux = Float32Array.from(star, (s) => 1000 * (1 + (s % 7)) * t * (1 + sigma * random.normal()));
      return { star, flux, sigma: flux.map((v) => v * sigma) };
    });
    return solveGains(frames, expected, group);
  });
  return { solutions, grey };
}

const none = new Array<number>(PANELS).fill(0);

/** Rms over the panels of what is wrong with the mean ln gain of each. */
function panelError(gains: Float64Array, grey: readonly number[], colour: readonly number[]): number {
  const means = new Array<number>(PANELS).fill(0);
  gains.forEach((gain, f) => (means[group[f]] += (Math.log(gain) + grey[f] + colour[group[f]]) / FRAMES));
  const middle = means.reduce((a, b) => a + b, 0) / PANELS;
  return Math.sqrt(means.reduce((sum, v) => sum + (v - middle) ** 2, 0) / PANELS);
}

describe('gains of all channels together', () => {
  it('make those of a noisy channel as good as those of the best where transparency is grey', () => {
    const { solutions, grey } = session([0.08, 0.02, 0.03], [none, none, none]);
    const { gains, groupColour, frameColour } = poolGains(solutions, group, expected);
    const alone = panelError(solutions[0].gains, grey, none);
    expect(alone).toBeGreaterThan(0.01);
    expect(panelError(gains[0], grey, none)).toBeLessThan(0.4 * alone);
    expect(panelError(gains[1], grey, none)).toBeLessThan(0.006);
    expect(groupColour).toBeLessThan(0.005);
    expect(frameColour).toBeLessThan(0.005);
  });

  it('keep the colours that extinction gives the panels of a night', () => {
    const extinction = [-0.05, -0.03, -0.01, 0.01, 0.03, 0.05];
    const colour = [none, none, extinction];
    const { solutions, grey } = session([0.03, 0.02, 0.03], colour);
    const { gains, groupColour } = poolGains(solutions, group, expected);
    expect(groupColour).toBeGreaterThan(0.01);
    // the mean of the channels would leave two thirds of its 0.034
    expect(panelError(gains[2], grey, extinction)).toBeLessThan(0.01);
  });

  it('a handful of stars at borders is not believed that air has colours: their noise is', () => {
    // three panels in a row, each border known to 2.5 % in each channel
    const border = 1 / 0.025 ** 2;
    const information = Float64Array.from([1, -1, 0, -1, 2, -1, 0, -1, 1], (v) => v * border);
    const told = [
      [-0.013, 0.04, -0.027],
      [-0.034, 0.01, 0.024],
      [0.024, 0.003, -0.027],
    ].map((levels) => Float64Array.from(levels));
    const { levels, width } = poolGroups(told, [information, information, information]);
    expect(width).toBeLessThan(0.015);
    const farthest = (of: readonly Float64Array[]) =>
      Math.max(...[0, 1, 2].map((g) => of[0][g] - of[1][g] - of[0][0] + of[1][0]).map(Math.abs));
    expect(farthest(levels)).toBeLessThan(0.5 * farthest(told));
  });

  it('keep the median of each channel at what the exposures let expect', () => {
    const { solutions } = session([0.05, 0.02, 0.03], [none, none, none]);
    for (const gains of poolGains(solutions, group, expected).gains) {
      const logs = Array.from(gains, Math.log).sort((a, b) => a - b);
      expect(Math.abs(logs[17] + logs[18])).toBeLessThan(1e-6);
    }
  });

  it('stay as they are where there is one channel', () => {
    const { solutions } = session([0.05, 0.02, 0.03], [none, none, none]);
    expect(poolGains([solutions[1]], group, expected).gains[0]).toEqual(solutions[1].gains);
  });

  it('of frames that lack one channel go with those that have all: clouds leave too few stars of one colour', () => {
    const cloudy = Array.from(group, (_, f) => f % FRAMES >= 2 || f < FRAMES);
    const random = randomStream(3);
    const solutions = [0, 1, 2].map((c) =>
      solveGains(
        Array.from(group, (panel, f): FrameFluxes => {
          const stars = cloudy[f] && c === 2 ? 3 : 60;
          const star = Int32Array.from({ length: stars }, (_, k) => 48 * panel + k);
          const t = cloudy[f] ? 0.4 : 1;
          const flux = Float32Array.from(
            star,
            (s) => 5000 * (1 + (s % 7)) * t * (1 + 0.01 * random.normal()),
          );
          return { star, flux, sigma: flux.map((v) => 0.01 * v) };
        }),
        expected,
        group,
      ),
    );
    const { gains, groupColour } = poolGains(solutions, group, expected);
    expect(groupColour).toBeLessThan(0.005);
    for (let f = 0; f < group.length; f++) {
      for (const c of [0, 1])
        expect(Math.abs(Math.log(gains[c][f] * (cloudy[f] ? 0.4 : 1)))).toBeLessThan(0.02);
      if (cloudy[f]) expect(gains[2][f]).toBeNaN();
      else expect(Math.abs(Math.log(gains[2][f]))).toBeLessThan(0.02);
    }
  });

  it('are what the stars say where these agree, however much less clouds let them tell of some frames in some channels', () => {
    const transparency = Float64Array.from(group, (panel, f) => (f % FRAMES < panel % 3 ? 0.4 : 1));
    // each border known to 1 %
    const groupInformation = new Float64Array(PANELS * PANELS);
    for (let g = 0; g + 1 < PANELS; g++)
      for (const [a, b] of [
        [g, g + 1],
        [g + 1, g],
      ]) {
        groupInformation[a * PANELS + a] += 1e4;
        groupInformation[a * PANELS + b] -= 1e4;
      }
    const solutions = [0.006, 0.0065, 0.007].map((underCloud): GainSolution => ({
      gains: transparency.map((t) => 1 / t),
      information: transparency.map((t) => (t < 1 ? underCloud : 0.003) ** -2),
      groupInformation,
      shared: new Int32Array(group.length).fill(60),
      residualScale: 1,
      component: new Int32Array(group.length),
    }));
    for (const gains of poolGains(solutions, group, expected).gains)
      gains.forEach((gain, f) => expect(Math.abs(Math.log(gain * transparency[f]))).toBeLessThan(1e-4));
  });

  it('of copies of one frame are alike', () => {
    for (const copies of [2, 3, 5, 8]) {
      const star = Int32Array.from({ length: 100 }, (_, k) => k);
      const flux = Float32Array.from(star, (s) => 1000 + 37.123 * s);
      const frames = Array.from({ length: copies }, () => ({ star, flux, sigma: flux.map((v) => 0.02 * v) }));
      const ones = frames.map(() => 1);
      const two = Int32Array.from(frames, (_, f) => f % 2);
      const solutions = [0, 1, 2].map(() => solveGains(frames, ones, two));
      for (const of of poolGains(solutions, two, ones).gains)
        for (const gain of of) expect(gain).toBeCloseTo(1, 6);
    }
  });
});

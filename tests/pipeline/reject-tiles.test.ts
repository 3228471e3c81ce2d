// Tiles judged against each other: what only one of them shows goes, what they merely measured differently stays.
import { describe, expect, it } from 'vitest';
import { BLANK_VALUE } from '../../src/compute/constants.js';
import type { TileSamples } from '../../src/pipeline/integrate/coadd-tiles.js';
import { rejectTiles } from '../../src/pipeline/tiles/reject-tiles.js';
import { GUARD_SLOPE } from '../../src/photometry/guard-slope.js';
import { seededNormal } from '../helpers/kernel-runs.js';

const SIDE = 128;
const SIGMA = 5;
const RULE = { kappaLow: 3, kappaHigh: 3, guardSlope: GUARD_SLOPE };
const at = (x: number, y: number) => y * SIDE + x;

/** Two stars, the second one 3000 ADU high, on a sky that rises to the right. */
function sky(x: number, y: number, fwhm = 3): number {
  const star = (cx: number, cy: number, peak: number) =>
    peak * (3 / fwhm) ** 2 * Math.exp(-2.77 * ((x - cx) ** 2 + (y - cy) ** 2) * fwhm ** -2);
  return 100 + x / 4 + star(30, 40, 300) + star(90.4, 80.6, 3000);
}

interface Spec {
  readonly seed: number;
  /** Standard deviation of the noise over what the weights say, by column. */
  readonly sigma?: (x: number) => number;
  readonly value?: (x: number, y: number) => number;
  readonly weight?: (x: number) => number;
}

function tile({ seed, sigma = () => SIGMA, value = sky, weight = (x) => sigma(x) ** -2 }: Spec): TileSamples {
  const noise = seededNormal(seed);
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, k) => {
    const [x, y] = [k % SIDE, Math.floor(k / SIDE)];
    return value(x, y) + sigma(x) * noise();
  });
  return {
    values,
    weight: Float32Array.from(values, (_, k) => weight(k % SIDE)),
    frames: new Float32Array(SIDE * SIDE).fill(1),
  };
}

const judge = (tiles: readonly TileSamples[]) => rejectTiles(tiles, 1, { width: SIDE, height: SIDE }, RULE);
const total = (counts: Uint32Array) => counts.reduce((a, b) => a + b, 0);
const isGone = ({ values }: TileSamples, x: number, y: number) =>
  values[at(x, y)] === Math.fround(BLANK_VALUE);

describe.each([2, 3])('of %i tiles', (count) => {
  const make = (spoil: (values: Float32Array) => void = () => undefined, spec: Partial<Spec> = {}) => {
    const tiles = Array.from({ length: count }, (_, t) => tile({ seed: 10 + t, ...(t === 1 && spec) }));
    spoil(tiles[1].values);
    return tiles;
  };

  it('clean ones lose next to nothing', () => {
    const { low, high } = judge(make());
    expect((total(low) + total(high)) / (count * SIDE * SIDE)).toBeLessThan(0.003);
  });

  it('a trail in one goes, and nothing at its side in the others', () => {
    const tiles = make((values) => {
      for (let x = 5; x < 120; x++) for (const w of [-1, 0, 1]) values[at(x, 20 + w)] += 60;
    });
    const { high } = judge(tiles);
    let [gone, others] = [0, 0];
    for (let x = 5; x < 120; x++) {
      if (isGone(tiles[1], x, 20)) gone++;
      if (isGone(tiles[0], x, 20)) others++;
    }
    expect(gone / 115).toBeGreaterThan(0.97);
    expect(others).toBeLessThan(3);
    expect(high[at(60, 20)]).toBe(1);
  });

  it('a hole in one goes, and the others keep what they hold there', () => {
    const tiles = make((values) => {
      values[at(50, 100)] -= 90;
    });
    const { low } = judge(tiles);
    expect(tiles.map((one) => isGone(one, 50, 100))).toEqual(tiles.map((_, t) => t === 1));
    expect(low[at(50, 100)]).toBe(1);
  });

  it('levels that a match has left different are no outliers', () => {
    const tiles = make((values) => {
      for (let k = 0; k < values.length; k++) values[k] += 4 * SIGMA + (k % SIDE) / 20;
    });
    const { low, high } = judge(tiles);
    expect((total(low) + total(high)) / (count * SIDE * SIDE)).toBeLessThan(0.004);
  });

  it('a pixel of few frames is judged by its own noise', () => {
    const tiles = make(undefined, { sigma: (x) => (x < 64 ? SIGMA : 4 * SIGMA) });
    const { low, high } = judge(tiles);
    expect((total(low) + total(high)) / (count * SIDE * SIDE)).toBeLessThan(0.004);
  });

  it('noise that is larger than a tile says is told by the tiles', () => {
    const tiles = make(undefined, { sigma: () => 3 * SIGMA, weight: () => SIGMA ** -2 });
    const { low, high } = judge(tiles);
    expect((total(low) + total(high)) / (count * SIDE * SIDE)).toBeLessThan(0.006);
  });

  it('stars stay, sharper or not, and shifted by a third of a pixel', () => {
    const value = (x: number, y: number) => sky(x + 0.3, y - 0.2, 3.2);
    const tiles = make(undefined, { value });
    judge(tiles);
    for (const [cx, cy] of [
      [30, 40],
      [90, 81],
    ])
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++)
          expect(tiles.map((one) => isGone(one, cx + dx, cy + dy))).not.toContain(true);
  });
});

it('at most one of three and four goes, and none of one', () => {
  for (const [count, gone] of [
    [1, 0],
    [3, 1],
    [4, 1],
    [5, 2],
  ]) {
    const tiles = Array.from({ length: count }, (_, t) => tile({ seed: 30 + t }));
    for (const { values } of tiles.slice(0, 3)) values[at(64, 30)] += 200;
    tiles[0].values[at(64, 30)] += 1000;
    if (count === 5) tiles[2].values[at(64, 30)] -= 200;
    const { high } = judge(tiles);
    expect(high[at(64, 30)]).toBe(gone);
  }
});

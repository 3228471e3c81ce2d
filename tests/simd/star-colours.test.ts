// Colours of stars, their medians and slopes, against plain sums.
import { expect, it } from 'vitest';
import { SamplePasses } from '../../src/simd/sample-passes.js';
import { seededNormal, seededRandom } from '../helpers/kernel-runs.js';

const [STARS, LEAST_SNR, LEAST_FRAMES, LEAST_STARS, FARTHEST] = [60, 15, 3, 12, 2];

/** One frame's stars, a third of them in a second peak, too; some without light in one colour, some faint. */
function frameOf(random: () => number, normal: () => number, colours: readonly number[], f: number) {
  const shown = colours.flatMap((_, s) => (random() < 0.8 ? (random() < 0.3 ? [s, s] : [s]) : []));
  // star 59 is shown by two frames only
  const star = Int32Array.from(shown.filter((s) => s !== STARS - 1 || f < 2));
  const index = Int32Array.from(star, (_, k) => star.length - k);
  const list = () => new Float32Array(star.length + 1);
  const [red, blue, snr] = [list(), list(), list()];
  star.forEach((s, k) => {
    const slope = f === 4 ? -0.7 : f === 5 ? 0.5 : 1;
    // one of each frame's is a ray
    const more = s === f + 3 ? 5 : 0;
    red[index[k]] = 1000 * Math.exp(slope * colours[s] + 0.05 * normal() + more);
    blue[index[k]] = 1000;
    snr[index[k]] = s === 7 ? 15 : s % 11 === 5 ? 14.9 : 15 + 40 * random();
    if (s === 20) red[index[k]] = 0;
    if (s === 21) blue[index[k]] = -3;
    if (s === 22) red[index[k]] = NaN;
  });
  return { star, index, red, blue, snr };
}

/** Ln(red / blue) by star, the later one of two. */
function coloursOf({ star, index, red, blue, snr }: ReturnType<typeof frameOf>): Map<number, number> {
  const own = new Map<number, number>();
  star.forEach((s, k) => {
    const i = index[k];
    if (snr[i] >= LEAST_SNR && red[i] > 0 && blue[i] > 0) own.set(s, Math.log(red[i] / blue[i]));
  });
  return own;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return 0.5 * (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]);
}

/** Slope, its sigma and the scatter about it, without the star that takes it down most. */
function slopeOf(own: ReadonlyMap<number, number>, common: readonly number[]) {
  const both = [...own].filter(([s]) => !Number.isNaN(common[s])).map(([s, y]) => [common[s], y] as const);
  if (both.length < LEAST_STARS) return undefined;
  const [x0, y0] = [middle(both.map(([x]) => x)), middle(both.map(([, y]) => y))];
  const near = both
    .map(([x, y]) => [x - x0, y - y0] as const)
    .filter(([x, y]) => Math.abs(x) < FARTHEST && Math.abs(y) < FARTHEST);
  if (near.length < LEAST_STARS) return undefined;
  const sums = (of: readonly (readonly [number, number])[]) => ({
    xx: of.reduce((sum, [x]) => sum + x * x, 0),
    xy: of.reduce((sum, [x, y]) => sum + x * y, 0),
  });
  if (sums(near).xx === 0) return undefined;
  const without = near.map((_, k) => near.filter((__, j) => j !== k));
  const slopes = without.map((of) => sums(of).xy / sums(of).xx);
  const value = Math.max(...slopes);
  const left = without[slopes.indexOf(value)];
  const squares = left.reduce((sum, [x, y]) => sum + (y - value * x) ** 2, 0);
  const { xx } = sums(left);
  return [value, Math.sqrt(squares / (left.length - 2) / xx), squares / xx];
}

it('colours of stars, their medians and slopes are those of plain sums, and nothing behind their arrays is written to', () => {
  const [random, normal] = [seededRandom(11), seededNormal(12)];
  const colours = Array.from({ length: STARS }, () => 0.6 * normal());
  // far from the common ones, in a frame of pale colours in one direction only
  colours[30] = 3;
  const frames = Array.from({ length: 6 }, (_, f) => frameOf(random, normal, colours, f));
  // too few stars, and none
  frames.push({ ...frames[0], star: frames[0].star.slice(0, 11), index: frames[0].index.slice(0, 11) });
  frames.push({ ...frames[0], star: new Int32Array(0), index: new Int32Array(0) });
  const memory = new SamplePasses();
  const { passes } = memory;
  const FENCE = 0x5a;
  const fences: number[] = [];
  const fenced = (bytes: number) => {
    const at = memory.take(bytes);
    const behind = memory.take(16);
    memory.bytes().fill(FENCE, at, behind + 16);
    for (let b = at + bytes; b < behind + 16; b++) fences.push(b);
    return at;
  };
  const put = (values: ArrayBufferView) => {
    const at = fenced(values.byteLength);
    memory.bytes().set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    return at;
  };
  const total = frames.reduce((sum, { star }) => sum + star.length, 0);
  const wanted = frames.map(coloursOf);
  const count = wanted.reduce((sum, { size }) => sum + size, 0);
  const at = put(new Uint32Array(STARS));
  const [star, colour] = [fenced(4 * count), fenced(8 * count)];
  let found = 0;
  const begin = frames.map((frame) => {
    const first = found;
    const [red, blue, snr] = [put(frame.red), put(frame.blue), put(frame.snr)];
    const [index, numbers] = [put(frame.index), put(frame.star)];
    found += passes.starColours(
      ...([red, blue, snr, index, numbers, frame.star.length, LEAST_SNR, at] as const),
      ...([star + 4 * first, colour + 8 * first] as const),
    );
    return first;
  });
  expect(found).toBe(count);
  expect(count).toBeLessThan(total);
  expect(new Uint32Array(memory.buffer, at, STARS)).toEqual(new Uint32Array(STARS));
  const told = () => wanted.flatMap((own) => [...own]);
  expect([...new Int32Array(memory.buffer, star, count)]).toEqual(told().map(([s]) => s));
  new Float64Array(memory.buffer, colour, count).forEach((v, k) => expect(v).toBeCloseTo(told()[k][1], 12));

  const [start, to] = [fenced(4 * (STARS + 2)), fenced(4 * count)];
  const [shown, spare, common] = [fenced(8 * count), fenced(16 * frames.length), fenced(8 * STARS)];
  passes.commonColours(
    ...([star, colour, count, STARS, LEAST_FRAMES] as const),
    ...([start, to, shown, spare, common] as const),
  );
  const medians = colours.map((_, s) => {
    const of = wanted.flatMap((own) => own.get(s) ?? []);
    return of.length >= LEAST_FRAMES ? middle(of) : NaN;
  });
  expect(medians.filter(Number.isNaN).length).toBeGreaterThan(3);
  const commons = [...new Float64Array(memory.buffer, common, STARS)];
  expect(commons.map(Number.isNaN)).toEqual(medians.map(Number.isNaN));
  commons.forEach((v, s) => expect(v || 0).toBeCloseTo(medians[s] || 0, 12));

  const most = Math.max(...wanted.map(({ size }) => size));
  const [x, y, room, out] = [fenced(8 * most), fenced(8 * most), fenced(16 * most), fenced(24)];
  /** Of the first stars of a frame. */
  const slopeIn = (f: number, stars: number) => {
    const isTold = passes.colourSlope(
      ...([star + 4 * begin[f], colour + 8 * begin[f], stars, common] as const),
      ...([LEAST_STARS, FARTHEST, x, y, room, out] as const),
    );
    return isTold ? [...new Float64Array(memory.buffer, out, 3)] : undefined;
  };
  wanted.forEach((own, f) => {
    for (let stars = 0; stars <= own.size; stars++) {
      const slope = slopeOf(new Map([...own].slice(0, stars)), medians);
      const told = slopeIn(f, stars);
      expect(told === undefined).toBe(slope === undefined);
      slope?.forEach((of, k) => expect(told![k]).toBeCloseTo(of, 9));
    }
  });
  const directions = wanted.map((own, f) => Math.sign(slopeIn(f, own.size)?.[0] ?? 0));
  expect(directions).toEqual([1, 1, 1, 1, -1, 1, 0, 0]);
  const bytes = memory.bytes();
  expect(fences.filter((b) => bytes[b] !== FENCE)).toEqual([]);
});

it('stars of one colour tell no slope', () => {
  const memory = new SamplePasses();
  const star = memory.put(Uint32Array.from({ length: 20 }, (_, k) => k));
  const colour = memory.put(Float64Array.from({ length: 20 }, (_, k) => 0.1 * k));
  const common = memory.put(new Float64Array(20).fill(0.3));
  const [x, y, spare, out] = [160, 160, 320, 24].map((bytes) => memory.take(bytes));
  expect(memory.passes.colourSlope(star, colour, 20, common, LEAST_STARS, FARTHEST, x, y, spare, out)).toBe(
    0,
  );
});

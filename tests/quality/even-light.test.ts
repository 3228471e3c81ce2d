import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/demo/random.js';
import { arraySource } from '../../src/output/sources/plane-source.js';
import { evenLight, withoutSurfaces } from '../../src/quality/even-light.js';
import { lightCoordinates } from '../../src/quality/light-frame.js';

const [NX, NY] = [1300, 940];
const [WIDTH, HEIGHT] = [720, 800];
const NOISE = 5;

/** Two panels of three frames whose edges lie within each other's strips: level, slopes in x and y, ADU at the edge, each frame by itself. */
const FRAMES = [0, 1].flatMap((panel) =>
  [0, 1, 2].map((k) => {
    const [left, top] = [panel === 0 ? 20 + 32 * k : 490 + 28 * k, 30 + 35 * ((k * 2) % 3)];
    const corners = [
      [left, top],
      [left + WIDTH, top],
      [left + WIDTH, top + HEIGHT],
      [left, top + HEIGHT],
    ];
    const outline = corners.flatMap(([x, y], i) => {
      const [x1, y1] = corners[(i + 1) % 4];
      return [0, 0.25, 0.5, 0.75].flatMap((t) => [x + t * (x1 - x), y + t * (y1 - y)]);
    });
    const sign = (k + panel) % 2 === 0 ? 1 : -1;
    return {
      outline: Float64Array.from(outline),
      weight: 1 + 0.2 * k,
      holds: (x: number, y: number) => x >= left && x <= left + WIDTH && y >= top && y <= top + HEIGHT,
      light: [sign * (30 + 9 * k), -27 * sign, 18 * sign * (k - 1)],
    };
  }),
);
const BEHIND = {
  outlines: FRAMES.map(({ outline }) => outline),
  weights: [FRAMES.map(({ weight }) => weight)],
  quiet: [250, 350, 900, 1000].flatMap((x) => [250, 350, 450, 550, 650].map((y) => ({ x, y }))),
};

/** The weighted mean of frames that see a sky with a nebula; `size` multiplies what they have too much. */
function mosaic(size: number): Float32Array {
  const random = randomStream(9);
  const at = FRAMES.map(({ outline }) => lightCoordinates(outline));
  return Float32Array.from({ length: NX * NY }, (_, i) => {
    const [x, y] = [i % NX, Math.floor(i / NX)];
    let [sum, weight] = [0, 0];
    FRAMES.forEach((frame, f) => {
      if (!frame.holds(x, y)) return;
      const [X, Y] = [(x - at[f].centreX) * at[f].invScale, (y - at[f].centreY) * at[f].invScale];
      sum += frame.weight * (frame.light[0] + frame.light[1] * X + frame.light[2] * Y);
      weight += frame.weight;
    });
    if (weight === 0) return NaN;
    const nebula = 60 * Math.exp(-(((x - 600) / 200) ** 2) - ((y - 450) / 160) ** 2);
    return 300 + nebula + (size * sum) / weight + NOISE * random.normal();
  });
}

describe('light that frames have too much', () => {
  test('levels and slopes are told by the steps, also where edges lie side by side, and the sky is even without them', async () => {
    const [uneven, even] = [mosaic(1), mosaic(0)];
    const source = arraySource(NX, NY, [uneven]);
    const found = await evenLight(source, BEHIND);
    expect(found.before[0]).toBeGreaterThan(5);
    expect(found.after[0]).toBeLessThan(0.25 * found.before[0]);
    expect(found.explained[0]).toBeGreaterThan(0.7);
    const out = new Float32Array(NX * NY);
    await withoutSurfaces(source, found.surfaces).readRows(0, 0, NY, out);
    const [before, after] = [uneven, out].map((image) => offPlane(image.map((v, i) => v - even[i])));
    expect(after).toBeLessThan(0.5 * before);
  });

  test('an even mosaic stays as it is, whatever its noise and its nebula', async () => {
    const found = await evenLight(arraySource(NX, NY, [mosaic(0)]), BEHIND);
    expect(found.surfaces).toEqual([undefined]);
    expect(found.largest).toEqual([0]);
    expect(found.after).toEqual(found.before);
  });
});

test('a stop is heeded while the light is sought', async () => {
  const stop = new AbortController();
  setImmediate(() => stop.abort(new Error('stopped')));
  const sought = evenLight(arraySource(NX, NY, [mosaic(0)]), BEHIND, { signal: stop.signal });
  await expect(sought).rejects.toThrow('stopped');
});

/** Root mean square about the plane that fits best, of every seventh pixel: what all frames have in common no step tells. */
function offPlane(image: Float32Array): number {
  const known = [...image.keys()].filter((i) => i % 7 === 0 && !Number.isNaN(image[i]));
  const terms = [
    known.map(() => 1),
    known.map((i) => (2 * (i % NX)) / NX - 1),
    known.map((i) => (2 * Math.floor(i / NX)) / NY - 1),
  ];
  const left = known.map((i) => image[i]);
  for (let pass = 0; pass < 6; pass++) {
    for (const term of terms) {
      const share =
        left.reduce((sum, v, k) => sum + v * term[k], 0) / term.reduce((sum, t) => sum + t * t, 0);
      left.forEach((_, k) => (left[k] -= share * term[k]));
    }
  }
  return Math.sqrt(left.reduce((sum, v) => sum + v * v, 0) / left.length);
}

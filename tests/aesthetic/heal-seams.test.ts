import { describe, expect, test } from 'vitest';
import { healSeams } from '../../src/aesthetic/heal-seams.js';
import { correctedSource } from '../../src/output/sources/corrected-source.js';
import { randomStream } from '../../src/demo/random.js';
import { arraySource } from '../../src/output/sources/plane-source.js';

const [nx, ny] = [620, 520];
const NOISE = 6;

/** Rectangles of the mosaic with a weight and an offset each; the mean of them is what an imperfect level match leaves. */
const FRAMES = [
  { x: [-1, 420], y: [-1, 521], weight: 1, offset: 9 },
  { x: [180, 621], y: [-1, 521], weight: 2, offset: -7 },
  { x: [-1, 621], y: [230, 521], weight: 1.5, offset: 4 },
  { x: [-1, 621], y: [-1, 521], weight: 1, offset: -3 },
];

/** Four corners and points between them, five an edge. */
const outlineOf = ({ x, y }: (typeof FRAMES)[number]): Float64Array => {
  const corners = [
    [x[0], y[0]],
    [x[1], y[0]],
    [x[1], y[1]],
    [x[0], y[1]],
  ];
  return Float64Array.from(
    corners.flatMap(([x0, y0], k) => {
      const [x1, y1] = corners[(k + 1) % 4];
      return [0, 0.2, 0.4, 0.6, 0.8].flatMap((t) => [x0 + t * (x1 - x0), y0 + t * (y1 - y0)]);
    }),
  );
};

function meanOffset(x: number, y: number): number {
  const here = FRAMES.filter((f) => x >= f.x[0] && x <= f.x[1] && y >= f.y[0] && y <= f.y[1]);
  const weight = here.reduce((sum, f) => sum + f.weight, 0);
  return here.reduce((sum, f) => sum + f.weight * f.offset, 0) / weight;
}

function mosaic(size: number): Float32Array {
  const random = randomStream(4);
  return Float32Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    const nebula = 80 * Math.exp(-(((x - 300) / 120) ** 2) - ((y - 260) / 90) ** 2);
    const star = x % 61 === 30 && y % 47 === 20 ? 3000 : 0;
    return 500 + nebula + star + size * meanOffset(x, y) + NOISE * random.normal();
  });
}

const quiet = [60, 300, 540].flatMap((x) => [110, 120, 400].map((y) => ({ x, y })));
const seams = (planes: number) => ({
  outlines: FRAMES.map(outlineOf),
  weights: Array.from({ length: planes }, () => FRAMES.map(({ weight }) => weight)),
  quiet,
});

describe('healSeams', () => {
  test('imposed steps go, and stars and nebula stay', async () => {
    const [stepped, even] = [mosaic(1), mosaic(0)];
    const source = arraySource(nx, ny, [stepped]);
    const healed = await healSeams(source, seams(1), 'normal');
    expect(healed.before[0]).toBeGreaterThan(3);
    expect(healed.after[0]).toBeLessThan(0.4 * healed.before[0]);
    const out = new Float32Array(nx * ny);
    const surfaces = [healed.surfaces[0]!];
    await correctedSource(source, [{ surfaces, offset: 0, gain: 1, pedestal: 0 }]).readRows(0, 0, ny, out);
    // the same but for a constant: what all frames have too much of no step can tell
    let [sum, squares, worst] = [0, 0, 0];
    for (let i = 0; i < out.length; i++) sum += (out[i] - even[i]) / out.length;
    for (let i = 0; i < out.length; i++) {
      const off = out[i] - even[i] - sum;
      squares += off ** 2;
      worst = Math.max(worst, Math.abs(off));
    }
    expect(Math.sqrt(squares / out.length)).toBeLessThan(0.6);
    expect(worst).toBeLessThan(2);
  });

  test('an even mosaic stays even', async () => {
    const healed = await healSeams(arraySource(nx, ny, [mosaic(0)]), seams(1), 'normal');
    expect(healed.largest[0]).toBeLessThan(1);
    expect(healed.after[0]).toBeLessThanOrEqual(healed.before[0]);
  });

  test('without frames there is nothing to heal', async () => {
    const none = { outlines: [], weights: [[]], quiet: [] };
    const healed = await healSeams(arraySource(nx, ny, [mosaic(1)]), none, 'strong');
    expect(healed).toMatchObject({ surfaces: [undefined], places: 0, before: [0] });
  });
});

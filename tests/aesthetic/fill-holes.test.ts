import { describe, expect, test } from 'vitest';
import { fillHoles } from '../../src/aesthetic/fill-holes.js';
import { Membrane } from '../../src/aesthetic/membrane.js';
import { randomStream } from '../../src/demo/random.js';
import { arraySource, type PlaneSource } from '../../src/output/sources/plane-source.js';

const [nx, ny] = [300, 420];
const NOISE = 5;

/** A harmonic sky with light of its own: a slope, and a saddle. */
const truth = (x: number, y: number) => 600 + 0.4 * x - 0.2 * y + ((x - 150) ** 2 - (y - 200) ** 2) / 500;

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}
/** The second crosses the strips' edges at 128 and 256, the third is deeper than the radius, the last is open to the outside. */
const HOLES: readonly Disc[] = [
  { x: 60, y: 60, r: 0.5 },
  { x: 150, y: 195, r: 75 },
  { x: 150, y: 340, r: 40 },
  { x: 299, y: 60, r: 20 },
];
const within = ({ x, y, r }: Disc, px: number, py: number) => Math.hypot(px - x, py - y) <= r;
const isBlank = (x: number, y: number) => x < 3 || HOLES.some((hole) => within(hole, x, y));

function plane(noise = NOISE): Float32Array {
  const random = randomStream(8);
  return Float32Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    const value = truth(x, y) + noise * random.normal() + (x % 40 === 7 && y % 40 === 11 ? 4000 : 0);
    return isBlank(x, y) ? NaN : value;
  });
}
const deviation = (noise: number) =>
  arraySource(nx, ny, [
    Float32Array.from({ length: nx * ny }, (_, i) => (isBlank(i % nx, Math.floor(i / nx)) ? NaN : noise)),
  ]);

async function whole(source: PlaneSource, p = 0): Promise<Float32Array> {
  const out = new Float32Array(source.nx * source.ny);
  await source.readRows(p, 0, source.ny, out);
  return out;
}

describe('fillHoles', () => {
  test('holes near to light become what surrounds them, with its noise; the outside and what is far from light stay blank', async () => {
    const before = plane();
    const radiusPx = 80;
    const { image, filled, left } = await fillHoles(arraySource(nx, ny, [before]), {
      radiusPx,
      uncertainty: deviation(NOISE),
    });
    const after = await whole(image);
    const off: number[] = [];
    let wrong = 0;
    for (let i = 0; i < before.length; i++) {
      const [x, y] = [i % nx, Math.floor(i / nx)];
      if (!isBlank(x, y) || x < 3 || within(HOLES[3], x, y)) wrong += Object.is(after[i], before[i]) ? 0 : 1;
      else off.push(after[i] - truth(x, y));
    }
    expect(wrong).toBe(0);
    expect([filled, left]).toEqual([[off.length], [0]]);
    const mean = off.reduce((sum, v) => sum + v, 0) / off.length;
    const rms = Math.sqrt(off.reduce((sum, v) => sum + v * v, 0) / off.length);
    expect(Math.abs(mean)).toBeLessThan(1.5);
    expect(rms).toBeGreaterThan(0.9 * NOISE);
    expect(rms).toBeLessThan(1.5 * NOISE);
  });

  test('the radius is the distance to the nearest light', async () => {
    const radiusPx = 12;
    const source = arraySource(nx, ny, [plane(0)]);
    const { image, filled, left } = await fillHoles(source, { radiusPx, uncertainty: deviation(0) });
    const after = await whole(image);
    const light: [number, number][] = [];
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) if (!isBlank(x, y)) light.push([x, y]);
    let [near, far, wrong] = [0, 0, 0];
    for (const { x, y, r } of HOLES.slice(0, 3)) {
      const about = light.filter(([a, b]) => Math.hypot(a - x, b - y) < r + 2);
      for (let b = Math.ceil(y - r); b <= y + r; b++) {
        for (let a = Math.ceil(x - r); a <= x + r; a++) {
          if (!within({ x, y, r }, a, b)) continue;
          const isNear = about.some(([u, v]) => (u - a) ** 2 + (v - b) ** 2 <= radiusPx ** 2);
          if (isNear) near++;
          else far++;
          if (isNear !== Number.isFinite(after[b * nx + a])) wrong++;
        }
      }
    }
    expect(wrong).toBe(0);
    expect([filled, left]).toEqual([[near], [far]]);
  });

  test('whatever rows are asked for, in whatever order, they are the same', async () => {
    const source = arraySource(nx, ny, [plane()]);
    const { image } = await fillHoles(source, { radiusPx: 96, uncertainty: deviation(NOISE) });
    const all = await whole(image);
    for (const [y0, rows] of [
      [400, 20],
      [120, 150],
      [0, 1],
      [255, 2],
    ]) {
      const out = new Float32Array(rows * nx);
      await image.readRows(0, y0, rows, out);
      expect(out).toEqual(all.slice(y0 * nx, (y0 + rows) * nx));
    }
  });

  test('each plane has holes of its own, and a mosaic without any is handed through', async () => {
    const [holed, even] = [plane(), Float32Array.from({ length: nx * ny }, (_, i) => i)];
    const uncertainty = arraySource(nx, ny, [even, even]);
    const { filled } = await fillHoles(arraySource(nx, ny, [even, holed]), { radiusPx: 9, uncertainty });
    expect(filled[0]).toBe(0);
    expect(filled[1]).toBeGreaterThan(1000);
    const source = arraySource(nx, ny, [even, even]);
    expect((await fillHoles(source, { radiusPx: 9, uncertainty })).image).toBe(source);
  });

  test('a spiral of blanks that opens to the border at its very end is outside', async () => {
    const n = 21;
    // rings of blanks, each open to the next on alternating sides, the outermost to the last row
    const values = Float32Array.from({ length: n * n }, (_, i) => {
      const [x, y] = [(i % n) - 10, Math.floor(i / n) - 10];
      const ring = Math.max(Math.abs(x), Math.abs(y));
      const isGate = x === 0 && (ring % 4 === 3 ? y < 0 : y > 0);
      return (ring % 2 === 0 && ring < 10) || isGate ? NaN : 1;
    });
    const closed = values.slice();
    closed[20 * n + 10] = 1;
    const fill = async (data: Float32Array) =>
      (await fillHoles(arraySource(n, n, [data]), { radiusPx: 5, uncertainty: arraySource(n, n, [data]) }))
        .filled;
    expect(await fill(values)).toEqual([0]);
    expect((await fill(closed))[0]).toBe(closed.filter(Number.isNaN).length);
  });
});

test('membrane: strips of a plane are the plane, whatever the levels that are kept', () => {
  // more cells than are kept whole: two levels are made anew for each strip
  const [width, height] = [2100, 2050];
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data[i] = Math.hypot(x - 1050, y - 1000) < 90 || x < 20 ? NaN : x + 2 * y;
  }
  const pyramid = new Membrane(width, height);
  for (let y = 0; y < height; y++) pyramid.addRow(data.subarray(y * width, (y + 1) * width));
  expect(pyramid.factor).toBe(4);
  const strip = (y0: number, y1: number) => {
    const top = Math.max(0, y0 - pyramid.margin);
    const rows = data.slice(top * width, Math.min(height, y1 + pyramid.margin) * width);
    pyramid.fillStrip(rows, top, y0, y1);
    return rows.subarray((y0 - top) * width, (y1 - top) * width);
  };
  const one = strip(896, 1152);
  const parts = [strip(896, 960), strip(960, 1024), strip(1024, 1152)];
  expect(Float32Array.from(parts.flatMap((part) => [...part])).every((v, i) => Object.is(v, one[i]))).toBe(
    true,
  );
  // a plane goes on as a plane
  let worst = 0;
  for (let y = 910; y < 1090; y++)
    for (let x = 960; x < 1140; x++)
      worst = Math.max(worst, Math.abs(one[(y - 896) * width + x] - x - 2 * y));
  expect(worst).toBeLessThan(4);
});

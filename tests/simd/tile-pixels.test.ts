// Pixels of HiPS tiles against plain loops: interpolation beside blanks and edges, blanks of all planes, halves.
import { describe, expect, it } from 'vitest';
import { SamplePasses } from '../../src/simd/sample-passes.js';

const cubic = (t: number) =>
  t < 1 ? 1.5 * t ** 3 - 2.5 * t ** 2 + 1 : t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;

/** Keys' convolution as it is published, linear where a pixel of the sixteen is missing. */
function sampleAt(image: Float32Array, nx: number, ny: number, x: number, y: number): number {
  const pixel = (px: number, py: number) =>
    px < 0 || py < 0 || px >= nx || py >= ny ? NaN : image[py * nx + px];
  if (!(Math.min(x, y) >= -0.5 && x <= nx - 0.5 && y <= ny - 0.5)) return NaN;
  let sum = 0;
  for (let py = Math.floor(y) - 1; py <= Math.floor(y) + 2; py++)
    for (let px = Math.floor(x) - 1; px <= Math.floor(x) + 2; px++)
      sum += cubic(Math.abs(px - x)) * cubic(Math.abs(py - y)) * pixel(px, py);
  if (!Number.isNaN(sum)) return sum;
  let [total, weights] = [0, 0];
  for (let py = Math.floor(y); py <= Math.floor(y) + 1; py++) {
    for (let px = Math.floor(x); px <= Math.floor(x) + 1; px++) {
      if (Number.isNaN(pixel(px, py))) continue;
      const weight = (1 - Math.abs(px - x)) * (1 - Math.abs(py - y));
      total += weight * pixel(px, py);
      weights += weight;
    }
  }
  return weights >= 0.5 ? total / weights : NaN;
}

describe('tile pixels', () => {
  const [nx, ny] = [19, 13];
  const image = Float32Array.from({ length: nx * ny }, (_, k) =>
    k % 47 === 30 ? NaN : 100 * Math.sin(k * 1.3) + k,
  );

  it('are Keys’ cubic convolution, linear beside blanks and edges, and NaN where half of that is missing', () => {
    const room = new SamplePasses();
    const [x0, y0] = [70, 30];
    const xs: number[] = [NaN, x0 - 0.6, x0 + nx - 0.4];
    const ys: number[] = [y0, y0 + 1, y0 + 1];
    for (let y = -0.5; y <= ny; y += 0.37)
      for (let x = -0.5; x <= nx; x += 0.23) {
        xs.push(x0 + x);
        ys.push(y0 + y);
      }
    const at = room.put(image);
    const [atX, atY] = [room.put(Float64Array.from(xs)), room.put(Float64Array.from(ys))];
    const out = room.take(4 * xs.length);
    room.passes.cubicSamples(at, nx, ny, x0, y0, atX, atY, xs.length, out);
    const values = new Float32Array(room.buffer, out, xs.length);
    let [blank, shown] = [0, 0];
    for (const [k, x] of xs.entries()) {
      const expected = sampleAt(image, nx, ny, x - x0, ys[k] - y0);
      if (Number.isNaN(expected)) blank++;
      else shown++;
      if (Number.isNaN(expected)) expect(values[k]).toBeNaN();
      else expect(Math.abs(values[k] - expected)).toBeLessThan(1e-3);
    }
    expect(Math.min(blank, shown)).toBeGreaterThan(100);
  });

  it('are blank in all planes where they are in one', () => {
    const room = new SamplePasses();
    const planes = [0, 1, 2].map((p) => Float32Array.of(1, p === 1 ? NaN : 2, p === 2 ? NaN : 3, 4, 5));
    const at = planes.map((plane) => room.put(plane));
    expect(room.passes.blankTogether(at[0], at[1], at[2], 5)).toBe(3);
    for (const from of at) expect([...new Float32Array(room.buffer, from, 5)]).toEqual([1, NaN, NaN, 4, 5]);
    expect(room.passes.blankTogether(at[0], at[0], at[0], 5)).toBe(3);
  });

  it('are halved by the mean of those that are there, of two at least', () => {
    const room = new SamplePasses();
    const from = room.put(Float32Array.of(1, 2, 5, NaN, 3, 4, NaN, NaN, 8, NaN, 7, 7, NaN, 2, 7, 7));
    const out = room.put(new Float32Array(6).fill(-1));
    room.passes.halvePlane(from, 4, out, 3);
    expect([...new Float32Array(room.buffer, out, 6)]).toEqual([2.5, NaN, -1, 5, 7, -1]);
  });
});

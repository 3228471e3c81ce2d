// Which part of a canvas a crop keeps.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { arraySource } from '../../../src/output/sources/plane-source.js';
import { coveredBox, innerRectangle } from '../../../src/pipeline/crop/covered.js';
import { LargestRectangle } from '../../../src/pipeline/crop/largest-rectangle.js';
import { qualityRectangle } from '../../../src/pipeline/crop/quality-crop.js';

/** A plane by a function of its pixels. */
function plane(nx: number, ny: number, value: (x: number, y: number) => number) {
  return arraySource(nx, ny, [
    Float32Array.from({ length: nx * ny }, (_, k) => value(k % nx, Math.floor(k / nx))),
  ]);
}

/** The largest area of ones by trying all rectangles. */
function bruteForce(mask: Uint8Array, nx: number, ny: number): number {
  let best = 0;
  for (let y0 = 0; y0 < ny; y0++) {
    for (let x0 = 0; x0 < nx; x0++) {
      let width = nx - x0;
      for (let y = y0; y < ny && width > 0; y++) {
        let w = 0;
        while (w < width && mask[y * nx + x0 + w]) w++;
        width = w;
        best = Math.max(best, width * (y - y0 + 1));
      }
    }
  }
  return best;
}

describe('largest rectangle', () => {
  it('is as large as any, and full of ones', () => {
    const random = randomStream(11);
    for (let turn = 0; turn < 60; turn++) {
      const [nx, ny] = [1 + Math.floor(random.uniform() * 12), 1 + Math.floor(random.uniform() * 12)];
      const density = 0.5 + 0.5 * random.uniform();
      const mask = Uint8Array.from({ length: nx * ny }, () => (random.uniform() < density ? 1 : 0));
      const search = new LargestRectangle(nx);
      for (let y = 0; y < ny; y++) search.add(mask.subarray(y * nx, (y + 1) * nx));
      const { x0, y0, width, height } = search.best ?? { x0: 0, y0: 0, width: 0, height: 0 };
      expect(width * height).toBe(bruteForce(mask, nx, ny));
      for (let y = y0; y < y0 + height; y++)
        for (let x = x0; x < x0 + width; x++) expect(mask[y * nx + x]).toBe(1);
    }
  });
});

describe('covered part', () => {
  const diamond = (x: number, y: number) => (Math.abs(x - 50) + Math.abs(y - 40) <= 30 ? 3 : 0);

  it('is the box around all pixels, with its margin and no more than the canvas', async () => {
    expect(await coveredBox(plane(100, 90, diamond), 0)).toEqual({ x0: 20, y0: 10, width: 61, height: 61 });
    expect(await coveredBox(plane(100, 90, diamond), 15)).toEqual({ x0: 5, y0: 0, width: 91, height: 86 });
    expect(
      await coveredBox(
        plane(100, 90, () => 0),
        5,
      ),
    ).toBeUndefined();
  });

  it('inside: no blank corner, and small holes do not count', async () => {
    const holed = (x: number, y: number) => (x >= 48 && x < 52 && y === 40 ? 0 : diamond(x, y));
    const found = (await innerRectangle(plane(100, 90, holed)))!;
    // of the rectangles in a diamond of half diagonal 30, the largest has half the area of the square around it
    expect(found.width * found.height).toBe(31 * 31);
    for (const [x, y] of [
      [found.x0, found.y0],
      [found.x0 + found.width - 1, found.y0 + found.height - 1],
    ])
      expect(diamond(x, y)).toBe(3);
    const split = (x: number, y: number) => (x >= 40 && x < 60 ? 0 : diamond(x, y));
    expect((await innerRectangle(plane(100, 90, split)))!.width).toBeLessThan(25);
  });
});

describe('quality crop', () => {
  const options = { bandPx: 8, kSigma: 2, marginPx: 3 };
  const random = randomStream(3);
  const scattered = (level: number) => level * (1 + 0.02 * (random.uniform() - 0.5));

  it('takes edges that are noisier than the rest, and the margin besides', async () => {
    const noise = (x: number, y: number) => (x < 16 ? NaN : scattered(y >= 64 ? 9 : 3));
    expect(await qualityRectangle(plane(96, 80, noise), options)).toEqual({
      x0: 19,
      y0: 3,
      width: 96 - 16 - 6,
      height: 64 - 6,
    });
  });

  it('judges what is left beside whole squares too', async () => {
    const whole = await qualityRectangle(
      plane(99, 77, () => 3),
      options,
    );
    expect(whole).toEqual({ x0: 3, y0: 3, width: 93, height: 71 });
    const edge = await qualityRectangle(
      plane(99, 77, (x) => (x >= 96 ? 9 : 3)),
      options,
    );
    expect(edge).toEqual({ x0: 3, y0: 3, width: 90, height: 71 });
  });

  it('keeps what is even, and panels that differ as a whole', async () => {
    const whole = { x0: 3, y0: 3, width: 90, height: 74 };
    expect(
      await qualityRectangle(
        plane(96, 80, () => 3),
        options,
      ),
    ).toEqual(whole);
    expect(
      await qualityRectangle(
        plane(96, 80, (x) => scattered(x < 48 ? 3 : 4.2)),
        options,
      ),
    ).toEqual(whole);
    expect(
      await qualityRectangle(
        plane(96, 80, () => NaN),
        options,
      ),
    ).toBeUndefined();
  });
});

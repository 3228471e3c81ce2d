// Two mosaics of one sky on grids of their own, compared where they show the same sky.
import path from 'node:path';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readPlane } from './support.js';

/** Side of the squares whose means are compared, pixels: averages over what resampling does differently. */
const SIDE = 8;

export interface SkyDifference {
  /** Squares that both show. */
  readonly squares: number;
  /** Of the means of squares, in units of the stated noise of one pixel: median, median size about it, and the size that 1 % exceed. */
  readonly median: number;
  readonly typical: number;
  readonly high: number;
}

/** Compares the green plane of `a` with that of `b`, read between its pixels at the places of those of `a`. */
export async function compareOnSky(a: string, b: string): Promise<SkyDifference> {
  const [va, vb, sigma] = [
    await readPlane(a, 1),
    await readPlane(b, 1),
    await readPlane(a, 1, 'UNCERTAINTY'),
  ];
  const [wa, wb] = [await wcsOf(a), await wcsOf(b)];
  const between = (x: number, y: number): number => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    if (i < 0 || j < 0 || i + 1 >= vb.nx || j + 1 >= vb.ny) return NaN;
    const [u, v] = [x - i, y - j];
    const at = (p: number, q: number) => vb.data[q * vb.nx + p];
    return (
      (1 - v) * ((1 - u) * at(i, j) + u * at(i + 1, j)) + v * ((1 - u) * at(i, j + 1) + u * at(i + 1, j + 1))
    );
  };
  const z: number[] = [];
  for (let y0 = 0; y0 + SIDE <= va.ny; y0 += SIDE) {
    for (let x0 = 0; x0 + SIDE <= va.nx; x0 += SIDE) {
      let [sum, noise] = [0, 0];
      for (let k = 0; k < SIDE * SIDE; k++) {
        const [x, y] = [x0 + (k % SIDE), y0 + Math.floor(k / SIDE)];
        const sky = wa.pixelToSky(x + 1, y + 1)!;
        const [bx, by] = wb.skyToPixel(...sky)!;
        sum += va.data[y * va.nx + x] - between(bx - 1, by - 1);
        noise += sigma.data[y * va.nx + x];
      }
      if (Number.isFinite(sum / noise)) z.push(sum / noise);
    }
  }
  const sorted = (values: number[]) => values.sort((p, q) => p - q);
  const median = sorted(z)[z.length >> 1];
  const size = sorted(z.map((value) => Math.abs(value - median)));
  return {
    squares: z.length,
    median,
    typical: size[size.length >> 1],
    high: size[Math.floor(0.99 * size.length)],
  };
}

/** Side of the cells whose medians are compared, pixels. */
const CELL = 40;

/**
 * How uneven the difference of the science images of two output folders on one grid is: of medians over cells, rms about their mean and the greatest
 * departure, per channel.
 */
export async function unevenness(a: string, b: string): Promise<{ rms: number; most: number }[]> {
  const out: { rms: number; most: number }[] = [];
  for (let plane = 0; plane < 3; plane++) {
    const one = await readPlane(path.join(a, 'zemosaic_science.fits'), plane);
    const two = await readPlane(path.join(b, 'zemosaic_science.fits'), plane);
    if (one.nx !== two.nx || one.ny !== two.ny) throw new Error('the mosaics have grids of their own');
    const cells = new Map<number, number[]>();
    one.data.forEach((v, i) => {
      const difference = v - two.data[i];
      if (Number.isNaN(difference)) return;
      const key = Math.floor(Math.floor(i / one.nx) / CELL) * 1000 + Math.floor((i % one.nx) / CELL);
      const cell = cells.get(key);
      if (cell) cell.push(difference);
      else cells.set(key, [difference]);
    });
    const medians = [...cells.values()]
      .filter((c) => c.length > CELL * CELL * 0.5)
      .map((c) => c.sort((p, q) => p - q)[c.length >> 1]);
    const mean = medians.reduce((s, v) => s + v, 0) / medians.length;
    const departures = medians.map((v) => v - mean);
    out.push({
      rms: Math.sqrt(departures.reduce((s, v) => s + v * v, 0) / departures.length),
      most: Math.max(...departures.map(Math.abs)),
    });
  }
  return out;
}

async function wcsOf(file: string) {
  const fits = await openFits(file);
  try {
    return parseWcs(fits.hdus[0].header);
  } finally {
    await fits.close();
  }
}

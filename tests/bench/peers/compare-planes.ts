// How far two FITS planes are from each other where they show the same pixels of one grid.
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';

interface Plane {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Reference pixel: where the planes are cut from one grid, the same point of it; 0 without a WCS. */
  readonly reference: readonly [number, number];
}

/** rms of the differences, the largest hundredth left out: peers clip and clamp in ways of their own. */
export async function differenceOf(ours: string, theirs: string): Promise<number> {
  const [a, b] = [await readPlane(ours), await readPlane(theirs)];
  const differences: number[] = [];
  const [dx, dy] = [0, 1].map((axis) => b.reference[axis] - a.reference[axis]);
  if (Math.hypot(dx - Math.round(dx), dy - Math.round(dy)) > 0.01)
    throw new Error(`${theirs}: the grids are ${dx}, ${dy} pixels apart`);
  for (let y = 0; y < a.height; y++) {
    for (let x = 0; x < a.width; x++) {
      const i = x + Math.round(dx);
      const j = y + Math.round(dy);
      if (i < 0 || j < 0 || i >= b.width || j >= b.height) continue;
      const [v, w] = [a.data[y * a.width + x], b.data[j * b.width + i]];
      // SWarp writes 0 where it has nothing
      if (Number.isFinite(v) && Number.isFinite(w) && w !== 0) differences.push((v - w) ** 2);
    }
  }
  differences.sort((p, q) => p - q);
  const kept = differences.slice(0, Math.floor(0.99 * differences.length));
  return Math.sqrt(kept.reduce((sum, d) => sum + d, 0) / kept.length);
}

async function readPlane(file: string): Promise<Plane> {
  const opened = await openFits(file);
  try {
    const hdu = firstImageHdu(opened);
    const [height, width] = hdu.image.shape;
    const data = await readWindow(opened, hdu, { x0: 0, y0: 0, width, height });
    const reference = ['CRPIX1', 'CRPIX2'].map((key) => hdu.header.getNumber(key) ?? 0);
    return { data, width, height, reference: [reference[0], reference[1]] };
  } finally {
    await opened.close();
  }
}

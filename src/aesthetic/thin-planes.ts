// A mosaic thinned to every so many pixels: statistics of its pixels, noise as it is, at a bounded size.
import type { BinnedImage } from '../output/picture/binned-image.js';
import type { PlaneSource } from '../output/sources/plane-source.js';

/** Every n-th pixel of every n-th row, n the least that leaves at most `maxPixels`; blank in all planes where it is in one. */
export async function thinPlanes(source: PlaneSource, maxPixels: number): Promise<BinnedImage> {
  const factor = Math.max(1, Math.ceil(Math.sqrt((source.nx * source.ny) / maxPixels)));
  const [nx, ny] = [source.nx, source.ny].map((side) => Math.ceil(side / factor));
  const planes = Array.from({ length: source.planes }, () => new Float32Array(nx * ny));
  const footprint = new Float32Array(nx * ny).fill(1);
  const row = new Float32Array(source.nx);
  for (let y = 0; y < ny; y++) {
    for (let p = 0; p < planes.length; p++) {
      await source.readRows(p, y * factor, 1, row);
      for (let x = 0; x < nx; x++) {
        const value = row[x * factor];
        planes[p][y * nx + x] = value;
        if (!Number.isFinite(value)) footprint[y * nx + x] = 0;
      }
    }
  }
  for (const plane of planes) for (let i = 0; i < plane.length; i++) if (footprint[i] === 0) plane[i] = NaN;
  return { nx, ny, factor, planes, footprint };
}

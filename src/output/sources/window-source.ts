// A window of a mosaic as a mosaic of its own: nothing is resampled, pixels outside are not there.
import { readRegion, type PlaneRegion, type PlaneSource } from './plane-source.js';

/** The pixels of `window`, which lies within `source`, 0-based from its first one; `source` itself where that is all of it. */
export function windowSource(source: PlaneSource, window: PlaneRegion): PlaneSource {
  const { x0, y0, width: nx, height: ny } = window;
  if (x0 === 0 && y0 === 0 && nx === source.nx && ny === source.ny) return source;
  const read = (plane: number, region: PlaneRegion, out: Float32Array) =>
    readRegion(source, plane, { ...region, x0: x0 + region.x0, y0: y0 + region.y0 }, out);
  return {
    nx,
    ny,
    planes: source.planes,
    isStored: source.isStored,
    readRegion: read,
    readRows: (plane, y, rows, out) => read(plane, { x0: 0, y0: y, width: nx, height: rows }, out),
  };
}

// The two demosaics on a small periodic patch, for the study of their noise. Frames are demosaiced by the compute kernels.
import type { CfaSites } from '../background/background-mesh.js';

/** `none` for mono and RGB planes, `direct` where each colour is resampled from its own sites; the others as the compute contracts demosaic-bilinear and demosaic-edge-aware define them. */
export type DemosaicName = 'none' | 'direct' | 'bilinear' | 'edge_aware';

const GREEN = 1;
const DIRECT = [
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, 0],
] as const;
const DIAGONAL = [
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
] as const;

/** Planes R, G, B of the periodic `side` x `side` patch `cfaPlane` (`side` even). */
export function demosaicTorus(
  method: 'bilinear' | 'edge_aware',
  cfaPlane: Float64Array,
  side: number,
  cfa: CfaSites,
): Float64Array[] {
  const index = (y: number, x: number) => ((y + side) % side) * side + ((x + side) % side);
  const colour = (y: number, x: number) => cfa[(y & 1) * 2 + (x & 1)];
  /** Mean of `values` over the nearest sites of colour `c` around (y, x): the direct ones when there are any, else the diagonal ones. */
  const nearest = (values: Float64Array, c: number, y: number, x: number) => {
    if (colour(y, x) === c) return values[index(y, x)];
    let sites = DIRECT.filter(([dy, dx]) => colour(y + dy, x + dx) === c);
    if (sites.length === 0) sites = DIAGONAL.filter(([dy, dx]) => colour(y + dy, x + dx) === c) as never;
    return sites.reduce((sum, [dy, dx]) => sum + values[index(y + dy, x + dx)], 0) / sites.length;
  };
  const fill = (value: (y: number, x: number) => number) => {
    const plane = new Float64Array(side * side);
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) plane[y * side + x] = value(y, x);
    return plane;
  };
  if (method === 'bilinear') return [0, 1, 2].map((c) => fill((y, x) => nearest(cfaPlane, c, y, x)));

  const along = (y: number, x: number, dy: number, dx: number) => {
    const [before, after] = [cfaPlane[index(y - dy, x - dx)], cfaPlane[index(y + dy, x + dx)]];
    const bend =
      2 * cfaPlane[index(y, x)] -
      cfaPlane[index(y - 2 * dy, x - 2 * dx)] -
      cfaPlane[index(y + 2 * dy, x + 2 * dx)];
    return {
      estimate: (before + after) / 2 + bend / 4,
      gradient: Math.abs(before - after) + Math.abs(bend),
    };
  };
  const green = fill((y, x) => {
    if (colour(y, x) === GREEN) return cfaPlane[index(y, x)];
    const h = along(y, x, 0, 1);
    const v = along(y, x, 1, 0);
    if (h.gradient === v.gradient) return (h.estimate + v.estimate) / 2;
    return h.gradient < v.gradient ? h.estimate : v.estimate;
  });
  const difference = cfaPlane.map((v, i) => v - green[i]);
  const chroma = (c: number) => fill((y, x) => nearest(difference, c, y, x) + green[index(y, x)]);
  return [chroma(0), green, chroma(2)];
}

// HEALPix: the sphere in 12 x 4^order cells of equal area (Gorski et al. 2005, ApJ 622, 759), numbered in nested order. A cell of `face` is found by
// its column x, counted towards north-east, and its row y, counted towards north-west; broken x and y are places within cells.

/** A place on one of the twelve faces: x and y in units of cells, 0 to `nside`. */
export interface FacePlace {
  readonly face: number;
  readonly x: number;
  readonly y: number;
}

/** Ring and longitude of the southern corner of each face, in units of half a face's diagonal. */
const RING_OF_FACE = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4];
const LONGITUDE_OF_FACE = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7];

/** Orders up to this have cell numbers that are exact in a double with some to spare. */
export const MAX_ORDER = 24;

/** Side of a cell of the order, arc seconds: the root of its area. */
export function cellSideArcsec(order: number): number {
  return ((Math.sqrt(Math.PI / 3) / 2 ** order) * 180 * 3600) / Math.PI;
}

/** Unit vector of a place into `out[0..2]`. */
export function placeToUnit(face: number, x: number, y: number, nside: number, out: Float64Array): void {
  const ring = RING_OF_FACE[face] - (x + y) / nside;
  // distance from the pole, in the units of a ring, where the cap is; 1 in the belt
  const cap = ring < 1 ? ring : ring > 3 ? 4 - ring : 1;
  let z = ((2 - ring) * 2) / 3;
  let radius: number;
  if (cap < 1) {
    const depth = (cap * cap) / 3;
    z = ring < 1 ? 1 - depth : depth - 1;
    radius = Math.sqrt(depth * (2 - depth));
  } else radius = Math.sqrt((1 - z) * (1 + z));
  // towards the pole a face keeps its quarter of the circle while its rows become shorter
  const phi = cap > 0 ? (Math.PI / 4) * (LONGITUDE_OF_FACE[face] + (x - y) / nside / cap) : 0;
  out[0] = radius * Math.cos(phi);
  out[1] = radius * Math.sin(phi);
  out[2] = z;
}

/** The place of a unit vector. */
export function unitToPlace(ux: number, uy: number, uz: number, nside: number): FacePlace {
  const turn = (Math.atan2(uy, ux) * 2) / Math.PI;
  const quarters = turn < 0 ? turn + 4 : turn;
  if (Math.abs(uz) <= 2 / 3) {
    const rising = 0.5 + quarters - 0.75 * uz;
    const falling = 0.5 + quarters + 0.75 * uz;
    const [p, m] = [Math.floor(rising), Math.floor(falling)];
    const face = p === m ? (p & 3) + 4 : p < m ? p & 3 : (m & 3) + 8;
    return { face, x: (falling - m) * nside, y: (1 - (rising - p)) * nside };
  }
  const quarter = Math.min(3, Math.floor(quarters));
  const part = quarters - quarter;
  // sqrt(3 (1 - |z|)), by the distance from the axis: exact near the pole
  const cap = Math.hypot(ux, uy) * Math.sqrt(3 / (1 + Math.abs(uz)));
  const [p, m] = [Math.min(1, part * cap), Math.min(1, (1 - part) * cap)];
  return uz > 0
    ? { face: quarter, x: (1 - m) * nside, y: (1 - p) * nside }
    : { face: quarter + 8, x: p * nside, y: m * nside };
}

/** Nested number of the cell in column `ix`, row `iy` of a face. */
export function cellNumber(order: number, face: number, ix: number, iy: number): number {
  let [number, weight] = [face * 4 ** order, 1];
  for (let x = ix, y = iy; x > 0 || y > 0; x = Math.floor(x / 2), y = Math.floor(y / 2)) {
    number += weight * ((x % 2) + 2 * (y % 2));
    weight *= 4;
  }
  return number;
}

/** Face, column and row of a cell. */
export function cellPlace(order: number, number: number): { face: number; ix: number; iy: number } {
  const perFace = 4 ** order;
  const face = Math.floor(number / perFace);
  let [rest, weight, ix, iy] = [number - face * perFace, 1, 0, 0];
  while (rest > 0) {
    const pair = rest % 4;
    ix += weight * (pair & 1);
    iy += weight * (pair >> 1);
    rest = (rest - pair) / 4;
    weight *= 2;
  }
  return { face, ix, iy };
}

/** Number of the cell that holds a unit vector. */
export function cellOfUnit(order: number, ux: number, uy: number, uz: number): number {
  const nside = 2 ** order;
  const { face, x, y } = unitToPlace(ux, uy, uz, nside);
  const whole = (v: number) => Math.min(nside - 1, Math.max(0, Math.floor(v)));
  return cellNumber(order, face, whole(x), whole(y));
}

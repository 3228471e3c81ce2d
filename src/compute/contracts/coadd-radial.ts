// Adds one slot of a cube to running sums, each sample weighted by how far from the middle of its frame it was taken.
import { BLOCK_SIZE, MAP_STRIDE } from '../constants.js';
import { defineContract } from '../contract.js';

/** Intervals of the table of weights from the middle of a frame to its corners. */
export const RADIAL_TABLE_SIZE = 1024;

interface RadialCell {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
}

const perPixel = (p: RadialCell) => p.planes * p.width * p.height;

/**
 * Of a valid sample v at frame position (x, y), by the slot's map as in `warp`: t = min(1, invRadius * distance from (centreX, centreY)); r = the table
 * at t RADIAL_TABLE_SIZE, interpolated linearly; w = frame_weights[slot*planes + c]. Then sum += w r (v - mean), weight += w r, square += w r^2, with `mean` a value
 * near the samples, which keeps the digits. weight^2 / square is the weight that the mean of the samples has in the end.
 */
export const coaddRadial = defineContract({
  stem: 'coadd-radial',
  params: {
    width: 'u32',
    height: 'u32',
    planes: 'u32',
    slots: 'u32',
    slot: 'u32',
    centreX: 'f32',
    centreY: 'f32',
    invRadius: 'f32',
  },
  buffers: [
    { name: 'cube', element: 'f32', access: 'read', length: (p) => p.slots * perPixel(p), touched: perPixel },
    {
      name: 'frame_weights',
      element: 'f32',
      access: 'read',
      length: (p) => p.slots * p.planes,
      touched: (p) => p.planes,
    },
    {
      name: 'map',
      element: 'f32',
      access: 'read',
      length: (p) => Math.ceil(p.width / BLOCK_SIZE) * Math.ceil(p.height / BLOCK_SIZE) * MAP_STRIDE,
    },
    { name: 'radial', element: 'f32', access: 'read', length: () => RADIAL_TABLE_SIZE + 2 },
    { name: 'mean', element: 'f32', access: 'read', length: perPixel },
    { name: 'sum', element: 'f32', access: 'update', length: perPixel },
    { name: 'weight', element: 'f32', access: 'update', length: perPixel },
    { name: 'square', element: 'f32', access: 'update', length: perPixel },
  ],
  threads: (p) => [p.width, p.height, p.planes],
  stencil: 0,
});

/** How weights fall towards the edges of a frame. */
export interface RadialShape {
  /** Distance at which they reach the floor, as a part of half the diagonal. */
  readonly featherFraction: number;
  /** Exponent of the cosine. */
  readonly power: number;
  readonly floor: number;
}

/** Table of max(floor, cos(pi/2 min(1, t / featherFraction))^power), t from 0 to 1, with one guard entry. */
export function radialTable({ featherFraction, power, floor }: RadialShape): Float32Array {
  const table = new Float32Array(RADIAL_TABLE_SIZE + 2);
  for (let i = 0; i < table.length; i++) {
    const t = Math.min(1, i / RADIAL_TABLE_SIZE / featherFraction);
    table[i] = Math.max(floor, Math.cos((Math.PI / 2) * t) ** power);
  }
  return table;
}

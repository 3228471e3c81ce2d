// Drops the raw samples of one frame window onto a cell of the output grid (variable-pixel linear reconstruction, Fruchter & Hook 2002, PASP 114, 144).
import { BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../constants.js';
import { defineContract } from '../contract.js';
import { RADIAL_TABLE_SIZE } from './coadd-radial.js';

/** An overlap smaller than this part of a drop is none: below it float32 knows no areas. */
export const DRIZZLE_LEAST = 1e-4;

interface DrizzleShape {
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly planes: number;
}

const perPixel = (p: DrizzleShape) => p.planes * p.cellWidth * p.cellHeight;

/**
 * Pixel (x, y) of the cell is, in the frame, the quadrilateral whose corners are the positions of (x +- 1/2, y +- 1/2) by the map of its own block, as in `warp`. Raw
 * pixel k of the window is a square drop of side `pixfrac` about its centre. With `bayer` 1 the image is one plane, and plane c takes the pixels of colour c (`pattern` as in
 * demosaic-bilinear, for the frame's pixel (0, 0)); with 0 it has a plane of pixels for each.
 * Where the slot's sample of the cube is valid, for each valid raw pixel v of the plane whose drop has the part a >= DRIZZLE_LEAST in the quadrilateral:
 *   sum += w r a u, weight += w r a, square += w r^2 a^2; and frames += 1 where there was at least one,
 * with w = frame_weights[slot*planes + c], u the levelled sample as in `warp` at the pixel's own centre, and r the radial weight as in `coadd-radial` there, whose centre is
 * that of the level coordinates. What the stack has rejected, or what lies outside, must be blank in the cube: its frame adds nothing to that pixel. sum / weight is the drizzled value,
 * weight^2 / square its inverse variance where w is that of a raw pixel. The parts of a drop sum to 1 over all output pixels: flux is conserved.
 * `sums` holds sum, weight, square and frames one after the other.
 */
export const drizzle = defineContract({
  stem: 'drizzle',
  params: {
    cellWidth: 'u32',
    cellHeight: 'u32',
    windowWidth: 'u32',
    windowHeight: 'u32',
    windowX: 'i32',
    windowY: 'i32',
    slot: 'u32',
    slots: 'u32',
    planes: 'u32',
    bayer: 'u32',
    pattern: 'u32',
    pixfrac: 'f32',
    centreX: 'f32',
    centreY: 'f32',
    invScale: 'f32',
    invRadius: 'f32',
  },
  buffers: [
    {
      name: 'image',
      element: 'f32',
      access: 'read',
      length: (p) => (p.bayer === 1 ? 1 : p.planes) * p.windowWidth * p.windowHeight,
    },
    {
      name: 'map',
      element: 'f32',
      access: 'read',
      length: (p) => Math.ceil(p.cellWidth / BLOCK_SIZE) * Math.ceil(p.cellHeight / BLOCK_SIZE) * MAP_STRIDE,
    },
    { name: 'levels', element: 'f32', access: 'read', length: (p) => p.planes * (1 + LEVEL_TERMS) },
    { name: 'radial', element: 'f32', access: 'read', length: () => RADIAL_TABLE_SIZE + 2 },
    {
      name: 'frame_weights',
      element: 'f32',
      access: 'read',
      length: (p) => p.slots * p.planes,
      touched: (p) => p.planes,
    },
    { name: 'cube', element: 'f32', access: 'read', length: (p) => p.slots * perPixel(p), touched: perPixel },
    { name: 'sums', element: 'f32', access: 'update', length: (p) => 4 * perPixel(p) },
  ],
  threads: (p) => [p.cellWidth, p.cellHeight, p.planes],
  stencil: 2,
});

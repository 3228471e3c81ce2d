// Resamples the planes of one frame window onto a cell of the output grid, levels corrected, into one slot of the sample cube.
import { BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../constants.js';
import { type BufferRole, defineContract } from '../contract.js';

/** `kernel` of the warp. */
export const WARP_NEAREST = 0;
export const WARP_BILINEAR = 1;
export const WARP_LANCZOS3 = 2;

/** Parameters that warp and warp-cfa share; both put their own one behind them. */
export const WARP_PARAMS = {
  cellWidth: 'u32',
  cellHeight: 'u32',
  windowWidth: 'u32',
  windowHeight: 'u32',
  windowX: 'i32',
  windowY: 'i32',
  frameWidth: 'u32',
  frameHeight: 'u32',
  slot: 'u32',
  slots: 'u32',
  kernel: 'u32',
  centreX: 'f32',
  centreY: 'f32',
  invScale: 'f32',
} as const;

type WarpShape = { readonly [K in 'cellWidth' | 'cellHeight' | 'slots']: number };

/** Roles behind the image that warp and warp-cfa share, for `planes(params)` planes. */
export const warpRoles = <P extends WarpShape>(planes: (params: P) => number): BufferRole<P>[] => [
  {
    name: 'map',
    element: 'f32',
    access: 'read',
    length: (p) => Math.ceil(p.cellWidth / BLOCK_SIZE) * Math.ceil(p.cellHeight / BLOCK_SIZE) * MAP_STRIDE,
  },
  { name: 'levels', element: 'f32', access: 'read', length: (p) => planes(p) * (1 + LEVEL_TERMS) },
  { name: 'lanczos', element: 'f32', access: 'read', length: () => LANCZOS_TABLE_SIZE * 3 + 2 },
  {
    name: 'cube',
    element: 'f32',
    access: 'update',
    length: (p) => p.slots * planes(p) * p.cellWidth * p.cellHeight,
    touched: (p) => planes(p) * p.cellWidth * p.cellHeight,
  },
];

/** Intervals of the Lanczos-3 table per pixel; values are interpolated linearly between entries (error < 1e-6 of the peak). */
export const LANCZOS_TABLE_SIZE = 4096;

/**
 * Thread (x, y) of the cell belongs to block (bx, by) = (x, y) / BLOCK_SIZE; with u = (x mod BLOCK_SIZE - (BLOCK_SIZE - 1)/2) / (BLOCK_SIZE/2)
 * and v alike (exact in float32), the frame position (0-based, centre of the first pixel = 0) is base + sum_ij c[3j+i] u^i v^j, i, j in 0..2,
 * the base an integer. The sum is r0 + v (r1 + v r2), r_j = c[3j] + u (c[3j+1] + u c[3j+2]), every operation rounded to float32 (a device
 * that contracts differs in the last bits); integer pixel k = base + floor(sum), fraction f = sum - floor(sum). Map layout per block: baseX,
 * baseY, 9 coefficients of x, 9 of y. A block without overlap has all its pixels outside the window.
 *
 * Taps along each axis: nearest floor(position + 0.5), bilinear k and k + 1 with weights 1 - f and f, Lanczos-3 k - 2 .. k + 3 with
 * weights L(|f + 2 - i|), i = 0..5. Weights of the taps are normalised over the valid ones (inside the window, not blank); the sample is BLANK_VALUE when the position
 * lies outside [-0.5, frameSize - 0.5] or the valid weights sum to less than 0.5 of the full sum. The normalised sum is
 * v_min + sum w (v - v_min) / sum w, which leaves constant images exactly constant. Lanczos-3 (Duchon 1979) has separable weights
 * L(t) = sinc(t) sinc(t / 3), right to 1e-6: from the table (`lanczos`, LANCZOS_TABLE_SIZE*3+2 entries, |t| in [0, 3]) where lookups are cheap, as they are on
 * a processor, or worked out, as shaders do, which leave the table alone; with v_min the least valid tap, P and N the sums of positive and
 * |negative| weight * (v - v_min): where N > clampThreshold * P the negative taps are left out (weights renormalised), which keeps dark rings
 * from forming around bright stars.
 *
 * sample = gain[c] * (value - level_c(X, Y)), X = (x - centreX) * invScale, Y = (y - centreY) * invScale, level_c over the terms
 * 1, X, Y, X^2, XY, Y^2. `levels` holds per plane: gain, then LEVEL_TERMS coefficients. Result at cube[(slot*planes + c)*cellWidth*cellHeight + y*cellWidth + x].
 */
export const warp = defineContract({
  stem: 'warp',
  params: { ...WARP_PARAMS, planes: 'u32', clampThreshold: 'f32' },
  buffers: [
    {
      name: 'planes',
      element: 'f32',
      access: 'read',
      length: (p) => p.planes * p.windowWidth * p.windowHeight,
    },
    ...warpRoles((p: WarpShape & { readonly planes: number }) => p.planes),
  ],
  threads: (p) => [p.cellWidth, p.cellHeight, 1],
  stencil: 3,
});

let known: Float32Array | undefined;

/** Table of the Lanczos-3 kernel L(t) = sinc(t) sinc(t/3), |t| in [0, 3], one guard entry; computed in f64, stored in f32. It is everybody's: to be read only. */
export function lanczosTable(): Float32Array {
  if (known) return known;
  const table = (known = new Float32Array(LANCZOS_TABLE_SIZE * 3 + 2));
  for (let i = 0; i < LANCZOS_TABLE_SIZE * 3; i++) {
    const t = (Math.PI * i) / LANCZOS_TABLE_SIZE;
    table[i] = i === 0 ? 1 : (3 * Math.sin(t) * Math.sin(t / 3)) / (t * t);
  }
  return table;
}

// Sizes and addresses of the joint adjustment's least-squares problem, as `src/astrometry/adjust/adjust-system.ts` lays it out.

export const FRAME_TERMS: u32 = 6;
export const DISTORTION_TERMS: u32 = 16;
/** Powers of a coordinate in products of two terms of third order. */
export const MOMENTS: u32 = 7;
/** Where the x and the y coefficients of a distortion's powers begin; before them stand two of shear. */
export const POWERS_X: u32 = 2;
export const POWERS_Y: u32 = 9;

@unmanaged
export class AdjustProblem {
  frames: u32;
  optics: u32;
  links: u32;
  nodes: u32;
  /** u32 [frames + 1], u32 [links]: a frame's links, and each one's node. */
  start: usize;
  node: usize;
  /** f32 [links, 2], [links, 2], [links]: `LinkRows`. */
  base: usize;
  raw: usize;
  weight: usize;
  /** f64 [nodes, 2], [nodes]: `SystemNodes`; [nodes] each, [nodes, 3] each: `NodeAxes`. */
  pull: usize;
  nodeWeight: usize;
  x0: usize;
  y0: usize;
  z0: usize;
  east: usize;
  north: usize;
  /** f64 [frames, 14] */
  planes: usize;
  /** u32 [frames], u32 [optics] */
  opticsOf: usize;
  order: usize;
  /** u8 [frames]; f64 [frames, 4]: standard deviations of shift, rotation, scale, shear; f64 [frames, 6]. */
  held: usize;
  prior: usize;
  corrected: usize;
  /** i32 [16, 6]: factor and powers of a term in x, then in y. */
  parts: usize;
  /** Standard deviation of a distortion's term. */
  distortionSigma: usize;
  /** f64 [nodes, 3], [nodes, 2] */
  inverse: usize;
  steps: usize;
  /** f64 [links, 2] */
  values: usize;
  /** f64 [frames, 6, 6], [optics, 16, 16], [optics, 7, 7] */
  blocks: usize;
  opticsBlocks: usize;
  moments: usize;
  /** f64 [6 frames + 16 optics] each */
  x: usize;
  r: usize;
  p: usize;
  q: usize;
  z: usize;
  /** f32 [links, 4] d(pixel)/d(node's east, north), [links, 2] node's pixel - base of the star, and what is left of it */
  jacobian: usize;
  residual: usize;
  left: usize;

  get size(): u32 {
    return FRAME_TERMS * this.frames + DISTORTION_TERMS * this.optics;
  }

  /** Number of the first term of distortion `o` among all that is sought. */
  opticsAt(o: u32): u32 {
    return FRAME_TERMS * this.frames + DISTORTION_TERMS * o;
  }
}

/** Whether the term belongs to distortions of that order. */
export function termAllowed(term: u32, order: u32): bool {
  if (term < POWERS_X) return true;
  return (term - POWERS_X) % (POWERS_Y - POWERS_X) < 3 ? order >= 2 : order >= 3;
}

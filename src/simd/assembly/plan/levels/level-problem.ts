/** The level solve's sizes and addresses: `src/photometry/levels/level-system.ts` makes this record. Observations are those that `levelGather` leaves. */
@unmanaged
export class LevelProblem {
  frames: u32;
  terms: u32;
  nodes: u32;
  /** u32 [frames + 1] */
  start: usize;
  /** u32, then f32 [observations] */
  node: usize;
  level: usize;
  sigma: usize;
  x: usize;
  y: usize;
  /** u32 [nodes] */
  seen: usize;
  /** u8 [frames] */
  held: usize;
  /** f64 [6] */
  ridge: usize;
  /** f64 [observations] */
  robust: usize;
  weight: usize;
  residual: usize;
  /** f64: room for sizes of residuals, or values of a frame, and to select among them. */
  sizes: usize;
  spare: usize;
  /** f64 [nodes] */
  nodeWeight: usize;
  nodeMean: usize;
  sky: usize;
  /** f64 [frames, terms, terms] */
  blocks: usize;
  /** f64 [frames, terms] */
  p: usize;
  left: usize;
  direction: usize;
  product: usize;
  scaled: usize;
}

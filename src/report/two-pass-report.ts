// What the second pass over measured residuals found and did: docs/output.md. Figures per plane, in the order of the planes.

export interface TwoPassReport {
  /** Places on the edges of frames that were looked at. */
  readonly places: number;
  /** Steps there, root mean square, before and after; equal where nothing was altered. */
  readonly step_before_adu: readonly number[];
  readonly step_after_adu: readonly number[];
  /** Part of the steps' size that steps elsewhere told, and that over its standard error. */
  readonly explained: readonly number[];
  readonly significance: readonly number[];
  /** Farthest that a frame was off at its edge; 0 where nothing was altered. */
  readonly largest_adu: readonly number[];
}

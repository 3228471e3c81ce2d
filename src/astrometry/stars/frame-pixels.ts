// A frame's samples in memory with its background: what star detection works on.
import type { CfaSites } from '../../photometry/background-mesh.js';
import type { LevelGrid } from '../../photometry/level-grid.js';

export interface FramePixels {
  readonly width: number;
  readonly height: number;
  /** One plane, or three of them; `[height, width]`, physical values in ADU, NaN where blank. */
  readonly planes: readonly Float32Array[];
  /** Colours of the sites when the one plane is a CFA. */
  readonly cfa?: CfaSites;
  /** Sky and noise, measured by `BackgroundMesher` on the same samples. */
  readonly grid: LevelGrid;
  /** ADU from which on a sample is saturated; absent when not known. */
  readonly saturation?: number;
}

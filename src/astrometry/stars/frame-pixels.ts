// A frame's samples in memory with its background: what star detection works on.
import type { CfaSites } from '../../photometry/background/background-mesh.js';
import type { LevelGrid } from '../../photometry/background/level-grid.js';
import type { Samples } from '../../photometry/samples.js';

export interface FramePixels {
  readonly width: number;
  readonly height: number;
  /** One plane, or three of them. */
  readonly planes: readonly Samples[];
  /** Colours of the sites when the one plane is a CFA. */
  readonly cfa?: CfaSites;
  /** Sky and noise, measured by `BackgroundMesher` on the same samples. */
  readonly grid: LevelGrid;
  /** ADU from which on a sample is saturated; absent when not known. */
  readonly saturation?: number;
}

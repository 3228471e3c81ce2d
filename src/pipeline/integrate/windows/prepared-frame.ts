// A frame as one cell sees it: where its pixels go, and which of them the cell needs.
import type { WindowRect } from './frame-window.js';
import type { IntegrationFrame } from './integration-frame.js';

export interface PreparedFrame {
  readonly frame: IntegrationFrame;
  /** The cell's pixel map, block by block. */
  readonly map: Float32Array;
  /** Window of the frame, with its halo. */
  readonly rect: WindowRect;
}

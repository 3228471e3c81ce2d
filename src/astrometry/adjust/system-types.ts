// The least-squares problem of the joint adjustment in numbers: its rows, its priors, its answer.
import type { SamplePasses } from '../../simd/sample-passes.js';

/** Numbers of a frame: shift x and y, then the matrix xx, xy, yx, yy; pixels, the matrix per half diagonal. */
export const FRAME_TERMS = 6;

/** Standard deviations, in pixels (rotation, scale and shear at the corner), of a frame's corrections about `prior`. */
export interface FramePrior {
  readonly shift: number;
  readonly rotation: number;
  readonly scale: number;
  readonly shear: number;
}

/**
 * One row a link, frame by frame, those of frame f `start[f] .. start[f + 1]`: in the memory of what is computed with them, for all links of thousands of frames stand nowhere twice.
 * What is taken of that memory after the rows is to be given back.
 */
export interface LinkRows {
  readonly memory: SamplePasses;
  readonly count: number;
  readonly start: Int32Array;
  /** Addresses: u32 `start`, `star` (number in its frame) and `node`, f32 the others. */
  readonly at: {
    readonly start: number;
    readonly star: number;
    readonly node: number;
    /** Base of the star over the frame's unit (for the matrix), and its raw pixel over it (for distortion), `[links, 2]`. */
    readonly base: number;
    readonly raw: number;
    /** 1 / pixels^2, before anything is doubted and as it is believed now. */
    readonly believed: number;
    readonly weight: number;
  };
}

/** Directions of the nodes and of their steps to the east and to the north, `[nodes, 3]`. */
export interface NodeAxes {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly east: Float64Array;
  readonly north: Float64Array;
}

/** Nodes with their prior: `pull` [nodes, 2] towards the catalogue's place in radians east and north, with `weight` (1 / radian^2, 0 without). */
export interface SystemNodes {
  readonly axes: NodeAxes;
  readonly pull: Float64Array;
  readonly weight: Float64Array;
}

export interface SystemFrame {
  /** `FrameModel.plane` */
  readonly plane: Float64Array;
  /** Number of the distortion that the frame shares. */
  readonly optics: number;
  /** undefined holds the frame where it is. */
  readonly prior: FramePrior | undefined;
  /** Corrections that it has already had, which the prior draws back: shift x, y, then the matrix. */
  readonly moved: Float64Array;
}

export interface SystemSolution {
  /** `[frames, 6]` and `[optics, 16]`. */
  readonly frames: Float64Array;
  readonly optics: Float64Array;
  /** Steps of the nodes, radians `[nodes, 2]`. */
  readonly nodes: Float64Array;
  /** Residuals of the links after these steps, pixels `[links, 2]`. */
  readonly residual: Float32Array;
}

// A frame on its way through a run: placed on the sky, then measured.
import type { Solution } from '../../../astrometry/solver/solve-types.js';
import type { StarList } from '../../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import type { FrameRecord } from '../../../frames/frame-record.js';
import type { FrameCalibration } from '../../calibration/frame-calibration.js';
import type { FileMark } from '../../../frames/file-mark.js';
import type { FrameMeasure } from '../../../frames/measure-frame.js';
import type { PlaneLevel } from '../../integrate/windows/integration-frame.js';

/** A light frame whose place on the sky is known. */
export interface PlacedFrame {
  readonly record: FrameRecord;
  readonly wcs: CelestialWcs;
}

/** What became of a frame that stands in the mosaic already: this run may not change it. */
export interface HeldFrame {
  /** Gain and surface per plane. */
  readonly levels: readonly PlaneLevel[];
  /** Its pixels can be read again, as they were measured. */
  readonly readable: boolean;
  /** What is known of its measure and its file, for those that go on with it. */
  readonly kept: {
    /** What the memory beside the mosaic has its measure under. */
    readonly measuredUnder: string;
    /** Digest of the calibration frames of the run that added it. */
    readonly calibration: string;
    readonly mark: FileMark;
    /** Of its file, as it was added. */
    readonly digest?: string;
  };
}

/** Which parts of a tile hold sky, and whether it is where it says. */
export interface TileExtent {
  /** Of a pixel, 0-based; bound to nothing. */
  readonly covers: (x: number, y: number) => boolean;
  /** Another tile shows other stars there, and nobody tells which is right. */
  readonly isDisputed?: boolean;
}

/** A placed frame with what its pixels showed. */
export interface MeasuredFrame extends PlacedFrame {
  /** File whose windows are read: the user's, or its expanded copy. */
  readonly readPath: string;
  readonly measure: FrameMeasure;
  readonly stars: StarList;
  /** Masters that its samples are calibrated with. */
  readonly calibration?: FrameCalibration;
  /** Of a frame that an earlier run has integrated. */
  readonly held?: HeldFrame;
  /** Of a tile. */
  readonly tile?: TileExtent;
  /** How well the stars placed it, where they did. */
  readonly solution?: Pick<Solution, 'matched' | 'rmsPx' | 'logOdds' | 'by'>;
}

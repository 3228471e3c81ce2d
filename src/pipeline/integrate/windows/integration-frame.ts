// A frame as the integration needs it: where its samples are, what to do to them before the warp, how they count.
import { LEVEL_TERMS } from '../../../compute/constants.js';
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import type { FrameCalibration } from '../../calibration/frame-calibration.js';
import type { DefectMap } from './repair-defects.js';

/** How raw samples become planes. */
export type SensorLayout =
  /** A Bayer plane; `pattern` as in the demosaic contracts. */
  | { readonly kind: 'cfa'; readonly pattern: number }
  | { readonly kind: 'mono' }
  /** A cube of three planes. */
  | { readonly kind: 'rgb' };

/** Gain and level surface of one plane: sample = gain * (value - level(X, Y)), terms as in the warp contract. */
export interface PlaneLevel {
  readonly gain: number;
  readonly terms: Float64Array;
}

export interface IntegrationFrame {
  /** File that is read: the user's, or its decompressed copy. */
  readonly path: string;
  /** Index of the HDU that holds the image. */
  readonly hdu: number;
  readonly nx: number;
  readonly ny: number;
  readonly wcs: CelestialWcs;
  readonly sensor: SensorLayout;
  /** Its windows are read as int16 samples. */
  readonly isInt16?: boolean;
  /** Masters that the raw samples are calibrated with. */
  readonly calibration?: FrameCalibration;
  /** Hot-pixel thresholds by site parity, ADU; undefined = leave the samples as they are. */
  readonly hotPixelThresholds: readonly [number, number, number, number] | undefined;
  /** Defects of the sensor that are known by their place. */
  readonly defects?: DefectMap;
  /** Pixels, `y * nx + x` ascending, whose samples do not enter: a trail lies on a star, whose light would hide it. */
  readonly leftOut?: Uint32Array;
  /** One per plane. */
  readonly levels: readonly PlaneLevel[];
  /** Weight of a warped, levelled sample per plane. */
  readonly weights: readonly number[];
  /** Inverse variance of such a sample per plane, whatever its weight. */
  readonly inverseVariances: readonly number[];
  /** Variance of a warped sample over that of a raw one, per plane. */
  readonly varianceFactors: readonly number[];
  /** Columns and rows at each side that are left out, even; absent = none. */
  readonly edges?: { readonly x: number; readonly y: number };
  /** A tile: each of its pixels has a weight of its own, in the maps beside the image. */
  readonly isTile?: boolean;
  /** A tile whose place another contradicts: it is no judge of samples, and none of its own is judged. */
  readonly isDisputed?: boolean;
}

/** The levels as the kernels take them, per plane: gain, then the terms. */
export function levelData(levels: readonly PlaneLevel[]): Float32Array {
  const data = new Float32Array(levels.length * (1 + LEVEL_TERMS));
  levels.forEach(({ gain, terms }, c) => {
    data[c * (1 + LEVEL_TERMS)] = gain;
    data.set(terms, c * (1 + LEVEL_TERMS) + 1);
  });
  return data;
}

/** Scale of the normalised frame coordinates of level surfaces: X = (x - centreX) * invScale, in [-1, 1] along the longer side. */
export function levelCoordinates(nx: number, ny: number) {
  return { centreX: (nx - 1) / 2, centreY: (ny - 1) / 2, invScale: 2 / Math.max(nx, ny) };
}

// Whether the memory budget holds what the detection of a frame's stars takes: the whole frame is in memory meanwhile.
import type { StarList } from '../astrometry/stars/star-list.js';
import type { FrameRecord } from '../frames/frame-record.js';
import { BASE_MEMORY_BYTES } from './planning/mosaic-plan.js';

/** Images of the frame's size that detection holds beside its planes: the detection image and the filtered one, float32. */
const DETECTION_IMAGES = 2;
const MIB = 2 ** 20;

/** What stands for the stars of a frame that were not sought. */
export const NO_STARS: StarList = {
  count: 0,
  x: new Float64Array(0),
  y: new Float64Array(0),
  flux: new Float32Array(0),
  channelFlux: Array.from({ length: 3 }, () => new Float32Array(0)),
  snr: new Float32Array(0),
  fwhm: new Float32Array(0),
  ellipticity: new Float32Array(0),
  saturated: new Uint8Array(0),
  medianFwhm: NaN,
  medianEllipticity: NaN,
};

type Shape = Pick<FrameRecord, 'width' | 'height' | 'planes'>;

/** Memory that looking at a frame takes at most: its planes as float32, and the images that detection holds. */
export function lookBytes({ width, height, planes }: Shape): number {
  return 4 * width * height * (planes + DETECTION_IMAGES);
}

/** Why the stars of a frame are not sought: they would take more than the budget (in MiB). Undefined when they fit. */
export function starMemoryMessage(
  shape: Shape,
  budgetMb: number,
): { readonly code: 'solve_reject_memory'; readonly params: { needed: number; budget: number } } | undefined {
  const bytes = BASE_MEMORY_BYTES + lookBytes(shape);
  if (bytes <= budgetMb * MIB) return undefined;
  return { code: 'solve_reject_memory', params: { needed: Math.ceil(bytes / MIB), budget: budgetMb } };
}

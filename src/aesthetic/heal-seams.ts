// Steps at the edges of frames, taken out of the aesthetic product as far as its strength allows.
import type { PlaneSource } from '../output/sources/plane-source.js';
import { evenLight, type EvenLight, type MosaicFrames } from '../quality/even-light.js';

/** How far steps may be trusted beyond what they prove to be worth. */
export type HealStrength = 'low' | 'normal' | 'strong';

const FREEDOM: Readonly<Record<HealStrength, number>> = { low: 0.3, normal: 1, strong: 3 };

/** As `evenLight`, whose surfaces are to be taken off `mosaic`; nothing is altered. Rejects with the reason of `signal`. */
export function healSeams(
  mosaic: PlaneSource,
  frames: MosaicFrames,
  strength: HealStrength,
  signal?: AbortSignal,
): Promise<EvenLight> {
  return evenLight(mosaic, frames, { freedom: FREEDOM[strength], signal });
}

// A filtered frame where WebAssembly reads it.
import { sharedPasses, type SamplePasses } from '../../simd/sample-passes.js';
import type { CoarseImage } from '../stars/matched-filter.js';

/** Holds as long as the image, or until `sharedPasses` are asked for again. */
export interface PlacedCoarse extends Omit<CoarseImage, 'data' | 'made'> {
  readonly memory: SamplePasses;
  /** Address of the data. */
  readonly at: number;
}

/** Where WebAssembly has made it, or a copy in the passes' own memory: half a millisecond of a small frame, many times that is saved. */
export function placeCoarse({ data, made, ...extent }: CoarseImage): PlacedCoarse {
  if (made) return { ...extent, ...made };
  const memory = sharedPasses();
  return { ...extent, memory, at: memory.put(data) };
}

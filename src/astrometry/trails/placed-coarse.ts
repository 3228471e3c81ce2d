// A filtered frame where WebAssembly reads it.
import { sharedPasses, type SamplePasses } from '../../simd/sample-passes.js';
import type { CoarseImage } from '../stars/matched-filter.js';

/** Holds until `sharedPasses` are asked for again. */
export interface PlacedCoarse extends Omit<CoarseImage, 'data'> {
  readonly memory: SamplePasses;
  /** Address of the data. */
  readonly at: number;
}

/** A copy in the passes' own memory: half a millisecond of a small frame, many times that is saved. */
export function placeCoarse({ data, ...extent }: CoarseImage): PlacedCoarse {
  const memory = sharedPasses();
  const at = memory.take(data.byteLength);
  new Float32Array(memory.buffer, at, data.length).set(data);
  return { ...extent, memory, at };
}

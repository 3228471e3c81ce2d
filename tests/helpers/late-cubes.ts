// What a backend takes for late cubes, for tests that count bytes.
import type { LateCubes } from '../../src/compute/backend.js';

/** Bytes of samples and warps alone. */
export const lateCubesOf = (
  of: Pick<LateCubes, 'windowPixelBytes' | 'storedPixelBytes' | 'slotBytes'> & Partial<LateCubes>,
): LateCubes => ({ handBytes: 0, handLeastBytes: 0, handMostBytes: 0, partPixelBytes: 0, ...of });

// Defects of a sensor that are known by their place: in each window they get the median of their sound neighbours.
import { BLANK_LIMIT } from '../../compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../compute/contracts/decode.js';
import type { WindowRect, WindowSamples } from './frame-window.js';

/** Pixels of a frame, `y * nx + x` ascending, whose samples say nothing. */
export interface DefectMap {
  readonly pixels: Uint32Array;
  /** Tells maps apart. */
  readonly digest: string;
}

/** How far away, in pixels, a defect's neighbours lie at most. */
export const DEFECT_REACH = 2;

/**
 * In place, in samples of one plane: every defect inside the window becomes the median of the up to eight samples at distance `step` (2 on a CFA) that are
 * valid and no defects; without any it stays. What a window gives is what the whole frame gives wherever DEFECT_REACH pixels around are inside it.
 */
export function repairDefects(
  samples: WindowSamples,
  rect: WindowRect,
  nx: number,
  step: 1 | 2,
  { pixels }: DefectMap,
): void {
  const plane = planeOf(samples);
  for (let y = rect.y0; y < rect.y0 + rect.height; y++) {
    const end = y * nx + rect.x0 + rect.width;
    for (let k = lowerBound(pixels, y * nx + rect.x0); k < pixels.length && pixels[k] < end; k++) {
      const x = pixels[k] - y * nx;
      const around: number[] = [];
      for (let j = -step; j <= step; j += step) {
        for (let i = -step; i <= step; i += step) {
          const [wx, wy] = [x + i - rect.x0, y + j - rect.y0];
          if (wx < 0 || wy < 0 || wx >= rect.width || wy >= rect.height) continue;
          // the defect itself is one of those that are left out
          if (holds(pixels, (y + j) * nx + x + i)) continue;
          const value = plane.get(wy * rect.width + wx);
          if (value !== undefined) around.push(value);
        }
      }
      if (around.length === 0) continue;
      around.sort((a, b) => a - b);
      const middle = around.length >> 1;
      const median = around.length % 2 === 1 ? around[middle] : (around[middle - 1] + around[middle]) / 2;
      plane.set((y - rect.y0) * rect.width + x - rect.x0, median);
    }
  }
}

/** Samples by their index, in their own units; undefined where there is none. */
interface SamplePlane {
  readonly get: (index: number) => number | undefined;
  readonly set: (index: number, value: number) => void;
}

function planeOf(samples: WindowSamples): SamplePlane {
  if (samples.form === 'physical') {
    const { values } = samples;
    return {
      get: (index) => (values[index] > BLANK_LIMIT ? values[index] : undefined),
      set: (index, value) => (values[index] = value),
    };
  }
  const { bytes, sampleType, blank } = samples;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = (value: number) => (value === blank || !Number.isFinite(value) ? undefined : value);
  if (sampleType === SAMPLE_F32) {
    return {
      get: (index) => known(view.getFloat32(4 * index)),
      set: (index, value) => view.setFloat32(4 * index, value),
    };
  }
  if (sampleType === SAMPLE_I16) {
    return {
      get: (index) => known(view.getInt16(2 * index)),
      set: (index, value) => view.setInt16(2 * index, Math.round(value)),
    };
  }
  return {
    get: (index) => known(bytes[index]),
    set: (index, value) => (bytes[index] = Math.round(value)),
  };
}

/** Index of the first entry that is not below `value`. */
function lowerBound(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function holds(sorted: Uint32Array, value: number): boolean {
  return sorted[lowerBound(sorted, value)] === value;
}

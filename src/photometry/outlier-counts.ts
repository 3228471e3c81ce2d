// How often each pixel of a sensor stands out from its neighbours, frame after frame: a defect does always, a star that moves across the sensor hardly ever.

/** A frame as the count takes it: rows [first, first + rows) of the samples, NaN or not finite where there is none. */
export interface SampleRows {
  readonly samples: Float32Array;
  readonly width: number;
  readonly rows: number;
  /** Row of the frame that the samples begin with, and rows of the frame. */
  readonly first: number;
  readonly height: number;
}

/** ADU by which a sample must stand out, by site parity (y & 1) * 2 + (x & 1). */
export type OutlierLimits = readonly [number, number, number, number];

/** Neighbours of a sample at distance `step`. */
const AROUND = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [-1, 0],
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;
/** More than half of the eight: a sample beyond the median of its neighbours. The rim of a star lies above four of them at most. */
const MOST = 5;

/**
 * Adds to `counts` (a byte a pixel of the rows [from, to)) 1 where a sample lies above at least five of its eight neighbours at distance `step` by more than its limit, and
 * -1 where it lies as far below. Pixels within `step` of the rim of the frame are not counted. What this says `src/simd` does for 16-bit integers.
 */
export function countOutliers(
  counts: Int8Array,
  { samples, width, first, height, rows }: SampleRows,
  from: number,
  to: number,
  step: 1 | 2,
  limits: OutlierLimits,
): void {
  const offsets = AROUND.map(([i, j]) => step * (j * width + i));
  const start = Math.max(from, step, first + step);
  const end = Math.min(to, height - step, first + rows - step);
  for (let y = start; y < end; y++) {
    const row = (y - first) * width;
    for (let x = step; x < width - step; x++) {
      const at = row + x;
      const limit = limits[(y & 1) * 2 + (x & 1)];
      const v = samples[at];
      // Five of eight are beyond the limit only where one of these four is: most samples need no closer look.
      if (
        Math.abs(v - samples[at - step]) <= limit &&
        Math.abs(v - samples[at + step]) <= limit &&
        Math.abs(v - samples[at - step * width]) <= limit &&
        Math.abs(v - samples[at + step * width]) <= limit
      )
        continue;
      let [higher, lower] = [0, 0];
      for (const offset of offsets) {
        const excess = v - samples[at + offset];
        if (excess > limit) higher++;
        else if (excess < -limit) lower++;
      }
      if (higher >= MOST) counts[(y - from) * width + x]++;
      else if (lower >= MOST) counts[(y - from) * width + x]--;
    }
  }
}

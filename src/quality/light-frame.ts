// A frame on the mosaic as what it may have too much or too little of against the others: a level and a slope.

export interface LightFrame {
  /** Corner first, x, y pairs on the mosaic. */
  readonly outline: Float64Array;
  /** What it weighs in the mean. */
  readonly weight: number;
}

/** Terms of a frame's light: 1, X, Y. */
export const LIGHT_TERMS = 3;

/** Coordinates of a frame's light on the mosaic, X = (x - centreX) * invScale: about -1 to 1 along the longer side. */
export function lightCoordinates(outline: Float64Array) {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < outline.length; i += 2) {
    [x0, x1] = [Math.min(x0, outline[i]), Math.max(x1, outline[i])];
    [y0, y1] = [Math.min(y0, outline[i + 1]), Math.max(y1, outline[i + 1])];
  }
  return { centreX: (x0 + x1) / 2, centreY: (y0 + y1) / 2, invScale: 2 / Math.max(x1 - x0, y1 - y0, 1) };
}

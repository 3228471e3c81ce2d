// The contract of a distortion: a map of the plane onto itself and its inverse, both without allocation.

/** Writes the image of (x, y) into out[0], out[1]; `invert` returns false where it finds no inverse. */
export interface Distortion {
  apply(x: number, y: number, out: Float64Array): void;
  invert(x: number, y: number, out: Float64Array): boolean;
}

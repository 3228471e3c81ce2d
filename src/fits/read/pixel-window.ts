// A rectangle of one plane of an image.

/** 0-based: `x0`, `y0` is the first pixel; the window lies wholly inside the image. */
export interface PixelWindow {
  /** Index over all leading axes, flattened; 0 by default. */
  readonly plane?: number;
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

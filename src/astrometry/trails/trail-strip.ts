// What a satellite or an aircraft left on a frame: a straight strip.

/** In FITS pixel coordinates less 1 (centre of the first pixel = 0): x nx + y ny = offset, with (nx, ny) of length 1. */
export interface TrailStrip {
  readonly nx: number;
  readonly ny: number;
  readonly offset: number;
  /** Ends along (ny, -nx), pixels. */
  readonly from: number;
  readonly to: number;
  /** Light of it reaches this far to either side, pixels. */
  readonly halfWidth: number;
  /** Height of its mean profile over the noise of that. */
  readonly snr: number;
}

/** Whether (x, y) lies on the strip, or within `margin` of it. */
export function isOnStrip(
  { nx, ny, offset, from, to, halfWidth }: TrailStrip,
  x: number,
  y: number,
  margin = 0,
): boolean {
  if (Math.abs(x * nx + y * ny - offset) > halfWidth + margin) return false;
  const along = x * ny - y * nx;
  return along >= from - margin && along <= to + margin;
}

/** The place in the middle of a strip at `along`. */
export function pointAt({ nx, ny, offset }: TrailStrip, along: number): [number, number] {
  return [offset * nx + along * ny, offset * ny - along * nx];
}

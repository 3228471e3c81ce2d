// Round parts of a frame as a list of its pixels.

/** A round part of a frame, 0-based pixels. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Pixels whose centres lie in any of the discs, as `y * nx + x`, ascending, each once. */
export function discPixels(discs: readonly Disc[], nx: number, ny: number): Uint32Array {
  const inside = new Set<number>();
  for (const { x, y, radius } of discs) {
    const lastRow = Math.min(ny - 1, Math.floor(y + radius));
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= lastRow; row++) {
      const half = Math.sqrt(radius ** 2 - (row - y) ** 2);
      const last = Math.min(nx - 1, Math.floor(x + half));
      for (let column = Math.max(0, Math.ceil(x - half)); column <= last; column++)
        inside.add(row * nx + column);
    }
  }
  return Uint32Array.from(inside).sort();
}

// Which part of an image is on the screen. Image positions are 0-based from the top left corner; the first FITS row is at the bottom.
export interface Viewport {
  /** Image position in the middle of the screen. */
  readonly cx: number;
  readonly cy: number;
  /** Screen pixels an image pixel takes. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MOST_SCALE = 32;

/** All of the image. */
export function fitted(image: Size, screen: Size): Viewport {
  const scale = Math.min(screen.width / image.width, screen.height / image.height);
  return { cx: image.width / 2, cy: image.height / 2, scale: scale || 1 };
}

/** Moved and zoomed within what makes sense: never far smaller than the screen, never out of sight. */
export function bounded({ cx, cy, scale }: Viewport, image: Size, screen: Size): Viewport {
  const least = Math.min(fitted(image, screen).scale, 1) / 2;
  return {
    cx: Math.min(image.width, Math.max(0, cx)),
    cy: Math.min(image.height, Math.max(0, cy)),
    scale: Math.min(MOST_SCALE, Math.max(least, scale)),
  };
}

/** Zoomed by a factor about a point of the screen, which stays where it is. */
export function zoomed(view: Viewport, factor: number, at: { x: number; y: number }, screen: Size): Viewport {
  const [dx, dy] = [at.x - screen.width / 2, at.y - screen.height / 2];
  const scale = Math.min(MOST_SCALE, view.scale * factor);
  return {
    cx: view.cx + dx / view.scale - dx / scale,
    cy: view.cy + dy / view.scale - dy / scale,
    scale,
  };
}

/** Image position of a point of the screen. */
export function imageAt(
  { cx, cy, scale }: Viewport,
  at: { x: number; y: number },
  screen: Size,
): [number, number] {
  return [cx + (at.x - screen.width / 2) / scale, cy + (at.y - screen.height / 2) / scale];
}

/** Point of the screen of an image position. */
export function screenAt({ cx, cy, scale }: Viewport, x: number, y: number, screen: Size): [number, number] {
  return [(x - cx) * scale + screen.width / 2, (y - cy) * scale + screen.height / 2];
}

/** Level whose pixels are at least as fine as the screen's. */
export function levelFor(scale: number, levels: number): number {
  return Math.max(0, Math.min(levels - 1, Math.floor(Math.log2(1 / scale) + 0.2)));
}

// What is drawn over the mosaic: outlines of the frames, stars of the catalogue.
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import type { CatalogueStarMark, ImageInfo } from '../../api.js';
import type { FrameState } from '../run-model.js';
import { screenAt, type Size, type Viewport } from './viewport.js';

export interface OverlayScene {
  readonly image: ImageInfo;
  readonly view: Viewport;
  readonly screen: Size;
  readonly wcs: CelestialWcs | undefined;
  readonly footprints: readonly FrameState[];
  readonly stars: readonly CatalogueStarMark[];
}

const FRAME_COLOUR = 'rgba(92, 200, 215, 0.55)';
const STAR_COLOUR = 'rgba(242, 179, 92, 0.9)';
const MISSED_COLOUR = 'rgba(200, 208, 222, 0.7)';

export function drawOverlays(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const { image, view, screen, wcs, footprints, stars } = scene;
  /** Screen point of a FITS pixel position. */
  const at = (x: number, y: number): [number, number] => screenAt(view, x - 0.5, image.ny - y + 0.5, screen);
  context.lineWidth = 1;
  context.strokeStyle = FRAME_COLOUR;
  for (const { measured } of wcs ? footprints : []) {
    const points = (measured?.corners ?? []).map(([ra, dec]) => wcs?.skyToPixel(ra, dec));
    if (points.length === 0) continue;
    context.beginPath();
    for (const point of points) if (point) context.lineTo(...at(point[0], point[1]));
    context.closePath();
    context.stroke();
  }
  for (const { x, y, mag, found } of stars) {
    // A star that the mosaic shows has its ring there; one that it does not, a dashed one where it should be.
    const [sx, sy] = at(...(found ?? ([x, y] as const)));
    context.strokeStyle = found ? STAR_COLOUR : MISSED_COLOUR;
    context.setLineDash(found === null ? [3, 3] : []);
    if (sx < -20 || sy < -20 || sx > screen.width + 20 || sy > screen.height + 20) continue;
    context.beginPath();
    context.arc(sx, sy, Math.max(4, 14 - mag), 0, 2 * Math.PI);
    context.stroke();
  }
  context.setLineDash([]);
}

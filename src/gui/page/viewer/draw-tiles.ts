// Draws the tiles that the screen shows: the coarsest first, so that something stands everywhere until the finer ones come.
import type { Stretch } from '../../../output/picture/stretch.js';
import type { ImageInfo } from '../../api.js';
import { tilePicture } from './tile-picture.js';
import type { TileStore } from './tile-store.js';
import { imageAt, levelFor, screenAt, type Size, type Viewport } from './viewport.js';

export interface TileScene {
  readonly image: ImageInfo;
  readonly store: TileStore;
  readonly view: Viewport;
  readonly screen: Size;
  readonly ratio: number;
  readonly stretch: Stretch;
  readonly planes: readonly number[];
  /** Stretched tiles, by their place; the caller empties it when the stretch changes. */
  readonly pictures: Map<string, OffscreenCanvas>;
}

export function drawTiles(context: CanvasRenderingContext2D, scene: TileScene): void {
  const { image, view, screen, ratio } = scene;
  context.clearRect(0, 0, screen.width, screen.height);
  const level = levelFor(view.scale * ratio, image.levels);
  // Single pixels are shown as what they are.
  context.imageSmoothingEnabled = view.scale < 2;
  context.imageSmoothingQuality = 'high';
  for (let coarse = image.levels - 1; coarse > level; coarse--)
    drawLevel(context, scene, coarse, coarse === image.levels - 1);
  drawLevel(context, scene, level, true);
}

/** `ask`: tiles that are missing are sent for. */
function drawLevel(context: CanvasRenderingContext2D, scene: TileScene, level: number, ask: boolean): void {
  const { image, store, view, screen, stretch, planes, pictures } = scene;
  const side = image.tileSize * 2 ** level;
  const [left, top] = imageAt(view, { x: 0, y: 0 }, screen);
  const [right, bottom] = imageAt(view, { x: screen.width, y: screen.height }, screen);
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most - 1, value));
  const firstX = Math.floor(clamp(left, image.nx) / side);
  const lastX = Math.floor(clamp(right, image.nx) / side);
  // Rows of tiles count from the bottom, as FITS rows do.
  const firstY = Math.floor(clamp(image.ny - bottom, image.ny) / side);
  const lastY = Math.floor(clamp(image.ny - top, image.ny) / side);
  for (let y = firstY; y <= lastY; y++) {
    for (let x = firstX; x <= lastX; x++) {
      const tile = ask ? store.get(level, x, y) : store.peek(level, x, y);
      if (!tile) continue;
      const key = `${level}/${x}/${y}`;
      let picture = pictures.get(key);
      if (!picture) pictures.set(key, (picture = tilePicture(tile, stretch, planes)));
      const [width, height] = [Math.min(side, image.nx - x * side), Math.min(side, image.ny - y * side)];
      const [sx, sy] = screenAt(view, x * side, image.ny - y * side - height, screen);
      const [ex, ey] = screenAt(view, x * side + width, image.ny - y * side, screen);
      // Whole pixels of the screen, so that no seam shows between tiles.
      context.drawImage(
        picture,
        Math.round(sx),
        Math.round(sy),
        Math.round(ex) - Math.round(sx),
        Math.round(ey) - Math.round(sy),
      );
    }
  }
}

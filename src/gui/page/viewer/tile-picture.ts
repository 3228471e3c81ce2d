// A tile as a picture: the program's own stretch on its numbers, right way up.
import { screenValues, type Stretch } from '../../../output/picture/stretch.js';
import type { TileData } from './tile-store.js';

/** `planes` names the planes that are shown: all of them in colour, or one in grey. */
export function tilePicture(tile: TileData, stretch: Stretch, planes: readonly number[]): OffscreenCanvas {
  const { width, height } = tile;
  const shown = planes.map((p) => tile.planes[p]);
  const picked: Stretch = {
    ...stretch,
    sky: planes.map((p) => stretch.sky[p] ?? stretch.sky[0]),
    gains: planes.map((p) => stretch.gains[p] ?? stretch.gains[0]),
  };
  const show = screenValues({ planes: shown }, picked);
  const picture = new OffscreenCanvas(width, height);
  const context = picture.getContext('2d');
  if (!context) return picture;
  const image = context.createImageData(width, height);
  const { data } = image;
  const row = new Uint8Array(4 * width);
  const [green, blue] = shown.length === 1 ? [0, 0] : [1, 2];
  for (let y = 0; y < height; y++) {
    row.fill(0);
    show({ start: y * width, step: 1, length: width }, row, 4);
    for (let x = 0, to = 4 * (height - 1 - y) * width; x < width; x++, to += 4) {
      data[to] = row[4 * x];
      data[to + 1] = row[4 * x + green];
      data[to + 2] = row[4 * x + blue];
      data[to + 3] = Number.isNaN(shown[0][y * width + x]) ? 0 : 255;
    }
  }
  context.putImageData(image, 0, 0);
  return picture;
}

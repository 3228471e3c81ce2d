// A frame with what was found in it: its stars, those that the catalogue confirms, and on request the catalogue and a grid of the sky.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { arraySource } from '../sources/plane-source.js';
import { binPlanes } from '../picture/bin-planes.js';
import { northUp, screenRow, type Orientation } from '../orientation.js';
import { writePng } from '../png-writer.js';
import { imageRows } from '../picture/picture-rows.js';
import { planStretch } from '../picture/plan-stretch.js';
import { screenValues } from '../picture/stretch.js';
import { Canvas, labelWidth, type Colour } from './canvas.js';
import { skyGrid, type GridPiece } from './sky-grid.js';

/** Places in an image, FITS pixel coordinates. */
export interface Places {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface StarPicture {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, FITS rows, blanks NaN. */
  readonly luminance: Float32Array;
  /** Small rings, amber. */
  readonly detected: Places;
  /** Wider rings, green. */
  readonly matched?: Places;
  /** With it north is up and east left, as near as quarter turns and mirrors allow. */
  readonly wcs?: CelestialWcs;
  /** Drawn with `wcs`: the catalogue's stars as violet diamonds, and the grid with its coordinates. */
  readonly overlay?: Places;
}

const MAX_SIDE = 2400;
/** Told apart by all eyes (Okabe & Ito 2008), and by their shapes. */
const DETECTED: Colour = [230, 159, 0];
const MATCHED: Colour = [0, 200, 130];
const CATALOGUE: Colour = [224, 130, 200];
const GRID: Colour = [86, 180, 233];
const GRID_OPACITY = 0.45;
const LABEL_MARGIN = 4;

/** Writes the PNG, atomically. @throws OutputError. */
export async function writeStarPicture(path: string, picture: StarPicture): Promise<void> {
  const { width, height, luminance, detected, matched, wcs, overlay } = picture;
  const image = await binPlanes(arraySource(width, height, [luminance]), MAX_SIDE);
  const turn = northUp(wcs, width, height);
  const [nx, ny] = turn.transpose ? [image.ny, image.nx] : [image.nx, image.ny];
  const canvas = new Canvas(nx, ny);
  const toScreen = screenValues(image, await planStretch(imageRows(image), { starBalance: false }));
  const row = new Uint8Array(nx);
  for (let y = 0; y < ny; y++) {
    toScreen(screenRow(turn, image.nx, image.ny, y), row, 1);
    for (let x = 0; x < nx; x++) canvas.pixels.fill(row[x], 3 * (y * nx + x), 3 * (y * nx + x + 1));
  }
  const place = (x: number, y: number) => onScreen(turn, image, x, y);
  const each = ({ x, y }: Places, draw: (x: number, y: number) => void): void => {
    for (let i = 0; i < x.length; i++) draw(...place(x[i], y[i]));
  };
  const pieces = wcs && overlay ? skyGrid(wcs, width, height) : [];
  drawGrid(canvas, pieces, place);
  if (overlay) each(overlay, (x, y) => canvas.diamond(x, y, 14, 1, CATALOGUE));
  each(detected, (x, y) => canvas.ring(x, y, 5, 1, DETECTED));
  if (matched) each(matched, (x, y) => canvas.ring(x, y, 9, 1.5, MATCHED));
  labelGrid(canvas, pieces, place);
  await writePng(path, { width: nx, height: ny, channels: 3, depth: 8 }, rowsOf(canvas));
}

type Place = (x: number, y: number) => [number, number];

function onScreen(
  turn: Orientation,
  { nx, ny, factor }: { readonly nx: number; readonly ny: number; readonly factor: number },
  x: number,
  y: number,
): [number, number] {
  const [bx, by] = [(x - 0.5) / factor - 0.5, (y - 0.5) / factor - 0.5];
  const [sx, sy] = turn.transpose ? [by, bx] : [bx, by];
  const [w, h] = turn.transpose ? [ny, nx] : [nx, ny];
  return [turn.flipX ? w - 1 - sx : sx, turn.flipY ? h - 1 - sy : sy];
}

function drawGrid(canvas: Canvas, pieces: readonly GridPiece[], place: Place): void {
  for (const { from, to } of pieces) canvas.line(...place(...from), ...place(...to), 1, GRID, GRID_OPACITY);
}

/** Each line is named once, where it first meets the border; names that would cover one another are left out. */
function labelGrid(canvas: Canvas, pieces: readonly GridPiece[], place: Place): void {
  const scale = Math.max(1, Math.round(Math.min(canvas.width, canvas.height) / 600));
  const taken: (readonly [number, number, number, number])[] = [];
  const named = new Set<string>();
  const height = 8 * scale;
  for (const { from, to, label } of pieces) {
    for (const end of [from, to]) {
      const [x, y] = place(...end);
      const onBorder = x < 0.5 || y < 0.5 || x > canvas.width - 1.5 || y > canvas.height - 1.5;
      if (!onBorder || named.has(label)) continue;
      const width = labelWidth(label, scale);
      const left = Math.min(Math.max(LABEL_MARGIN, x + LABEL_MARGIN), canvas.width - width - LABEL_MARGIN);
      const top = Math.min(Math.max(LABEL_MARGIN, y + LABEL_MARGIN), canvas.height - height - LABEL_MARGIN);
      const covers = taken.some(
        ([a, b, w, h]) => left < a + w && a < left + width && top < b + h && b < top + height,
      );
      if (covers) continue;
      taken.push([left, top, width, height]);
      named.add(label);
      canvas.label(label, left, top, scale, GRID);
    }
  }
}

function* rowsOf({ width, height, pixels }: Canvas): Generator<Uint8Array> {
  for (let y = 0; y < height; y++) yield pixels.subarray(3 * y * width, 3 * (y + 1) * width);
}
